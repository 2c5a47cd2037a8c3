/* shell/live/touch.c - touch: one real access, made by the shell with all its consequences.
 * SPDX-License-Identifier: MIT
 *
 * The access is made in kernel mode by kd, with the root that the CPU has loaded: .process has no
 * effect on it. A fault that mm resolves is not visible here (see trace, faults). A fault that it
 * does not resolve is an oops, which ends the command. At DISPATCH_LEVEL and above (see raise) it is
 * a bugcheck. `probe` makes the same access with a fix-up instead.
 */
#include "inspect/target.h"
#include "lib/string.h"
#include "mm/space/aspace.h"
#include "shell/command.h"

/* Calls the instruction at `at`, which must be a return. No fix-up: an oops shows this function as
 * the caller. */
static void touch_execute(struct call *c, uintptr_t at)
{
	((void (*)(void))at)();
	out_printf(c->out, "executed at %llx and returned\n", (unsigned long long)at);
}

/* Stores the byte that is there already, so that the contents do not change. It is read through the
 * tables, without an access: a load would fault first, and the fault would be that of a read. The
 * walk uses the reference tables for kernel addresses, since this root can lack an entry of the
 * vmalloc range. */
static void touch_write(struct call *c, uint64_t va)
{
	struct target t = *c->target;
	unsigned char byte = 0;

	t.root = t.hw_root = (va >= USER_END ? &kernel_aspace : current_aspace)->space.half[0].root;
	/* Nothing there: it will be zeroes, or an oops. */
	if (target_read_virt(&t, va, &byte, 1) != OK)
		byte = 0;
	*(volatile unsigned char *)(uintptr_t)va = byte;
	out_printf(c->out, "wrote %02x at %llx\n", byte, (unsigned long long)va);
}

/* An address of more than 32 bits cannot be accessed by a 32-bit kernel: the cast would cut it. */
static void touch(struct call *c)
{
	uint64_t va = c->arg[0].value;
	const char *how = c->arg[1].text;

	if (va > UINTPTR_MAX)
		call_fail(c, 0, "not a valid address on this machine");
	else if (!strcmp(how, "r"))
		out_printf(c->out, "read %02x at %llx\n", *(volatile unsigned char *)(uintptr_t)va, (unsigned long long)va);
	else if (!strcmp(how, "w"))
		touch_write(c, va);
	else if (!strcmp(how, "x"))
		touch_execute(c, (uintptr_t)va);
	else
		call_fail(c, 1, "expected r, w or x");
}
COMMAND(touch) = {
	.name = "touch", .schema = "aw", .synopsis = "touch ADDR r|w|x", .run = touch,
	.what = "make one access; a fault that cannot be resolved is an oops",
	.help = "  kd> touch 0 r\n"
	        "  w writes the byte that it has read; x calls the instruction at ADDR, which must be a return.\n"
	        "  predict shows the result before the access, explain after a fault.\n",
};
