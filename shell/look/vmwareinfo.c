/* shell/look/vmwareinfo.c - vmwareinfo: the memory runs of a snapshot, as Volatility prints them.
 * SPDX-License-Identifier: MIT
 *
 * A machine with a hole below 4 GiB has memory above 4 GiB, and its snapshot file has it in two runs.
 * Volatility: vmwareinfo --verbose. pagewalk: runs, for a snapshot file.
 */
#include "inspect/target.h"
#include "lib/string.h"
#include "shell/command.h"

static void vmwareinfo(struct call *c)
{
	const struct target *t = c->target;
	uint64_t magic, groups;
	struct system_run r;

	if (!t->system || !t->system->snapshot || !t->system->snapshot(t->system_ctx, &magic, &groups)) {
		call_lacks(c, "a snapshot file");
		return;
	}
	/* The low four bits of the magic number are the version of the format. */
	out_printf(c->out, "Magic: 0x%llx (Version %u)\nGroup count: 0x%llx\n", (unsigned long long)magic,
	           (unsigned)(magic & 15), (unsigned long long)groups);
	out_puts(c->out, "File Offset PhysMem Offset Size\n----------- -------------- ----------\n");
	for (unsigned i = 0; t->system->run(t->system_ctx, i, &r); i++)
		out_printf(c->out, "0x%09llx 0x%012llx 0x%08llx\n", (unsigned long long)r.offset, (unsigned long long)r.pa,
		           (unsigned long long)r.size);
}
COMMAND(vmwareinfo) = {
	.name = "vmwareinfo", .schema = "o", .synopsis = "vmwareinfo [--verbose]", .flags = CMD_READ_ONLY | CMD_TARGET,
	.run = vmwareinfo, .what = "where a snapshot file of VMware has which physical addresses",
	.help = "  kd> load x64-above-ram; vmwareinfo --verbose; unload\n"
	        "  The scenario says it. A physical address is at the file offset of its run, plus its distance from the run.\n"
	        "  Volatility: vmwareinfo --verbose   pagewalk: runs\n",
};
