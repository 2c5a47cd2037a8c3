/* arch/none/trap.c - kinds of traps, registers by name, and the places where stubs would continue.
 * SPDX-License-Identifier: MIT
 */
#include "arch/none/none.h"
#include "arch/cpu.h"
#include "lib/string.h"

/* kernel/trap.c, kernel/syscall.c and kernel/nmi.c. */
void trap(struct trap_frame *f);
void syscall(struct trap_frame *f);
void nmi(struct trap_frame *f);

/* System calls of user mode and non-maskable interrupts do not pass trap(). */
void none_enter(struct trap_frame *f)
{
	if (f->kind == TRAP_SYSCALL && arch_frame_from_user(f))
		syscall(f);
	else if (f->kind == TRAP_OTHER && !f->code)
		nmi(f);
	else
		trap(f);
}

void arch_trap_init(void)
{
	arch_user_state_init();
}

const char *arch_trap_name(const struct trap_frame *f)
{
	static const char *const names[] = {
		[TRAP_IRQ] = "interrupt", [TRAP_MEMORY] = "page fault", [TRAP_SYSCALL] = "system call",
		[TRAP_BREAK] = "breakpoint", [TRAP_DOUBLE] = "double fault", [TRAP_OTHER] = "undefined instruction",
	};

	return names[f->kind];
}

uint64_t arch_trap_code(const struct trap_frame *f) { return f->code; }
uint64_t arch_frame_sp(const struct trap_frame *f) { return f->sp; }
uint64_t arch_frame_fp(const struct trap_frame *f) { return f->fp; }
void arch_frame_set_pc(struct trap_frame *f, uint64_t pc) { f->pc = pc; }
unsigned arch_frame_bytes(void) { return sizeof(struct trap_frame); }

/* The caller's frame pointer, and behind it the return address. */
const struct arch_frame_link arch_frame_link = { .return_address = 1, .next = 0 };

uint64_t arch_current_fp(void)
{
	return (uintptr_t)__builtin_frame_address(0);
}

/* ---- registers by name ---- */

static uint64_t in_frame(const struct trap_frame *f, const struct arch_reg *reg)
{
	uint64_t v;

	memcpy(&v, (const char *)f + reg->offset, sizeof(v));
	return v;
}

#define IN_FRAME(text, field) \
	{ .name = (text), .bits = 64, .get = in_frame, .offset = __builtin_offsetof(struct trap_frame, field) }

const struct arch_reg arch_regs[] = {
	IN_FRAME("r0", r[0]), IN_FRAME("r1", r[1]), IN_FRAME("r2", r[2]), IN_FRAME("r3", r[3]),
	IN_FRAME("r4", r[4]), IN_FRAME("r5", r[5]), IN_FRAME("r6", r[6]), IN_FRAME("r7", r[7]),
	IN_FRAME("fp", fp), IN_FRAME("sp", sp), IN_FRAME("pc", pc),
	{ 0 },
};

void arch_oops_render(struct out *out, const struct trap_frame *f)
{
	for (const struct arch_reg *reg = arch_regs; reg->name; reg++)
		out_printf(out, "%s: %016llx\n", reg->name, (unsigned long long)reg->get(f, reg));
}

/* ---- interrupts of devices ---- */

void arch_irq_register(unsigned line, irq_handler_t handler, void *ctx)
{
	(void)line;
	(void)handler;
	(void)ctx;
}

void arch_irq_dispatch(struct trap_frame *f)
{
	(void)f;
}
