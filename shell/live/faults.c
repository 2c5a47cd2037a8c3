/* shell/live/faults.c - faults: the last faults, oldest first, and how many there were of each kind.
 * SPDX-License-Identifier: MIT
 *
 * The rows come from the fault ring, FAULT_RING complete records (mm/space/fault.h): nothing is
 * walked again, so a row shows the fault as it was handled. Exceptions that are no memory faults
 * have a record, too, but are not counted. The counts are those since boot.
 * WinDbg: !vm has the totals. Linux: pgfault and pgmajfault of /proc/vmstat.
 */
#include "inspect/predict.h"
#include "mm/space/fault.h"
#include "shell/command.h"

/* An exception: number, name, mode, pc, code, address space. A memory fault: number, address, kind
 * of access, mode, error code (x86) or fault status (ARM), address space, and the action or the
 * reason. Numbers of faults are decimal, all else hexadecimal. */
static void put_fault(struct out *out, const struct target *t, const struct fault_record *r)
{
	int digits = (int)target_va_digits(t);

	if (r->trap[0]) {
		out_printf(out, "%5llu  %s, %s code at %llx  %04x  space %x\n", (unsigned long long)r->sequence, r->trap,
		           r->fault.from_user ? "user" : "kernel", (unsigned long long)r->fault.pc, (unsigned)r->fault.code,
		           (unsigned)r->aspace);
		return;
	}
	out_printf(out, "%5llu  %0*llx  %-5s %-6s  %4llx  space %x  ", (unsigned long long)r->sequence, digits,
	           (unsigned long long)r->fault.va, access_name(r->fault.access),
	           r->fault.from_user ? "user" : "kernel", (unsigned long long)r->fault.code, (unsigned)r->aspace);
	if (r->result == FAULT_FIXED)
		out_printf(out, "%s\n", fault_action_text(r->action));
	else
		out_printf(out, "not resolved: %s\n", fault_reason_text(fault_reason(r)));
}

/* The total, then a line for each action that was taken and for each result other than resolved, and the pages that
 * needed no fault. Kinds that never happened are left out. */
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
	if (n->around)
		out_printf(out, "%8llu  pages that fault-around mapped\n", (unsigned long long)n->around);
}

/* Default: 16 rows. fault_recent(n) is NULL beyond the oldest record that is kept. */
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
