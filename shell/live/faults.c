/* shell/live/faults.c - faults: the last faults and the counts of all.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/target.h"
#include "mm/space/fault.h"
#include "shell/command.h"

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
