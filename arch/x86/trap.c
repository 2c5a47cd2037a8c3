/* arch/x86/trap.c - what a trap was: vectors and page-fault codes as the contract's words.
 * SPDX-License-Identifier: MIT
 */
#include "arch/trap.h"
#include "arch/cpu.h"
#include "arch/x86/frame.h"
#include "arch/x86/io.h"
#include "arch/x86/regs.h"
#include "arch/x86/x86.h"

/* SDM vol. 3A table 6-1; kind TRAP_OTHER is what nobody resolves. */
static const struct { const char *name; enum trap_kind kind; } exceptions[VECTOR_IRQ] = {
	[0] = { "divide error", TRAP_OTHER },
	[VECTOR_DB] = { "debug exception", TRAP_BREAK },
	[2] = { "non-maskable interrupt", TRAP_OTHER },
	[VECTOR_BP] = { "breakpoint", TRAP_BREAK },
	[VECTOR_OF] = { "overflow", TRAP_OTHER },
	[5] = { "bound range exceeded", TRAP_OTHER },
	[6] = { "invalid opcode", TRAP_OTHER },
	[7] = { "device not available", TRAP_OTHER },
	[VECTOR_DF] = { "double fault", TRAP_DOUBLE },
	[9] = { "coprocessor segment overrun", TRAP_OTHER },
	[10] = { "invalid TSS", TRAP_OTHER },
	[11] = { "segment not present", TRAP_OTHER },
	[12] = { "stack-segment fault", TRAP_OTHER },
	[VECTOR_GP] = { "general protection fault", TRAP_OTHER },
	[VECTOR_PF] = { "page fault", TRAP_MEMORY },
	[16] = { "floating-point error", TRAP_OTHER },
	[17] = { "alignment check", TRAP_OTHER },
	[18] = { "machine check", TRAP_OTHER },
	[19] = { "SIMD floating-point exception", TRAP_OTHER },
	[20] = { "virtualization exception", TRAP_OTHER },
	[21] = { "control protection exception", TRAP_OTHER },
	[29] = { "VMM communication exception", TRAP_OTHER },
	[30] = { "security exception", TRAP_OTHER },
};

void arch_trap_init(void)
{
	x86_features_init();
	x86_descriptors_init();
	x86_pic_init();
}

enum trap_kind arch_trap_kind(const struct trap_frame *f)
{
	if (f->vector == VECTOR_SYSCALL)
		return TRAP_SYSCALL;
	if (f->vector >= VECTOR_IRQ)
		return TRAP_IRQ;
	return exceptions[f->vector].name ? exceptions[f->vector].kind : TRAP_OTHER;
}

const char *arch_trap_name(const struct trap_frame *f)
{
	static char text[80];
	uint64_t va;

	if (f->vector == VECTOR_GP && !f->code && x86_unreachable_operand(f, &va)) {
		str_printf(text, sizeof(text), "%s, probably for non-canonical address %#llx",
		           exceptions[VECTOR_GP].name, (unsigned long long)va);
		return text;
	}
	if (f->vector == VECTOR_SYSCALL)
		return "system call";
	if (f->vector >= VECTOR_IRQ)
		return "interrupt";
	return exceptions[f->vector].name ? exceptions[f->vector].name : "reserved exception";
}

uint64_t arch_trap_code(const struct trap_frame *f)
{
	return f->code;
}

void arch_decode_fault(const struct trap_frame *f, struct fault *fault)
{
	uint64_t va = read_cr2(), pc = f->X86_PC;

	/* Without NX and SMEP the CPU leaves the I bit out; but an instruction that was fetched cannot fault by reading
	 * its own first byte. */
	*fault = (struct fault){
		.va = va, .pc = arch_frame_pc(f), .code = f->code,
		.access = (f->code & PF_I) || va == pc ? ACCESS_EXECUTE : f->code & PF_W ? ACCESS_WRITE : ACCESS_READ,
		.from_user = f->code & PF_U, .present = f->code & (PF_P | PF_RSVD),
		.reserved_bit = f->code & PF_RSVD,    /* QEMU's TCG leaves P out then */
	};
}

uint64_t x86_frame_pc(const struct trap_frame *f, uintptr_t pc)
{
	bool probing = x86_probe_calls && pc == x86_probe_target && !arch_frame_from_user(f);

	return probing ? (uintptr_t)x86_probe_call : pc;
}

bool arch_frame_from_user(const struct trap_frame *f)
{
	return f->cs & SEL_RPL_MASK;
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
