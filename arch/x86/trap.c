/* arch/x86/trap.c - what a trap was: vectors as the contract's words.
 * SPDX-License-Identifier: MIT
 */
#include "arch/cpu.h"
#include "arch/trap.h"
#include "arch/x86/x86.h"

/* arch_probe is assembly. */
STATIC_ASSERT(probe_knows_these_numbers, ACCESS_READ == 0 && ACCESS_WRITE == 1 && ACCESS_EXECUTE == 2);

/* SDM vol. 3A table 6-1; TRAP_OTHER: exceptions that are never resolved. */
const uint8_t x86_trap_kinds[VECTOR_SYSCALL + 1] = {
	[0] = TRAP_OTHER, [VECTOR_DB] = TRAP_BREAK, [VECTOR_NMI] = TRAP_OTHER, [VECTOR_BP] = TRAP_BREAK,
	[VECTOR_OF ... VECTOR_DF - 1] = TRAP_OTHER, [VECTOR_DF] = TRAP_DOUBLE,
	[VECTOR_DF + 1 ... VECTOR_GP] = TRAP_OTHER,
	[VECTOR_PF] = TRAP_MEMORY, [VECTOR_PF + 1 ... VECTOR_IRQ - 1] = TRAP_OTHER,
	[VECTOR_IRQ ... VECTOR_STUBS - 1] = TRAP_IRQ, [VECTOR_SYSCALL] = TRAP_SYSCALL,
};

static const char *const names[VECTOR_IRQ] = {
	[0] = "divide error", [VECTOR_DB] = "debug exception", [VECTOR_NMI] = "non-maskable interrupt",
	[VECTOR_BP] = "breakpoint", [VECTOR_OF] = "overflow", [5] = "bound range exceeded",
	[VECTOR_UD] = "invalid opcode", [7] = "device not available",
	[VECTOR_DF] = "double fault", [9] = "coprocessor segment overrun", [10] = "invalid TSS",
	[11] = "segment not present", [12] = "stack-segment fault", [VECTOR_GP] = "general protection fault",
	[VECTOR_PF] = "page fault", [16] = "floating-point error", [17] = "alignment check", [18] = "machine check",
	[19] = "SIMD floating-point exception", [20] = "virtualization exception",
	[21] = "control protection exception",
	[29] = "VMM communication exception", [30] = "security exception",
};

void arch_trap_init(void)
{
	x86_features_init();
	arch_user_state_init();
	x86_descriptors_init();
	x86_pic_init();
}

const char *arch_trap_name(const struct trap_frame *f)
{
	static char text[80];
	uint64_t va;

	if (f->vector == VECTOR_GP && !f->code && x86_unreachable_operand(f, &va)) {
		str_printf(text, sizeof(text), "%s, probably for non-canonical address %#llx",
		           names[VECTOR_GP], (unsigned long long)va);
		return text;
	}
	if (f->vector == VECTOR_SYSCALL)
		return "system call";
	if (f->vector >= VECTOR_IRQ)
		return "interrupt";
	return names[f->vector] ? names[f->vector] : "reserved exception";
}

uint64_t arch_trap_code(const struct trap_frame *f)
{
	return f->code;
}

/* Set by arch_probe() around its call. */
uintptr_t x86_probe_target;
uint8_t x86_probe_calls;

vaddr_t x86_probe_pc(const struct trap_frame *f)
{
	bool target = f->X86_PC == x86_probe_target && !arch_frame_from_user(f);

	return target ? (uintptr_t)x86_probe_call : f->X86_PC;
}

/* Where nothing answers a PC's bus gives ones. */
bool arch_read_device(const void *at, unsigned bytes, uint64_t *value)
{
	*value = bytes == 4 ? *(const volatile uint32_t *)at : *(const volatile uint8_t *)at;
	return true;
}

unsigned arch_frame_bytes(void)
{
	return sizeof(struct trap_frame);
}

/* CALL pushes the return address, the callee its caller's frame pointer below it. */
const struct arch_frame_link arch_frame_link = { .return_address = 1, .next = 0 };

uint64_t arch_current_fp(void)
{
	return (uintptr_t)__builtin_frame_address(0);
}
