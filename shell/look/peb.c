/* shell/look/peb.c - peb: the environment block of a process.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/process.h"
#include "shell/command.h"

static void peb(struct call *c)
{
	const struct target_system *system = c->target->system;

	if (!c->arg[0].given && !(system && system->peb))
		call_lacks(c, "an address, since only the live machine says where a PEB is");
	else
		c->no_answer = windbg_peb(c->out, c->target, c->arg[0].given ? c->arg[0].value : system->peb) != OK;
}
COMMAND(peb) = {
	.name = "peb", .schema = "A", .synopsis = "peb [ADDR]", .flags = CMD_LOOKS, .run = peb,
	.what = "the environment block of the process that is looked at, from its user memory",
	.help = "  kd> .process /p {program}; peb\n"
	        "  Base, size and date of what was loaded, and the command line. It is a page like others: it can be\n"
	        "  paged out, and is then said to be. Without .process /p it is read with the CPU's tables, which\n"
	        "  are kd's.\n"
	        "  WinDbg: !peb   Linux: /proc/PID/maps, /proc/PID/cmdline\n",
};
