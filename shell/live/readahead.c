/* shell/live/readahead.c - readahead: how many slots one page-in reads.
 * SPDX-License-Identifier: MIT
 *
 * A fault on a page-file entry reads its slot and the slots in use behind it, because pages that left together are needed
 * together. A page read ahead is a standby page until a fault maps it.
 * Linux: /proc/sys/vm/page-cluster, swap_ra and swap_ra_hit of /proc/vmstat.
 */
#include "lib/string.h"
#include "mm/reclaim/reclaim.h"
#include "shell/live/decimal.h"

static void show(struct out *out)
{
	if (readahead == READAHEAD_AUTO)
		out_printf(out, "readahead: adaptive, 1 to %u slots for each page-in\n", READAHEAD_MAX);
	else
		out_printf(out, "readahead: %u slot%s for each page-in\n", readahead, readahead == 1 ? "" : "s");
	out_printf(out, "  %llu pages read ahead: %llu used, %llu dropped unused\n", (unsigned long long)readahead_counts.read,
	           (unsigned long long)readahead_counts.used, (unsigned long long)readahead_counts.dropped);
}

/* The window counts the wanted slot: 1 reads nothing ahead. */
static void set(struct call *c)
{
	uint64_t n;

	if (c->arg[0].given && !call_may_change(c))
		return;
	if (!strcmp(c->arg[0].text, "auto"))
		readahead = READAHEAD_AUTO;
	else if (call_decimal(c, 0, &n) && n >= 1 && n <= READAHEAD_MAX)
		readahead = (unsigned)n;
	else if (c->arg[0].given)
		call_fail(c, 0, "auto, or 1 to %u, decimal", READAHEAD_MAX);
	if (!c->failed)
		show(c->out);
}
COMMAND(readahead) = {
	.name = "readahead", .schema = "W", .synopsis = "readahead [N|auto]", .flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = set,
	.what = "how many slots one page-in reads",
	.help = "  kd> readahead\n"
	        "  N, decimal, counts the wanted slot: with 1 nothing is read ahead. auto, as at the start, lets the window of\n"
	        "  each address space grow while pages read ahead are used, and shrink while they are dropped unused.\n"
	        "  Linux: /proc/sys/vm/page-cluster, swap_ra and swap_ra_hit of /proc/vmstat\n",
};
