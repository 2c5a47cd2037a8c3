/* arch/x86/i386/frame.c - reading and writing a trap frame: registers by name, system calls, the way to user mode.
 * SPDX-License-Identifier: MIT
 */
#include "arch/context.h"
#include "arch/x86/control.h"
#include "hw/x86/regs.h"
#include "lib/string.h"

uint64_t arch_frame_fp(const struct trap_frame *f) { return f->ebp; }
void arch_frame_set_pc(struct trap_frame *f, uint64_t pc) { f->eip = (uint32_t)pc; }

uint64_t arch_frame_sp(const struct trap_frame *f)
{
	return arch_frame_from_user(f) ? f->esp : f->pushed + FRAME_TO_ESP;
}

/* ---- registers by name ---- */

static uint64_t in_frame(const struct trap_frame *f, const struct arch_reg *reg)
{
	uint32_t v;

	memcpy(&v, (const char *)f + reg->offset, sizeof(v));
	return reg->bits == 16 ? v & 0xFFFF : v;
}

static uint64_t get_esp(const struct trap_frame *f, const struct arch_reg *reg)
{
	(void)reg;
	return arch_frame_sp(f);
}

static uint64_t get_ss(const struct trap_frame *f, const struct arch_reg *reg)
{
	(void)reg;
	return arch_frame_from_user(f) ? f->ss & 0xFFFF : SEL_KERNEL_DATA;
}

#define REG(name, bits, field) { name, bits, false, in_frame, NULL, offsetof(struct trap_frame, field) }

const struct arch_reg arch_regs[] = {
	REG("eax", 32, eax), REG("ebx", 32, ebx), REG("ecx", 32, ecx), REG("edx", 32, edx),
	REG("esi", 32, esi), REG("edi", 32, edi), REG("eip", 32, eip), { "esp", 32, false, get_esp, NULL, 0 },
	REG("ebp", 32, ebp), REG("efl", 32, eflags), REG("cs", 16, cs), { "ss", 16, false, get_ss, NULL, 0 },
	REG("ds", 16, ds), REG("es", 16, es), REG("fs", 16, fs), REG("gs", 16, gs),
	X86_CONTROL_REGS(32),
	{ 0 },
};

void arch_oops_render(struct out *out, const struct trap_frame *f)
{
	out_printf(out, "EIP: %04x:[<%08x>] EFLAGS: %08x CPU: 0\n", (unsigned)(f->cs & 0xFFFF), (unsigned)f->eip,
	           (unsigned)f->eflags);
	out_printf(out, "EAX: %08x EBX: %08x ECX: %08x EDX: %08x\n", (unsigned)f->eax, (unsigned)f->ebx,
	           (unsigned)f->ecx, (unsigned)f->edx);
	out_printf(out, "ESI: %08x EDI: %08x EBP: %08x ESP: %08x\n", (unsigned)f->esi, (unsigned)f->edi,
	           (unsigned)f->ebp, (unsigned)arch_frame_sp(f));
	out_printf(out, " DS: %04x ES: %04x FS: %04x GS: %04x SS: %04x\n", (unsigned)(f->ds & 0xFFFF),
	           (unsigned)(f->es & 0xFFFF), (unsigned)(f->fs & 0xFFFF), (unsigned)(f->gs & 0xFFFF),
	           (unsigned)get_ss(f, NULL));
	x86_oops_control(out, 8);
}

bool x86_unreachable_operand(const struct trap_frame *f, uint64_t *va)
{
	(void)f;
	(void)va;
	return false;
}

/* ---- system calls and user mode ---- */

void arch_syscall_args(const struct trap_frame *f, uint64_t *arg, unsigned count)
{
#define AT(field) (offsetof(struct trap_frame, field) / sizeof(uint32_t))
	static const uint8_t word[] = { AT(ebx), AT(ecx), AT(edx), AT(esi), AT(edi) };

	for (unsigned i = 0; i < count && i < ARRAY_LEN(word); i++)
		arg[i] = (&f->gs)[word[i]];
}

_Noreturn void arch_user_enter(uint64_t pc, uint64_t sp, uint64_t arg)
{
	const struct trap_frame f = {
		.ds = SEL_USER_DATA, .es = SEL_USER_DATA, .fs = SEL_USER_DATA, .gs = SEL_USER_DATA,
		.eax = (uint32_t)arg, .eip = (uint32_t)pc, .cs = SEL_USER_CODE, .eflags = EFLAGS_ONE | EFLAGS_IF,
		.esp = (uint32_t)sp, .ss = SEL_USER_DATA,
	};

	arch_user_resume(&f);
}

extern const char arch_context_start[];

/* `entry` begins with interrupts off, as after arch_switch(). The words are those that arch_switch() pops. */
void arch_context_init(struct arch_context *c, void *stack_top, void (*entry)(void *arg), void *arg)
{
	const uintptr_t words[] = {
		(uintptr_t)arg, (uintptr_t)entry, 0, 0, /* edi esi ebx ebp (0 ends back-traces) */
		(uintptr_t)arch_context_start,
	};

	c->sp = (uintptr_t)stack_top - sizeof(words);
	memcpy((void *)c->sp, words, sizeof(words));
}
