/* shell/look/peb.c - peb: the environment block of a process.
 * SPDX-License-Identifier: MIT
 *
 * The PEB is an ordinary page of user memory with the base, size and date of the loaded image and
 * the command line. The kernel fills it when it loads the program, and WinDbg's lines show it. It is
 * read through the target's decode mode: without .process /p it is that of kd, which has none.
 * WinDbg: !peb. Linux: /proc/PID/maps, /proc/PID/cmdline.
 */
#include "inspect/process.h"
#include "shell/command.h"

/* The address is the same in every process, so the target supplies it; an image has no processes,
 * and the address must be given. */
static void peb(struct call *c)
{
	const struct target_system *system = c->target->system;

	if (!c->arg[0].given && !(system && system->peb))
		call_lacks(c, "an address, since only the live machine says where a PEB is");
	else
		c->no_answer = windbg_peb(c->out, c->target, c->arg[0].given ? c->arg[0].value : system->peb) != OK;
}
COMMAND(peb) = {
	.name = "peb", .schema = "A", .synopsis = "peb [ADDR]", .flags = CMD_READ_ONLY, .run = peb,
	.what = "the environment block of the selected process, in its user memory",
	.help = "  kd> .process /p {program}; peb\n"
	        "  Base, size and date of the loaded image, and the command line. The block is an ordinary page, which can be\n"
	        "  paged out; the output then says so. Without .process /p it is read with the tables of the CPU, those of kd.\n"
	        "  WinDbg: !peb   Linux: /proc/PID/maps, /proc/PID/cmdline\n",
};
