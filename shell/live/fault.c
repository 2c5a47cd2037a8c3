/* shell/live/fault.c - faults: traced as they happen, listed afterwards, and provoked.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/target.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "shell/command.h"

static void trace(struct call *c)
{
	const char *w = c->arg[0].text;

	if (c->arg[0].given && strcmp(w, "on") && strcmp(w, "off")) {
		call_fail(c, 0, "expected on or off");
		return;
	}
	if (c->arg[0].given)
		fault_watch = strcmp(w, "on") ? fault_watch & ~(unsigned)WATCH_TRACE : fault_watch | WATCH_TRACE;
	out_printf(c->out, "trace is %s\n", fault_watch & WATCH_TRACE ? "on" : "off");
}
COMMAND(trace) = {
	.name = "trace", .schema = "W", .synopsis = "trace [on|off]", .flags = CMD_READ_ONLY, .run = trace,
	.what = "print each fault when it is resolved",
	.help = "  kd> trace on; demand 1000\n"
	        "  For each fault: the address, the error code in words, the VMA, the action, the entry before and after.\n"
	        "  Linux: trace-cmd record -e exceptions:page_fault_kernel\n",
};

static const char *const access_text[] = {
	[ACCESS_READ] = "read", [ACCESS_WRITE] = "write", [ACCESS_EXECUTE] = "execute",
};

static void put_fault(struct out *out, const struct target *t, const struct fault_record *r)
{
	int digits = (int)target_va_digits(t);

	if (r->trap[0]) {
		out_printf(out, "%5llu  %s, %s code at %llx  %04x  space %x\n", (unsigned long long)r->sequence, r->trap,
		           r->fault.from_user ? "user" : "kernel", (unsigned long long)r->fault.pc, (unsigned)r->fault.code,
		           (unsigned)r->aspace);
		return;
	}
	out_printf(out, "%5llu  %0*llx  %-7s %-6s  %4llx  space %x  ", (unsigned long long)r->sequence, digits,
	           (unsigned long long)r->fault.va, access_text[r->fault.access],
	           r->fault.from_user ? "user" : "kernel", (unsigned long long)r->fault.code, (unsigned)r->aspace);
	if (r->result == FAULT_FIXED)
		out_printf(out, "%s\n", fault_action_text(r->action));
	else
		out_printf(out, "not resolved: %s\n", fault_reason_text(fault_reason(r)));
}

static void put_counts(struct out *out)
{
	const struct fault_counts *n = fault_counts();

	out_printf(out, "%llu faults\n", (unsigned long long)n->total);
	for (unsigned i = 0; i < ACT_COUNT; i++)
		if (n->action[i] && i != ACT_NONE)
			out_printf(out, "%8llu  %s\n", (unsigned long long)n->action[i],
			           fault_action_text((enum fault_action)i));
	for (unsigned i = 0; i < FAULT_RESULTS; i++)
		if (n->result[i] && i != FAULT_FIXED)
			out_printf(out, "%8llu  not resolved: %s\n", (unsigned long long)n->result[i],
			           fault_result_text((enum fault_result)i));
}

static void faults(struct call *c)
{
	uint64_t most = c->arg[0].given ? c->arg[0].value : 16;
	unsigned n = 0;

	while (n < most && n < FAULT_RING && fault_recent(n))
		n++;
	while (n-- > 0)
		put_fault(c->out, c->target, fault_recent(n));
	put_counts(c->out);
}
COMMAND(faults) = {
	.name = "faults", .schema = "U", .synopsis = "faults [COUNT]",
	.flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = faults,
	.what = "the last faults, oldest first, and the number of each kind",
	.help = "  kd> faults 4\n"
	        "  Number, address, access, mode, error code, address space, action.\n"
	        "  WinDbg: !vm (page fault counts)   Linux: /proc/vmstat pgfault\n",
};

/* ---- bugs on purpose, for tests and lessons ---- */

static volatile unsigned char data_byte = 0xC3;
static const unsigned char constant = 0;
static const unsigned char *volatile constant_at = &constant;

/* Read at run time, so that no compiler sees through what is meant to be wrong. */
static volatile uintptr_t null_pointer = 0, null_field = 0x40;
static volatile unsigned deepest = UINT32_MAX;

/* Not inlined and not turned into a loop: every call takes stack. */
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

static void bug_raise(void)
{
	current_irql = DISPATCH_LEVEL;
	(void)*(volatile int *)null_field;
}

static const struct { const char *name, *what; void (*run)(void); } bugs[] = {
	{ "read", "reads through a null pointer", bug_read },
	{ "write", "writes through a null pointer", bug_write },
	{ "execute", "calls a null pointer", bug_execute },
	{ "constant", "writes to a constant", bug_constant },
	{ "data", "calls data (a return instruction: harmless where execution cannot be forbidden)", bug_data },
	{ "undefined", "executes an undefined instruction", bug_undefined },
	{ "overflow", "recurses until the kernel stack overflows: a double fault", bug_overflow },
	{ "irql", "faults at DISPATCH_LEVEL: bugcheck A, then only read-only commands run", bug_raise },
};

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
	        "  The page below the stack is not mapped, and the CPU cannot deliver the fault on the stack that caused it:\n"
	        "  a double fault, which has a stack of its own.\n",
};
