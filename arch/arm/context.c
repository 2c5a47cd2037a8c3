/* arch/arm/context.c - fresh stacks, the way to user mode, system calls.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/arm.h"
#include "arch/arm/frame.h"
#include "arch/context.h"
#include "hw/arm/cp15.h"
#include "hw/arm/regs.h"
#include "lib/string.h"

STATIC_ASSERT(probe_knows_these_numbers, ACCESS_READ == 0 && ACCESS_WRITE == 1 && ACCESS_EXECUTE == 2);

void *arm_kernel_stack;

/* In context.S: calls r4 with r5. */
void arm_context_start(void);

/* What arch_switch() pops. */
void arch_context_init(struct arch_context *c, void *stack_top, void (*entry)(void *arg), void *arg)
{
	const uintptr_t words[] = {
		(uintptr_t)entry, (uintptr_t)arg, 0, 0, 0, 0, 0, 0,   /* r4 to r11: no frame pointer ends back-traces */
		read_tpidrurw(), (uintptr_t)arm_context_start,        /* fork's child has its parent's */
	};

	c->sp = (uintptr_t)stack_top - sizeof(words);
	memcpy((void *)c->sp, words, sizeof(words));
}

void arch_set_kernel_stack(void *stack_top)
{
	arm_kernel_stack = stack_top;
}

_Noreturn void arch_user_resume(const struct trap_frame *f)
{
	arm_resume(f);
}

_Noreturn void arch_user_enter(uint64_t pc, uint64_t sp, uint64_t arg)
{
	/* Interrupts on; asynchronous aborts and fast interrupts stay masked, because there is no handler. */
	const struct trap_frame f = {
		.r = { (uint32_t)arg }, .sp = (uint32_t)sp, .pc = (uint32_t)pc, .psr = PSR_USR | PSR_F | PSR_A,
		.uaccess = arm_access.open,
	};

	write_tpidrurw(0);
	arm_resume(&f);
}

void arch_syscall_args(const struct trap_frame *f, uint64_t *arg, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		arg[i] = f->r[i];
}
