/* shell/live/watermarks.c - watermarks: numbers of free frames at which page-out begins and ends.
 * SPDX-License-Identifier: MIT
 *
 * Linux: the watermarks of a zone in /proc/zoneinfo, which min_free_kbytes and watermark_scale_factor set.
 */
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "shell/live/decimal.h"

static void show(struct out *out)
{
	const struct { const char *name; uint32_t frames; const char *what; } row[] = {
		{ "min", watermarks.min, "programs leave these to the shell and to the tasks that free memory" },
		{ "low", watermarks.low, "below, the trimmer evicts pages" },
		{ "high", watermarks.high, "there it stops" },
	};

	for (unsigned i = 0; i < ARRAY_LEN(row); i++)
		out_printf(out, "%5s %8u frames (%9u Kb)  %s\n", row[i].name, (unsigned)row[i].frames,
		           (unsigned)row[i].frames * (unsigned)(PAGE_SIZE >> 10), row[i].what);
	out_printf(out, "%5s %8u free, zeroed and standby frames\n", "now", (unsigned)(frame_available() + standby_pages.count));
}

static void fail(struct call *c, err_t err)
{
	if (err == ERR_INVALID)
		call_fail(c, 0, "MIN, LOW and HIGH must ascend");
	else
		call_fail(c, 0, "MIN is at least %u, HIGH at most %u, half of the frames that pages can use", WATERMARK_LEAST,
		          (unsigned)reclaim_frames() / 2);
}

static void set(struct call *c)
{
	uint64_t n[3];
	struct watermarks w;
	err_t err;

	for (unsigned i = 0; i < ARRAY_LEN(n); i++)
		if (!call_decimal(c, i, &n[i]) || n[i] > UINT32_MAX) {
			call_fail(c, c->arg[i].given ? i : COMMAND_ARGS, "three numbers of frames, decimal");
			return;
		}
	if (!call_may_change(c))
		return;
	w = (struct watermarks){ .min = (uint32_t)n[0], .low = (uint32_t)n[1], .high = (uint32_t)n[2] };
	err = watermarks_set(&w);
	if (err != OK)
		fail(c, err);
}

/* The trimmer reads the new values at its next tick. */
static void watermarks_command(struct call *c)
{
	if (c->arg[0].given)
		set(c);
	if (!c->failed)
		show(c->out);
}
COMMAND(watermarks) = {
	.name = "watermarks", .schema = "WWW", .synopsis = "watermarks [MIN LOW HIGH]", .flags = CMD_READ_ONLY | CMD_EXAMPLE,
	.run = watermarks_command,
	.what = "numbers of free frames at which page-out begins and ends",
	.help = "  kd> watermarks\n"
	        "  MIN, LOW and HIGH: frames, decimal. A program cannot take one of the last MIN frames. Below LOW the trimmer\n"
	        "  evicts pages until HIGH are free or standby.\n"
	        "  Linux: /proc/zoneinfo, /proc/sys/vm/min_free_kbytes\n",
};
