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
	uint64_t va = c->arg[0].given ? c->arg[0].value : peb_of(c->target);

	if (!c->arg[0].given && !va)
		call_lacks(c, "an address, since no process says where its PEB is");
	else
		c->no_answer = windbg_peb(c->out, c->target, va) != OK;
}
COMMAND(peb) = {
	.name = "peb", .schema = "A", .synopsis = "peb [ADDR]", .flags = CMD_READ_ONLY | CMD_TARGET, .run = peb,
	.what = "the environment block of the selected process, in its user memory",
	.help = "  kd> .process /p {program}; peb\n"
	        "  Base, size and date of the loaded image, and the command line. The block is an ordinary page, which can be\n"
	        "  paged out; the output then says so. Without .process /p it is read with the tables of the CPU, those of kd.\n"
	        "  WinDbg: !peb   Linux: /proc/PID/maps, /proc/PID/cmdline\n",
};
