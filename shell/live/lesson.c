/* shell/live/lesson.c - lesson: begins a unit, or lists them.
 * SPDX-License-Identifier: MIT
 */
#include "lessons/lesson.h"
#include "lib/string.h"
#include "shell/command.h"

static void list(struct out *out)
{
	for (const struct lesson *l = lessons_start; l < lessons_end; l++) {
		unsigned most, points = lesson_points(l, &most);

		out_printf(out, "%c %-4s %-44s %2u tasks, %2u of %u points\n", l == lesson_current() ? '*' : ' ', l->name, l->title,
		           l->tasks(), points, most);
	}
}

/* "2" or "L2". */
static const struct lesson *find(const char *name)
{
	for (const struct lesson *l = lessons_start; l < lessons_end; l++)
		if (!str_casecmp(l->name, name) || !strcmp(l->name + 1, name))
			return l;
	return NULL;
}

static void lesson(struct call *c)
{
	const char *name = c->arg[0].text;
	const struct lesson *l = find(name);

	if (!c->arg[0].given)
		list(c->out);
	else if (!l && str_casecmp(name, "off"))
		call_fail(c, 0, "no such unit; `lesson` lists them");
	else if (!l && c->arg[1].given)
		call_fail(c, 1, "off takes no seed");
	else if (!call_may_change(c))
		c->failed = true;
	else if (!l)
		lesson_end();
	else
		c->failed = !lesson_begin(l, c->arg[1].given ? c->arg[1].number : lesson_default_seed(), c->out);
}
COMMAND(lesson) = {
	.name = "lesson", .schema = "WE", .synopsis = "lesson [UNIT [SEED]|off]", .flags = CMD_READ_ONLY, .run = lesson,
	.what = "units with tasks about this machine's tables; without an argument: the list",
	.help = "  kd> lesson\n"
	        "  `lesson 2` begins unit L2. The prompt shows the unit and the task. `answer`, `hint`, `solve` and `grade`\n"
	        "  belong to it. The same seed sets the same tasks; without one it follows from student= of the command line.\n"
	        "  Commands that would give an answer away are closed while a task is set; `lesson off` opens them.\n",
};
