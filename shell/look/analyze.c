/* shell/look/analyze.c - !analyze: the last bugcheck, explained.
 * SPDX-License-Identifier: MIT
 *
 * Without -v one line with the code and its four parameters, as the bugcheck printed it; with -v the
 * form of WinDbg's !analyze -v: name and meaning, parameters with their meaning, the fault behind
 * it, the function. Everything comes from last_bugcheck and the fault ring; the shell still runs
 * after a bugcheck, so this is the crashed machine itself and not a dump.
 * WinDbg: !analyze -v. crash: sys, bt.
 */
#include "inspect/bugcheck_text.h"
#include "inspect/irql_name.h"
#include "inspect/process.h"
#include "lib/string.h"
#include "shell/command.h"

/* The module that contains the address. False: none is known to. */
static bool module_at(const struct target *t, uint64_t pc, struct system_module *m)
{
	for (unsigned i = 0; t->system->module && t->system->module(t->system_ctx, i, m); i++)
		if (pc - m->base < m->size)
			return true;
	return false;
}

/* Same form as !analyze of WinDbg; a symbol is one of the module that contains it, nt if none is known. */
static void put_place(struct out *out, const struct target *t, uint64_t pc)
{
	struct system_module m = { .name = "nt", .image = "Unknown_Image" };
	const char *name;
	uint64_t offset;

	(void)module_at(t, pc, &m);
	out_printf(out, "Probably caused by : %s", m.image);
	if (t->symbol_at && t->symbol_at(t->ctx, pc, &name, &offset) == OK)
		out_printf(out, " ( %s!%s+%llx )", m.name, name, (unsigned long long)offset);
	out_puts(out, "\nFollowup: MachineOwner\n---------\n");
}

/* The arguments have all digits of an address. CURRENT_IRQL and the fault are for code A only, whose
 * p[0] is the address and p[1] the IRQL. */
static void analysis(struct out *out, const struct target *t, const struct system_bugcheck *b)
{
	int digits = (int)target_va_digits(t);
	uint32_t code = (uint32_t)b->code;

	out_puts(out, "*******************************************************************************\n"
	              "*                                                                             *\n"
	              "*                        Bugcheck Analysis                                    *\n"
	              "*                                                                             *\n"
	              "*******************************************************************************\n\n");
	out_printf(out, "%s (%x)\n%s\nArguments:\n", bugcheck_name(code), (unsigned)code, bugcheck_why(code));
	for (unsigned i = 0; i < ARRAY_LEN(b->p); i++)
		out_printf(out, "Arg%u: %0*llx%s%s\n", i + 1, digits, (unsigned long long)b->p[i],
		           *bugcheck_argument(code, i) ? ", " : "", bugcheck_argument(code, i));
	out_puts(out, "\nDebugging Details:\n------------------\n\n");
	if (code == BUGCHECK_IRQL_NOT_LESS_OR_EQUAL) {
		out_printf(out, "CURRENT_IRQL:  %llx (%s)\n", (unsigned long long)b->p[1], irql_name(b->p[1]));
		if (t->system->put_fault)
			t->system->put_fault(t->system_ctx, out, b->p[0]);
	}
	out_printf(out, "BUGCHECK_STR:  0x%X\n", (unsigned)code);
	put_place(out, t, b->pc);
}

/* A dump is opened with these lines in WinDbg. The image's name and the command line of the process
 * are read, too: both are in its PEB. */
static void summary(struct out *out, const struct target *t, const struct system_bugcheck *b)
{
	out_printf(out, "BugCheck %X, {%llx, %llx, %llx, %llx}\n", (unsigned)b->code, (unsigned long long)b->p[0],
	           (unsigned long long)b->p[1], (unsigned long long)b->p[2], (unsigned long long)b->p[3]);
	windbg_peb_check(out, t);
	if (!t->only_memory)
		out_puts(out, "Use !analyze -v to get detailed debugging information.\n");
	put_place(out, t, b->pc);
}

static void analyze(struct call *c)
{
	const struct target *t = c->target;
	struct system_bugcheck b;

	if (c->arg[0].given && strcmp(c->arg[0].text, "-v"))
		call_fail(c, 0, "no such option");
	else if (!t->system || !t->system->bugcheck)
		call_lacks(c, "the live machine");
	else if (!t->system->bugcheck(t->system_ctx, &b))
		out_puts(c->out, "No bugcheck so far.\n");
	else
		(c->arg[0].given ? analysis : summary)(c->out, t, &b);
}
COMMAND(analyze) = {
	.name = "!analyze", .aliases = "analyze", .schema = "o", .synopsis = "analyze [-v]", .flags = CMD_READ_ONLY | CMD_TARGET,
	.run = analyze,
	.what = "the last bugcheck, explained",
	.help = "  kd> bug irql; analyze -v\n"
	        "  The code, its meaning, its four arguments, the fault that caused it, and the function that faulted.\n"
	        "  WinDbg: !analyze -v   crash: sys, bt\n",
};
