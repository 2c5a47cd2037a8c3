/* kernel/shell/cmd_machine.c - commands about the machine: memory runs, the story of the switch, leaving.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/shell/command.h"

static void runs(struct out *out, const uint64_t *arg)
{
	(void)arg;
	for (unsigned i = 0; i < ram.n; i++)
		out_printf(out, "%016llx-%016llx  %8llu KiB\n", (unsigned long long)ram.run[i].base.v,
		           (unsigned long long)(ram.run[i].base.v + ram.run[i].len - 1),
		           (unsigned long long)ram.run[i].len >> 10);
	out_printf(out, "%llu KiB usable\n", (unsigned long long)memmap_bytes(&ram) >> 10);
}
COMMAND(runs, "runs", "physical memory, as stretches of usable RAM", 0, runs);

static const char *const stages[STAGE_COUNT] = {
	[STAGE_ENTRY] = "the loader jumped to us, translation off",
	[STAGE_TABLES] = "the first tables stand in memory",
	[STAGE_PREFLIGHT] = "the tables were checked",
	[STAGE_CONTROL] = "the paging format is chosen",
	[STAGE_ROOT] = "the root is loaded",
	[STAGE_PAGING] = "paging is on, fetching through the identity map",
	[STAGE_HIGH] = "running at the address the kernel is linked for",
	[STAGE_IDENTITY] = "the identity map is gone",
};

static void mmu(struct out *out, const uint64_t *arg)
{
	(void)arg;
	out_printf(out, "%s: %s\n", live_target.mode->format->name, live_target.mode->format->title);
	for (uint32_t i = 0; i < boot_info.step_count; i++) {
		const struct boot_step *s = &boot_info.step[i];

		out_printf(out, "%2u pc %08llx sp %08llx cr0 %08llx cr3 %08llx cr4 %08llx efer %llx  %s\n",
		           (unsigned)s->stage, (unsigned long long)s->pc, (unsigned long long)s->sp,
		           (unsigned long long)s->ctl[0], (unsigned long long)s->ctl[1],
		           (unsigned long long)s->ctl[2], (unsigned long long)s->ctl[3],
		           s->stage < STAGE_COUNT && stages[s->stage] ? stages[s->stage] : "");
	}
}
COMMAND(mmu, "mmu", "how the MMU was switched on, as it was recorded", 0, mmu);

static void poweroff(struct out *out, const uint64_t *arg)
{
	(void)arg;
	out_puts(out, "power off\n");
	machine_poweroff();
}
COMMAND(poweroff, "poweroff", "leave", 0, poweroff);

static void reboot(struct out *out, const uint64_t *arg)
{
	(void)arg;
	out_puts(out, "reboot\n");
	machine_reboot();
}
COMMAND(reboot, "reboot", "start again", 0, reboot);
