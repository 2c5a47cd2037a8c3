/* shell/live/bug.c - bug and overflow: typical kernel bugs on purpose, for lessons and tests.
 * SPDX-License-Identifier: MIT
 *
 * Each row of `bugs` is a real mistake with its real consequences: an oops, a double fault or a
 * bugcheck, reported by the same code that reports an unintended one. The oops ends the command and
 * not the kernel (guarded()). `overflow` is `bug overflow` under a name of its own.
 * Sysinternals: NotMyFault. Linux: lkdtm.
 */
#include "kernel/trap.h"
#include "lib/string.h"
#include "shell/command.h"

/* C3 is a return on x86: the call returns where data can be executed, which the format `legacy` and
 * a CPU without NX cannot forbid. */
static volatile unsigned char data_byte = 0xC3;
/* In .rodata. The pointer is volatile: the compiler must not see that the store goes to a constant. */
static const unsigned char constant = 0;
static const unsigned char *volatile constant_at = &constant;

/* Read at run time, so that no compiler sees through what is meant to be wrong. null_field is the
 * offset of a member in a structure whose address is NULL. kd maps nothing there. */
static volatile uintptr_t null_pointer = 0, null_field = 0x40;
static volatile unsigned deepest = UINT32_MAX;

/* Each call takes at least 256 bytes of stack, until the guard page below it is reached. Not
 * inlined, and not turned into a loop: the addition comes after the call, and the array is volatile. */
static __attribute__((noinline)) unsigned dig(volatile unsigned depth)
{
	volatile unsigned char room[256];

	room[0] = (unsigned char)depth;
	return (depth < deepest ? dig(depth + 1) : 0) + room[0];
}

static void bug_read(void)     { (void)*(volatile int *)null_field; }
static void bug_write(void)    { *(volatile int *)null_field = 1; }
static void bug_execute(void)  { ((void (*)(void))null_pointer)(); }
static void bug_constant(void) { *(volatile unsigned char *)(uintptr_t)constant_at = 1; }
static void bug_data(void)     { ((void (*)(void))(uintptr_t)&data_byte)(); }
static void bug_overflow(void) { (void)dig(0); }
static void bug_undefined(void) { __builtin_trap(); }

/* Always ends in a bugcheck, so nothing sets the level back here: the shell does for the next
 * command. */
static void bug_raise(void)
{
	current_irql = DISPATCH_LEVEL;
	(void)*(volatile int *)null_field;
}

/* what: the consequence, as the list prints it. */
static const struct { const char *name, *what; void (*run)(void); } bugs[] = {
	{ "read", "reads through a null pointer", bug_read },
	{ "write", "writes through a null pointer", bug_write },
	{ "execute", "calls a null pointer", bug_execute },
	{ "constant", "writes to a constant", bug_constant },
	{ "data", "calls data (a return instruction: harmless where execution cannot be forbidden)", bug_data },
	{ "undefined", "executes an undefined instruction", bug_undefined },
	{ "overflow", "recurses until the kernel stack overflows (x86: a double fault)", bug_overflow },
	{ "irql", "faults at DISPATCH_LEVEL: bugcheck A, then only read-only commands run", bug_raise },
};

/* Without an argument: the list, which is why the command counts as read-only. A bug that had no
 * consequence (execution of data without NX) prints "nothing happened". */
static void bug(struct call *c)
{
	if (c->arg[0].given && !call_may_change(c))
		return;
	for (unsigned i = 0; c->arg[0].given && i < ARRAY_LEN(bugs); i++)
		if (!strcmp(bugs[i].name, c->arg[0].text)) {
			bugs[i].run();
			out_puts(c->out, "nothing happened\n");
			return;
		}
	if (c->arg[0].given)
		call_fail(c, 0, "no such bug; bug without an argument lists them");
	else
		for (unsigned i = 0; i < ARRAY_LEN(bugs); i++)
			out_printf(c->out, "%-10s %s\n", bugs[i].name, bugs[i].what);
}
COMMAND(bug) = {
	.name = "bug", .schema = "W", .synopsis = "bug [NAME]", .flags = CMD_READ_ONLY, .run = bug,
	.what = "cause a typical kernel bug on purpose, and see its report",
	.help = "  kd> bug read\n  Without NAME: lists them. The oops ends the command, not the kernel.\n"
	        "  Sysinternals: NotMyFault   Linux: lkdtm\n",
};

static void overflow(struct call *c)
{
	(void)c;
	bug_overflow();
}
COMMAND(overflow) = {
	.name = "overflow", .schema = "", .synopsis = "overflow", .run = overflow,
	.what = "recurse until the kernel stack overflows",
	.help = "  kd> overflow\n"
	        "  The page below the stack is not mapped, and the CPU cannot save registers there: the report runs on\n"
	        "  another stack (x86: a double fault).\n",
};
