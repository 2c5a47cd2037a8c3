/* arch/arm/trap.c - what a trap was: vectors and fault status as the contract's words.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/arm.h"
#include "arch/arm/fsr.h"
#include "arch/cpu.h"

/* The status of an abort determines its kind (fsr.c); the vector determines that of all other traps. */
static const struct { const char *name; enum trap_kind kind; bool abort; } exceptions[] = {
	[VECTOR_RESET] = { "reset", TRAP_OTHER, false },
	[VECTOR_UNDEF] = { "undefined instruction", TRAP_OTHER, false },
	[VECTOR_SVC] = { "supervisor call", TRAP_SYSCALL, false },
	[VECTOR_PREFETCH] = { NULL, TRAP_MEMORY, true },
	[VECTOR_DATA] = { NULL, TRAP_MEMORY, true },
	[VECTOR_HYP] = { "hypervisor trap", TRAP_OTHER, false },
	[VECTOR_IRQ] = { "interrupt", TRAP_IRQ, false },
	[VECTOR_FIQ] = { "fast interrupt", TRAP_OTHER, false },
	[VECTOR_STACK] = { "data abort without a kernel stack", TRAP_DOUBLE, false },
};

void arch_trap_init(void)
{
	arm_vectors_init();
	arch_user_state_init();
	arm_access_init();
	arm_gic_init();
}

enum trap_kind arm_trap_kind(const struct trap_frame *f)
{
	return exceptions[f->vector].abort ? arm_fsr(f->fsr)->kind : exceptions[f->vector].kind;
}

bool arm_fault_present(const struct trap_frame *f)
{
	return arm_fsr(f->fsr)->present;
}

const char *arch_trap_name(const struct trap_frame *f)
{
	return exceptions[f->vector].abort ? arm_fsr(f->fsr)->name : exceptions[f->vector].name;
}

uint64_t arch_trap_code(const struct trap_frame *f)
{
	return f->fsr;
}

uint64_t arch_frame_sp(const struct trap_frame *f) { return f->sp; }
uint64_t arch_frame_fp(const struct trap_frame *f) { return f->r[11]; }
void arch_frame_set_pc(struct trap_frame *f, uint64_t pc) { f->pc = (uint32_t)pc; }
unsigned arch_frame_bytes(void) { return sizeof(struct trap_frame); }

/* -mapcs-frame, in leaf functions too: the frame pointer names the last of { fp, sp, lr, pc } as pushed on entry. */
const struct arch_frame_link arch_frame_link = { .return_address = -1, .next = -3 };

/* Returns the caller's frame, because the frame of this function is invalid after its return. */
uint64_t arch_current_fp(void)
{
	return ((const uintptr_t *)__builtin_frame_address(0))[arch_frame_link.next];
}
