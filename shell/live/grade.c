/* shell/live/grade.c - grade: the points of every lesson, and a line that a teacher can check.
 * SPDX-License-Identifier: MIT
 */
#include "lessons/lesson.h"
#include "shell/command.h"

static void grade(struct call *c)
{
	lesson_grade(c->out);
}
COMMAND(grade) = {
	.name = "grade", .schema = "", .synopsis = "grade", .flags = CMD_READ_ONLY, .run = grade,
	.what = "the points of every lesson, and a line with a keyed hash",
	.help = "  kd> grade\n"
	        "  `tools/grade --verify` on the host checks the last line; student= of the command line is its name.\n",
};
