/* shell/live/answer.c - answer: the values that a task of a lesson asks for.
 * SPDX-License-Identifier: MIT
 */
#include "lessons/lesson.h"
#include "lib/string.h"
#include "shell/command.h"
#include "shell/live/lesson_task.h"

/* Letters of rights, each at most once, or "-". */
static bool read_rights(const char *word, uint64_t *out)
{
	static const char letters[] = "rwxu";
	static const prot_t right[] = { PROT_R, PROT_W, PROT_X, PROT_U };

	*out = 0;
	for (const char *s = strcmp(word, "-") ? word : ""; *s; s++) {
		const char *at = strchr(letters, *s);

		if (!at || (*out & right[at - letters]))
			return false;
		*out |= right[at - letters];
	}
	return *word;
}

/* The next argument, an expression or a word. False: there is none, or an error was printed. */
static bool read_one(struct call *c, const struct task *t, unsigned i, struct given *g)
{
	const char *before = c->rest, *word;
	size_t at;

	*g = (struct given){ .kind = i < t->answers ? t->answer[i].kind : ANSWER_NUMBER };
	if (!call_next_word(c, &word, &at))
		return false;
	g->value = lesson_word(word);
	if (g->value)
		return true;
	if (g->kind == ANSWER_RIGHTS) {
		if (!read_rights(word, &g->value))
			call_fail_at(c, c->text + at, "rights are letters of rwxu, or - for none");
		return !c->failed;
	}
	c->rest = before;
	return call_next_number(c, &g->value);
}

static void answer(struct call *c)
{
	struct given given[TASK_ANSWERS + 1] = { { .value = 0 } };
	const struct task *t;
	unsigned n = 0;

	if (!call_task(c))
		return;
	t = lesson_expect();
	while (n <= TASK_ANSWERS && read_one(c, t, n, &given[n]))
		n++;
	if (c->failed)
		return;
	if (!n || !lesson_takes(n, given[n - 1].value)) {
		call_fail(c, COMMAND_ARGS, "this task takes %s", lesson_current()->values);
		return;
	}
	c->failed = !lesson_answer(given, n, c->out);
}
COMMAND(answer) = {
	.name = "answer", .schema = "*", .synopsis = "answer VALUE...", .run = answer,
	.what = "the values that the task of a lesson asks for",
	.help = "  kd> lesson 1 1; answer 0 r; lesson off\n"
	        "  A value is an expression. Rights are letters of r w x u, or - for none. A wrong value costs a point; if a\n"
	        "  usual mistake gives it, the line says which.\n",
};
