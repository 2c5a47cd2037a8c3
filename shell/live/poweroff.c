/* shell/live/poweroff.c - poweroff: ends the machine with an exit status.
 * SPDX-License-Identifier: MIT
 *
 * The status is 1 if a command of run= failed, or if an oops or a bugcheck happened that no test
 * expected, else 0 (shell_failed()): a script that starts QEMU sees it. Typed commands do not count.
 * Allowed after a bugcheck: it writes only to the boot trace.
 * WinDbg: q. Linux: poweroff. QEMU: quit.
 */
#include "arch/cpu.h"
#include "boot/boot_info.h"
#include "kernel/boot_trace.h"
#include "kernel/console.h"
#include "kernel/shell.h"
#include "shell/command.h"

/* The stage END in the record that survives a reset tells the next boot that this one ended on
 * purpose. The console is flushed first: the queue is lost with the machine. */
static void poweroff(struct call *c)
{
	out_puts(c->out, "power off\n");
	kernel_boot_stage(STAGE_END);
	console_flush();
	arch_poweroff(shell_failed());
}
COMMAND(poweroff) = {
	.name = "poweroff", .aliases = "quit q", .schema = "", .synopsis = "poweroff",
	.flags = CMD_READ_ONLY | CMD_TARGET, .run = poweroff,
	.what = "leave",
	.help = "  kd> poweroff\n"
	        "  QEMU ends with status 0 if no command of run= failed and no oops and no bugcheck happened since boot,\n"
	        "  otherwise with 1. Typed commands do not count, nor does an oops that a kernel test expects.\n"
	        "  WinDbg: q   Linux: poweroff   QEMU: quit\n",
};
