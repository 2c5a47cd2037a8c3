/* shell/live/reboot.c - reboot: restarts the machine.
 * SPDX-License-Identifier: MIT
 *
 * Allowed after a bugcheck. WinDbg: .reboot. QEMU: system_reset.
 */
#include "arch/cpu.h"
#include "boot/boot_info.h"
#include "kernel/boot_trace.h"
#include "kernel/console.h"
#include "shell/command.h"

/* As poweroff: the record says that the boot ended on purpose, and the output is sent first. Does
 * not return. */
static void reboot(struct call *c)
{
	out_puts(c->out, "reboot\n");
	kernel_boot_stage(STAGE_END);
	console_flush();
	arch_reboot();
}
COMMAND(reboot) = {
	.name = "reboot", .schema = "", .synopsis = "reboot", .flags = CMD_READ_ONLY | CMD_TARGET, .run = reboot,
	.what = "restart the machine", .help = "  kd> reboot\n  WinDbg: .reboot   QEMU: system_reset\n",
};
