/* shell/live/lesson_task.c - the task that `answer`, `hint` and `solve` work on.
 * SPDX-License-Identifier: MIT
 */
#include "shell/live/lesson_task.h"

const struct task *call_task(struct call *c)
{
	const struct task *t = lesson_task();

	if (t)
		return t;
	out_printf(c->out, "%s: %s; `lesson` lists the units\n", c->command->name,
	           lesson_current() ? "every task of this unit is done" : "no lesson has begun");
	c->failed = true;
	return NULL;
}
