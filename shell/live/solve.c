/* shell/live/solve.c - solve: the calculation of a lesson's task, and the task again with other numbers.
 * SPDX-License-Identifier: MIT
 */
#include "shell/live/lesson_task.h"

static void solve(struct call *c)
{
	if (call_task(c))
		lesson_solve(c->out);
}
COMMAND(solve) = {
	.name = "solve", .schema = "", .synopsis = "solve", .run = solve,
	.what = "the calculation of a lesson's task; then the same task with other numbers",
	.help = "  kd> lesson 1 1; solve; lesson off\n  The new task is worth one point less.\n",
};
