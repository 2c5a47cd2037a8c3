/* shell/live/analyze.c - !analyze: the last bugcheck, explained.
 * SPDX-License-Identifier: MIT
 *
 * Without -v one line with the code and its four parameters, as the bugcheck printed it; with -v the
 * form of WinDbg's !analyze -v: name and meaning, parameters with their meaning, the fault behind
 * it, the function. Everything comes from last_bugcheck and the fault ring; the shell still runs
 * after a bugcheck, so this is the crashed machine itself and not a dump.
 * WinDbg: !analyze -v. crash: sys, bt.
 */
#include "inspect/predict.h"
#include "inspect/target.h"
#include "kernel/bugcheck.h"
#include "lib/string.h"
#include "mm/space/fault.h"
#include "shell/command.h"
#include "shell/live/irql_name.h"

/* What the four parameters of a code mean; a code without a row has parameters without names. The
 * words of code A are those of WinDbg. */
static const struct { uint32_t code; const char *arg[4]; } arguments[] = {
	{ BUGCHECK_IRQL_NOT_LESS_OR_EQUAL,
	  { "memory referenced", "IRQL", "value 0 = read operation, 1 = write operation",
	    "address which referenced memory" } },
	{ BUGCHECK_KERNEL_TRAP, { "exception code", "memory referenced", "", "address of the instruction" } },
	{ BUGCHECK_ASSERT, { "the condition", "the file", "the line", "address of the call" } },
};

/* Returns the meaning of argument i (0 to 3) of a bugcheck code; "" if it has none. */
static const char *argument(uint32_t code, unsigned i)
{
	for (size_t k = 0; k < ARRAY_LEN(arguments); k++)
		if (arguments[k].code == code)
			return arguments[k].arg[i];
	return "";
}

/* pc: the address of the instruction that caused the bugcheck. Same form as !analyze of WinDbg; nt
 * is the kernel's module name there. */
static void put_place(struct out *out, const struct target *t, uint64_t pc)
{
	const char *name;
	uint64_t offset;

	if (t->symbol_at(t->ctx, pc, &name, &offset) == OK)
		out_printf(out, "Probably caused by : pageturner ( nt!%s+%llx )\n", name, (unsigned long long)offset);
	else
		out_puts(out, "Probably caused by : Unknown_Image\n");
}

/* Prints the newest unresolved fault of the ring with this address, if there is one: access, code and reason. */
static void put_fault(struct out *out, const struct target *t, uint64_t va)
{
	const struct fault_record *r = NULL;

	for (unsigned i = 0; i < FAULT_RING && (r = fault_recent(i)) != NULL; i++)
		if (!r->trap[0] && r->fault.va == va && r->result != FAULT_FIXED)
			break;
	if (!r || r->fault.va != va || r->trap[0] || r->result == FAULT_FIXED)
		return;
	out_printf(out, "FAULT: %s of %llx, ", r->fault.access == ACCESS_WRITE ? "write" :
	           r->fault.access == ACCESS_EXECUTE ? "execution" : "read", (unsigned long long)va);
	predict_put_code(out, t->mode->format, r->fault.access, r->fault.code);
	out_printf(out, ": %s\n", fault_reason_text(fault_reason(r)));
}

/* The arguments have all digits of an address. CURRENT_IRQL and FAULT are for code A only, whose
 * p[0] is the address and p[1] the IRQL. p[3] is the pc for every code (kernel/bugcheck.h). */
static void analysis(struct out *out, const struct target *t)
{
	const struct bugcheck_record *b = &last_bugcheck;
	int digits = (int)target_va_digits(t);

	out_puts(out, "*******************************************************************************\n"
	              "*                                                                             *\n"
	              "*                        Bugcheck Analysis                                    *\n"
	              "*                                                                             *\n"
	              "*******************************************************************************\n\n");
	out_printf(out, "%s (%x)\n%s\nArguments:\n", bugcheck_name(b->code), (unsigned)b->code, bugcheck_why(b->code));
	for (unsigned i = 0; i < ARRAY_LEN(b->p); i++)
		out_printf(out, "Arg%u: %0*llx%s%s\n", i + 1, digits, (unsigned long long)b->p[i],
		           *argument(b->code, i) ? ", " : "", argument(b->code, i));
	out_puts(out, "\nDebugging Details:\n------------------\n\n");
	if (b->code == BUGCHECK_IRQL_NOT_LESS_OR_EQUAL) {
		out_printf(out, "CURRENT_IRQL:  %llx (%s)\n", (unsigned long long)b->p[1], irql_name(b->p[1]));
		put_fault(out, t, b->p[0]);
	}
	out_printf(out, "BUGCHECK_STR:  0x%X\n", (unsigned)b->code);
	put_place(out, t, b->p[3]);
	out_puts(out, "Followup: MachineOwner\n---------\n");
}

/* code 0: there was no bugcheck since boot. */
static void analyze(struct call *c)
{
	if (c->arg[0].given && strcmp(c->arg[0].text, "-v"))
		call_fail(c, 0, "no such option");
	else if (last_bugcheck.code == 0)
		out_puts(c->out, "No bugcheck so far.\n");
	else if (!c->arg[0].given)
		out_printf(c->out, "BugCheck %X, {%llx, %llx, %llx, %llx}\n"
		           "Use !analyze -v to get detailed debugging information.\n",
		           (unsigned)last_bugcheck.code, (unsigned long long)last_bugcheck.p[0],
		           (unsigned long long)last_bugcheck.p[1], (unsigned long long)last_bugcheck.p[2],
		           (unsigned long long)last_bugcheck.p[3]);
	else
		analysis(c->out, c->target);
}
COMMAND(analyze) = {
	.name = "!analyze", .aliases = "analyze", .schema = "o", .synopsis = "analyze [-v]", .flags = CMD_READ_ONLY,
	.run = analyze,
	.what = "the last bugcheck, explained",
	.help = "  kd> bug irql; analyze -v\n"
	        "  The code, its meaning, its four arguments, the fault that caused it, and the function that faulted.\n"
	        "  WinDbg: !analyze -v   crash: sys, bt\n",
};
