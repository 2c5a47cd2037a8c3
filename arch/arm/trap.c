/* arch/arm/trap.c - what a trap was: vectors and fault status as the contract's words.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/arm.h"
#include "arch/arm/cp15.h"
#include "arch/arm/fsr.h"
#include "arch/arm/frame.h"

STATIC_ASSERT(frame_is_what_assembly_makes, sizeof(struct trap_frame) == FRAME_BYTES &&
              offsetof(struct trap_frame, sp) == FRAME_SP && offsetof(struct trap_frame, lr) == FRAME_LR &&
              offsetof(struct trap_frame, pc) == FRAME_PC && offsetof(struct trap_frame, psr) == FRAME_PSR &&
              offsetof(struct trap_frame, vector) == FRAME_VECTOR && offsetof(struct trap_frame, fsr) == FRAME_FSR &&
              offsetof(struct trap_frame, uaccess) == FRAME_UACCESS);

/* Aborts are what their status says (fsr.c); the rest by vector. */
static const struct { const char *name; enum trap_kind kind; bool abort; } vectors[] = {
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
	arm_access_init();
	arm_gic_init();
}

enum trap_kind arch_trap_kind(const struct trap_frame *f)
{
	return vectors[f->vector].abort ? arm_fsr(f->fsr)->kind : vectors[f->vector].kind;
}

const char *arch_trap_name(const struct trap_frame *f)
{
	return vectors[f->vector].abort ? arm_fsr(f->fsr)->name : vectors[f->vector].name;
}

uint64_t arch_trap_code(const struct trap_frame *f)
{
	return f->fsr;
}

void arch_decode_fault(const struct trap_frame *f, struct fault *fault)
{
	bool fetch = f->vector == VECTOR_PREFETCH;

	*fault = (struct fault){
		.va = f->far, .pc = f->pc, .code = f->fsr, .from_user = arch_frame_from_user(f),
		.access = fetch ? ACCESS_EXECUTE : f->fsr & DFSR_WNR ? ACCESS_WRITE : ACCESS_READ,
		.present = arm_fsr(f->fsr)->present,
	};
}

bool arch_frame_from_user(const struct trap_frame *f) { return (f->psr & PSR_MODE_MASK) == PSR_USR; }
bool arch_frame_irqs_on(const struct trap_frame *f) { return !(f->psr & PSR_I); }
uint64_t arch_frame_sp(const struct trap_frame *f) { return f->sp; }
uint64_t arch_frame_fp(const struct trap_frame *f) { return f->r[11]; }
void arch_frame_set_pc(struct trap_frame *f, uint64_t pc) { f->pc = (uint32_t)pc; }
unsigned arch_frame_bytes(void) { return sizeof(struct trap_frame); }

/* An instruction that arch_probe() calls aborts at its own address; the one with the fix-up is the call. */
uint64_t arch_frame_pc(const struct trap_frame *f)
{
	return f->vector == VECTOR_PREFETCH && f->pc == arm_probe_target ? (uintptr_t)arm_probe_call : f->pc;
}

/* -mapcs-frame, in leaf functions too: the frame pointer names the last of { fp, sp, lr, pc } as pushed on entry. */
const struct arch_frame_link arch_frame_link = { .return_address = -1, .next = -3 };

/* The caller's: this function's own frame is gone when it has returned. */
uint64_t arch_current_fp(void)
{
	return ((const uintptr_t *)__builtin_frame_address(0))[arch_frame_link.next];
}
