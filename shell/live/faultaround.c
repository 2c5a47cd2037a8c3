/* shell/live/faultaround.c - faultaround: how many pages a fault maps.
 * SPDX-License-Identifier: MIT
 *
 * Beside its own page, a fault maps pages behind it whose entries are empty, in the same VMA and the same page table: zeroes, or
 * pages of the file that are in memory. At the start 1, so that each page of a program shows its own fault.
 * Linux: /sys/kernel/debug/fault_around_bytes, for pages of files.
 */
#include "mm/space/fault.h"
#include "shell/live/decimal.h"

/* The second number is that of the faults which did not happen: by it the command shows what it saved. */
static void show(struct out *out)
{
	out_printf(out, "faultaround: up to %u page%s for each fault; %llu pages had no fault of their own\n", fault_around,
	           fault_around == 1 ? "" : "s", (unsigned long long)fault_counts()->around);
}

/* Pages that are mapped stay mapped: the number counts for the faults that follow. After a bugcheck it can be shown only. */
static void set(struct call *c)
{
	uint64_t n;

	if (c->arg[0].given && !call_may_change(c))
		return;
	if (call_decimal(c, 0, &n) && n >= 1 && n <= FAULT_AROUND_MAX)
		fault_around = (unsigned)n;
	else if (c->arg[0].given)
		call_fail(c, 0, "1 to %u, decimal", FAULT_AROUND_MAX);
	if (!c->failed)
		show(c->out);
}
COMMAND(faultaround) = {
	.name = "faultaround", .schema = "W", .synopsis = "faultaround [N]", .flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = set,
	.what = "how many pages a fault maps",
	.help = "  kd> faultaround\n"
	        "  N, decimal: with 16, a fault on untouched memory also maps up to 15 empty pages behind it, of the same VMA and\n"
	        "  page table: the zero frame, zeroed frames, or pages of the file that are in memory. The journal has them as\n"
	        "  one row. With 1, as at the start, every page has its own fault. While `record` records faults it is off.\n"
	        "  Linux: /sys/kernel/debug/fault_around_bytes\n",
};
