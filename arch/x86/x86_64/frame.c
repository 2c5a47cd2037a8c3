/* arch/x86/x86_64/frame.c - reading and writing a trap frame: registers by name, system calls, the way to user mode.
 * SPDX-License-Identifier: MIT
 */
#include "arch/context.h"
#include "arch/x86/control.h"
#include "arch/x86/x86_64/operand.h"
#include "hw/x86/regs.h"
#include "lib/string.h"

uint64_t arch_frame_sp(const struct trap_frame *f) { return f->rsp; }
uint64_t arch_frame_fp(const struct trap_frame *f) { return f->rbp; }
void arch_frame_set_pc(struct trap_frame *f, uint64_t pc) { f->rip = pc; }

/* ---- registers by name ---- */

static uint64_t in_frame(const struct trap_frame *f, const struct arch_reg *reg)
{
	uint64_t v;

	memcpy(&v, (const char *)f + reg->offset, sizeof(v));
	return reg->bits == 16 ? v & 0xFFFF : reg->bits == 32 ? (uint32_t)v : v;
}

/* 64-bit code does not use these registers, so they are read from the CPU. */
#define DEFINE_SEGMENT(name) \
	static uint64_t get_##name(const struct trap_frame *f, const struct arch_reg *reg) \
	{ \
		uint16_t v; \
		(void)f; \
		(void)reg; \
		__asm__("mov %%" #name ", %0" : "=r"(v)); \
		return v; \
	}
DEFINE_SEGMENT(ds)
DEFINE_SEGMENT(es)
DEFINE_SEGMENT(fs)
DEFINE_SEGMENT(gs)

#define REG(name, bits, field) { name, bits, false, in_frame, NULL, offsetof(struct trap_frame, field) }
#define REG64(name) REG(#name, 64, name)
#define SEGMENT(name) { #name, 16, false, get_##name, NULL, 0 }

const struct arch_reg arch_regs[] = {
	REG64(rax), REG64(rbx), REG64(rcx), REG64(rdx), REG64(rsi), REG64(rdi), REG64(rip), REG64(rsp), REG64(rbp),
	REG64(r8), REG64(r9), REG64(r10), REG64(r11), REG64(r12), REG64(r13), REG64(r14), REG64(r15),
	REG("efl", 32, rflags), REG("cs", 16, cs), REG("ss", 16, ss),
	SEGMENT(ds), SEGMENT(es), SEGMENT(fs), SEGMENT(gs),
	X86_CONTROL_REGS(64),
	{ 0 },
};

static void three(struct out *out, const char *const names[3], uint64_t a, uint64_t b, uint64_t c)
{
	out_printf(out, "%s: %016llx %s: %016llx %s: %016llx\n", names[0], (unsigned long long)a, names[1],
	           (unsigned long long)b, names[2], (unsigned long long)c);
}

void arch_oops_render(struct out *out, const struct trap_frame *f)
{
	out_printf(out, "RIP: %04x:[<%016llx>] EFLAGS: %08x CPU: 0\nRSP: %04x:%016llx\n", (unsigned)(f->cs & 0xFFFF),
	           (unsigned long long)f->rip, (unsigned)f->rflags, (unsigned)(f->ss & 0xFFFF),
	           (unsigned long long)f->rsp);
	three(out, (const char *const[]){ "RAX", "RBX", "RCX" }, f->rax, f->rbx, f->rcx);
	three(out, (const char *const[]){ "RDX", "RSI", "RDI" }, f->rdx, f->rsi, f->rdi);
	three(out, (const char *const[]){ "RBP", "R08", "R09" }, f->rbp, f->r8, f->r9);
	three(out, (const char *const[]){ "R10", "R11", "R12" }, f->r10, f->r11, f->r12);
	three(out, (const char *const[]){ "R13", "R14", "R15" }, f->r13, f->r14, f->r15);
	x86_oops_control(out, 16);
}

/* A non-canonical address raises a general protection fault, and CR2 does not change. */
bool x86_unreachable_operand(const struct trap_frame *f, uint64_t *va)
{
	const uint64_t by_number[] = {
		f->rax, f->rcx, f->rdx, f->rbx, f->rsp, f->rbp, f->rsi, f->rdi,
		f->r8, f->r9, f->r10, f->r11, f->r12, f->r13, f->r14, f->r15,
	};
	uint64_t found[2] = { f->rip };
	/* After a jump to a non-canonical address, rip is that address, and there is no
	 * instruction to read. */
	bool away = !pt_va_valid(arch_pt_mode(), f->rip);
	unsigned n = arch_frame_from_user(f) ? 0 : away ? 1 : x86_operands((const uint8_t *)f->rip, by_number, found);

	for (unsigned i = 0; i < n; i++)
		if (!pt_va_valid(arch_pt_mode(), found[i])) {
			*va = found[i];
			return true;
		}
	return false;
}

/* ---- system calls and user mode ---- */

void arch_syscall_args(const struct trap_frame *f, uint64_t *arg, unsigned count)
{
#define AT(field) (offsetof(struct trap_frame, field) / sizeof(uint64_t))
	static const uint8_t word[] = { AT(rdi), AT(rsi), AT(rdx), AT(r10), AT(r8) };

	for (unsigned i = 0; i < count && i < ARRAY_LEN(word); i++)
		arg[i] = (&f->r15)[word[i]];
}

_Noreturn void arch_user_enter(uint64_t pc, uint64_t sp, uint64_t arg)
{
	const struct trap_frame f = {
		.rdi = arg, .rip = pc, .cs = SEL_USER_CODE64, .rflags = EFLAGS_ONE | EFLAGS_IF, .rsp = sp,
		.ss = SEL_USER_DATA,
	};

	/* The frame does not contain them: a new program gets null selectors, whatever the previous one loaded. */
	__asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs; mov %0, %%gs" :: "r"(0));
	arch_user_resume(&f);
}

/* ds, es, fs, gs of the process that runs, as arch_switch() keeps them: fork's child has them, too. */
static uintptr_t segments_now(void)
{
	uint16_t s[4];

	__asm__ volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3"
	                 : "=m"(s[0]), "=m"(s[1]), "=m"(s[2]), "=m"(s[3]));
	return (uintptr_t)s[3] << 48 | (uintptr_t)s[2] << 32 | (uintptr_t)s[1] << 16 | s[0];
}

extern const char arch_context_start[];

/* `entry` begins with interrupts off, as after arch_switch(). The words are those that arch_switch() pops. */
void arch_context_init(struct arch_context *c, void *stack_top, void (*entry)(void *arg), void *arg)
{
	const uintptr_t words[] = {
		segments_now(), 0, 0, (uintptr_t)arg, (uintptr_t)entry, 0, 0,   /* r15 r14 r13 r12 rbx rbp (0 ends back-traces) */
		(uintptr_t)arch_context_start,
	};

	c->sp = (uintptr_t)stack_top - sizeof(words);
	memcpy((void *)c->sp, words, sizeof(words));
}
