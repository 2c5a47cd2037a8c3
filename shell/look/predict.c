/* shell/look/predict.c - predict: what an access will do, computed from the entries.
 * SPDX-License-Identifier: MIT
 *
 * Uses the rules of the manuals (inspect/predict.h) with the entries of all levels and the CPU's
 * mode (WP, NX, SMEP, SMAP; ARM: domains, AFE). VMAs and the TLB are not considered: a fault that
 * the kernel would resolve is predicted as a fault. `probe` makes the access and compares.
 */
#include "inspect/predict.h"
#include "shell/command.h"
#include "shell/look/access.h"
#include "lib/string.h"

/* Uses the tables of the selected process. Default: kernel mode, as the shell's own accesses. */
static void predict_command(struct call *c)
{
	struct predict_access a = { .access = ACCESS_READ };

	if (!call_access(c, 1, &a.access))
		return;
	if (c->arg[2].given && strcmp(c->arg[2].text, "user")) {
		call_fail(c, 2, "expected user, or nothing for kernel mode");
		return;
	}
	a.from_user = c->arg[2].given;
	predict_show(c->out, c->target, c->arg[0].value, a);
	target_put_sharing(c->out, c->target, c->target->root, c->arg[0].value);
}
COMMAND(predict) = {
	.name = "predict", .schema = "awW", .synopsis = "predict VA r|w|x [user]",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = predict_command,
	.what = "predict an access: permitted or not, the error code, the A and D bits",
	.help = "  kd> predict 0 w\n"
	        "  Uses the entries of all levels, WP, NX, SMEP and SMAP, but no VMA: a fault that the kernel would resolve is\n"
	        "  predicted as a fault. The tables are those of the process that .process selected. probe makes the access\n"
	        "  with the tables of the CPU, and compares.\n",
};
