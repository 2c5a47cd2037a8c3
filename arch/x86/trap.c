/* arch/x86/trap.c - what a trap was: vectors and page-fault codes as the contract's words.
 * SPDX-License-Identifier: MIT
 */
#include "arch/trap.h"
#include "arch/cpu.h"
#include "arch/x86/frame.h"
#include "arch/x86/io.h"
#include "arch/x86/regs.h"
#include "arch/x86/x86.h"

/* SDM vol. 3A table 6-1; TRAP_OTHER is what nobody resolves. */
static const uint8_t kinds[VECTOR_SYSCALL + 1] = {
	[0] = TRAP_OTHER, [VECTOR_DB] = TRAP_BREAK, [2] = TRAP_OTHER, [VECTOR_BP] = TRAP_BREAK,
	[VECTOR_OF ... VECTOR_DF - 1] = TRAP_OTHER, [VECTOR_DF] = TRAP_DOUBLE,
	[VECTOR_DF + 1 ... VECTOR_GP] = TRAP_OTHER,
	[VECTOR_PF] = TRAP_MEMORY, [VECTOR_PF + 1 ... VECTOR_IRQ - 1] = TRAP_OTHER,
	[VECTOR_IRQ ... VECTOR_STUBS - 1] = TRAP_IRQ, [VECTOR_SYSCALL] = TRAP_SYSCALL,
};

static const char *const names[VECTOR_IRQ] = {
	[0] = "divide error", [VECTOR_DB] = "debug exception", [2] = "non-maskable interrupt",
	[VECTOR_BP] = "breakpoint", [VECTOR_OF] = "overflow", [5] = "bound range exceeded",
	[6] = "invalid opcode", [7] = "device not available",
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
	x86_descriptors_init();
	x86_pic_init();
}

enum trap_kind arch_trap_kind(const struct trap_frame *f)
{
	return kinds[f->vector];
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

/* Without NX and SMEP the CPU leaves the I bit out; but an instruction that was fetched cannot fault by reading its own
 * first byte. */
static enum access access_of(uint32_t code, bool own_byte)
{
	if (code & PF_W)
		return ACCESS_WRITE;
	return (code & PF_I) || own_byte ? ACCESS_EXECUTE : ACCESS_READ;
}

/* Word by word: it is on the way of every page fault, and nothing of struct fault stays unset. */
void arch_decode_fault(const struct trap_frame *f, struct fault *fault)
{
	uint32_t code = (uint32_t)f->code;
	uintptr_t va = read_cr2();

	fault->va = va;
	fault->pc = arch_frame_pc(f);
	fault->code = code;
	fault->access = access_of(code, va == f->X86_PC);
	fault->from_user = code & PF_U;
	fault->present = code & (PF_P | PF_RSVD);       /* QEMU's TCG leaves P out then */
	fault->reserved_bit = code & PF_RSVD;
}

uint64_t x86_frame_pc(const struct trap_frame *f, uintptr_t pc)
{
	if (!x86_probe_calls || pc != x86_probe_target || arch_frame_from_user(f))
		return pc;
	return (uintptr_t)x86_probe_call;
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
