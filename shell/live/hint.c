/* shell/live/hint.c - hint: help with the task of a lesson, for a point.
 * SPDX-License-Identifier: MIT
 */
#include "shell/live/lesson_task.h"

static void hint(struct call *c)
{
	if (call_task(c))
		lesson_hint(c->out);
}
COMMAND(hint) = {
	.name = "hint", .schema = "", .synopsis = "hint", .run = hint,
	.what = "help with the task of a lesson, in three steps; each costs a point",
	.help = "  kd> lesson 1 1; hint; lesson off\n  The third hint names every step.\n",
};
