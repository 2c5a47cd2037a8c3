/* arch/none/context.c - stacks, the way to user mode, accesses that may fault.
 * SPDX-License-Identifier: MIT
 */
#include "arch/context.h"
#include "arch/cpu.h"
#include "arch/none/none.h"
#include "lib/string.h"

/* A port pushes what arch_switch() pops, and entry and arg in registers that a switch keeps. */
void arch_context_init(struct arch_context *c, void *stack_top, void (*entry)(void *arg), void *arg)
{
	uintptr_t *sp = stack_top;

	*--sp = (uintptr_t)entry;
	*--sp = (uintptr_t)arg;
	c->sp = (uintptr_t)sp;
}

/* From here to arch_throw(): assembly, in a port that runs. */
void arch_switch(struct arch_context *from, const struct arch_context *to)
{
	from->sp = to->sp;
}

void arch_set_kernel_stack(void *stack_top)
{
	(void)stack_top;
}

_Noreturn void arch_user_enter(uint64_t pc, uint64_t sp, uint64_t arg)
{
	const struct trap_frame f = { .r = { arg }, .sp = sp, .pc = pc, .flags = FRAME_USER | FRAME_IRQS };

	arch_user_resume(&f);
}

_Noreturn void arch_user_resume(const struct trap_frame *f)
{
	(void)f;
	arch_stop();
}

int arch_catch(struct arch_jump *jump)
{
	jump->word[0] = 0;
	return 0;
}

_Noreturn void arch_throw(const struct arch_jump *jump)
{
	(void)jump;
	arch_stop();
}

void arch_syscall_args(const struct trap_frame *f, uint64_t *arg, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		arg[i] = f->r[i + 1];
}

/* ---- each of these accesses has a row in .fixups, in a port that runs ---- */

unsigned long arch_copy_from_user(void *to, uint64_t from, unsigned long n)
{
	memcpy(to, (const void *)(uintptr_t)from, n);
	return 0;
}

unsigned long arch_copy_to_user(uint64_t to, const void *from, unsigned long n)
{
	memcpy((void *)(uintptr_t)to, from, n);
	return 0;
}

bool arch_probe(uint64_t va, enum access access, uint8_t byte)
{
	(void)va;
	(void)access;
	(void)byte;
	return false;
}

bool arch_read_device(const void *at, unsigned bytes, uint64_t *value)
{
	*value = bytes == sizeof(uint32_t) ? *(const volatile uint32_t *)at : *(const volatile uint8_t *)at;
	return true;
}
