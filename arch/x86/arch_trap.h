/* arch/x86/arch_trap.h - what a trap was, from its frame: the inline part of arch/trap.h.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/x86/frame.h"
#include "hw/x86/io.h"
#include "hw/x86/regs.h"

/* By vector (arch/x86/trap.c). */
extern const uint8_t x86_trap_kinds[VECTOR_SYSCALL + 1];
/* arch_probe() makes an instruction fetch; the pc of its fault is that of the call. */
extern uint8_t x86_probe_calls;
vaddr_t x86_probe_pc(const struct trap_frame *f);

static inline enum trap_kind arch_trap_kind(const struct trap_frame *f)
{
	return x86_trap_kinds[f->vector];
}

static inline bool arch_frame_from_user(const struct trap_frame *f)
{
	/* QEMU's IRET lets CPL 3 enter virtual-8086 mode, where cs is no selector and its low bits are any. */
	return (f->cs & SEL_RPL_MASK) || (f->X86_FLAGS & EFLAGS_VM);
}

static inline bool arch_frame_irqs_on(const struct trap_frame *f)
{
	return f->X86_FLAGS & EFLAGS_IF;
}

static inline vaddr_t arch_frame_pc(const struct trap_frame *f)
{
	return x86_probe_calls ? x86_probe_pc(f) : f->X86_PC;
}

/* Without NX and SMEP the CPU does not set the I bit. A fault at the address of the instruction itself must be the fetch: an
 * instruction that was fetched cannot fault by reading its first byte. */
static inline enum access x86_access_of(uint32_t code, bool own_byte)
{
	if (code & PF_W)
		return ACCESS_WRITE;
	return (code & PF_I) || own_byte ? ACCESS_EXECUTE : ACCESS_READ;
}

/* Word by word, because every page fault passes here. All fields of struct fault are set. */
static inline void arch_decode_fault(const struct trap_frame *f, struct fault *fault)
{
	uint32_t code = (uint32_t)f->code;
	vaddr_t va = read_cr2();

	fault->va = va;
	fault->pc = arch_frame_pc(f);
	fault->code = code;
	fault->access = x86_access_of(code, va == f->X86_PC);
	fault->from_user = code & PF_U;
	fault->present = code & (PF_P | PF_RSVD);       /* QEMU's TCG leaves P out then */
	fault->reserved_bit = code & PF_RSVD;
}
