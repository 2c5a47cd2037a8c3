/* shell/live/runs.c - runs: usable RAM, as runs of physical addresses.
 * SPDX-License-Identifier: MIT
 *
 * The runs are those of mm_ram: the firmware's memory map without reserved ranges, merged and
 * page-aligned. Two more lines name RAM that the kernel cannot use: above the physical addresses of
 * the paging mode (legacy: 4 GiB), and ranges that did not fit in the table.
 * Linux: /proc/iomem. QEMU: info mtree -f.
 */
#include "mm/mm.h"
#include "shell/command.h"

/* For %llu. */
static unsigned long long kib(uint64_t bytes)
{
	return bytes >> 10;
}

/* First and last address of each run, both inclusive. */
static void runs(struct call *c)
{
	for (unsigned i = 0; i < mm_ram.n; i++)
		out_printf(c->out, "%016llx-%016llx  %8llu KiB\n", (unsigned long long)mm_ram.run[i].base.v,
		           (unsigned long long)(mm_ram.run[i].base.v + mm_ram.run[i].len - 1), kib(mm_ram.run[i].len));
	out_printf(c->out, "%llu KiB usable\n", kib(memmap_bytes(&mm_ram)));
	if (mm_ram.beyond)
		out_printf(c->out, "%llu KiB above the physical addresses of this mode\n", kib(mm_ram.beyond));
	if (mm_ram.dropped)
		out_printf(c->out, "%llu KiB not used: the memory map is too fragmented\n", kib(mm_ram.dropped));
}
COMMAND(runs) = {
	.name = "runs", .aliases = "physmem", .schema = "", .synopsis = "runs",
	.flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = runs,
	.what = "physical memory, as runs of usable RAM",
	.help = "  kd> runs\n"
	        "  With 4 GiB or more, RAM continues above 4 GiB, after the hole for devices: physical addresses are then\n"
	        "  larger than the amount of RAM.\n"
	        "  Linux: /proc/iomem   QEMU: info mtree -f\n",
};
