/* lessons/lesson.c - the lesson that runs: its task, the answers and the points.
 * SPDX-License-Identifier: MIT
 */
#include "lessons/lesson.h"
#include "kernel/bugcheck.h"
#include "kernel/main.h"
#include "lessons/ticket.h"
#include "lib/cmdline.h"
#include "lib/string.h"
#include "shell/command.h"

#define LESSONS_MAX 12
#define STUDENT_MAX 32

/* What is left of a lesson when another one begins. */
struct score {
	uint64_t seed;
	uint8_t points[TASKS_MAX];
	uint8_t solved[TASKS_MAX];      /* calls of `solve`: never reset, so their numbers do not come again */
	/* Points that hints and wrong answers have cost so far. Only `solve`, which sets other numbers, resets it: a unit that
	 * begins again with the same seed has the same numbers, of which a part is known by then. */
	uint8_t lost[TASKS_MAX];
	bool begun;
};

static struct {
	const struct lesson *lesson;
	struct task task;
	unsigned hints;
	bool in_sequence;               /* an answer of a sequence was taken, and the task goes on */
	bool all_done;                  /* or no task is set yet */
	char prompt[16];
	struct score score[LESSONS_MAX];
} session;

static struct score *score_of(const struct lesson *l)
{
	return &session.score[l - lessons_start];
}

const struct lesson *lesson_current(void)
{
	return session.lesson;
}

const struct task *lesson_task(void)
{
	return session.lesson && !session.all_done ? &session.task : NULL;
}

/* ---- random numbers ---- */

/* One step of SplitMix64 (Steele, Lea, Flood 2014): a permutation, so different states stay different. */
static uint64_t mix(uint64_t *state)
{
	uint64_t z = *state += 0x9E3779B97F4A7C15;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return z ^ z >> 31;
}

uint64_t task_random(struct task *t, uint64_t limit)
{
	return mix(&t->random) % limit;
}

static uint64_t first_state(const struct lesson *l, uint64_t seed, unsigned number, unsigned variation)
{
	uint64_t state = seed;

	state = mix(&state) + (uint64_t)(l - lessons_start);
	state = mix(&state) + number;
	return mix(&state) + variation;
}

/* The name is one word of the ticket: a blank in it would let it look like the points that follow. */
static void student(char name[STUDENT_MAX])
{
	if (!cmdline_option(boot_info.cmdline, "student", 0, name, STUDENT_MAX) || !*name)
		str_copy(name, "-", STUDENT_MAX);
	for (char *s = name; *s; s++)
		if (*s <= ' ' || *s > '~')
			*s = '_';
}

uint64_t lesson_default_seed(void)
{
	char name[STUDENT_MAX];

	student(name);
	return strcmp(name, "-") ? ticket_hash(name, strlen(name)) & 0xFFFF : 1;
}

/* ---- expectations of a task ---- */

void task_expect(struct task *t, const char *what, enum answer_kind kind, uint64_t right)
{
	ASSERT(t->answers < TASK_ANSWERS);
	t->answer[t->answers++] = (struct expected){ .what = what, .kind = kind, .right = right };
}

void task_mistake(struct task *t, uint64_t value, const char *text)
{
	struct expected *e = &t->answer[t->answers - 1];

	if (value == e->right || e->mistakes == TASK_MISTAKES)
		return;
	for (unsigned i = 0; i < e->mistakes; i++)
		if (e->mistake[i].value == value)
			return;
	e->mistake[e->mistakes++] = (struct mistake){ value, text };
}

/* The decimal digits of a number, read as hexadecimal digits: what `answer 16` means if 16 was computed in decimal. */
static uint64_t decimal_digits(uint64_t value)
{
	uint64_t out = 0;

	for (unsigned shift = 0; value && shift < 64; shift += 4, value /= 10)
		out |= value % 10 << shift;
	return out;
}

const struct task *lesson_expect(void)
{
	session.task.answers = 0;
	session.task.failed = NULL;
	if (session.lesson->expect)
		session.lesson->expect(&session.task);
	return &session.task;
}

/* ---- setting a task ---- */

static void set_prompt(void)
{
	if (lesson_task())
		str_printf(session.prompt, sizeof(session.prompt), "kd %s.%u> ", session.lesson->name, session.task.number);
	else
		str_printf(session.prompt, sizeof(session.prompt), "kd> ");
	shell_prompt = session.prompt;
}

/* Ctrl-C can end the command at any output, so the task is complete before set() prints it. */
static bool set_task(unsigned number, struct out *out)
{
	const struct score *s = score_of(session.lesson);

	session.task = (struct task){ .number = number };
	session.task.random = first_state(session.lesson, s->seed, number, s->solved[number - 1]);
	session.hints = 0;
	session.in_sequence = false;
	session.all_done = false;
	set_prompt();
	if (session.lesson->end)
		session.lesson->end();
	if (session.lesson->set(&session.task, out))
		return true;
	lesson_end();
	return false;
}

/* True if `list`, names separated by spaces, has the name. */
static bool has_name(const char *list, const char *name)
{
	size_t n = strlen(name);

	while (list && *list) {
		const char *end = strchr(list, ' ');
		size_t length = end ? (size_t)(end - list) : strlen(list);

		if (length == n && !strncmp(list, name, n))
			return true;
		list = end ? end + 1 : NULL;
	}
	return false;
}

/* Commands that run in every task. `more` runs another command, which is tested itself. */
#define ALWAYS "lesson answer hint solve grade help ? n more poweroff reboot"

/* For shell_is_closed: commands that would give the answer away do not run while a task is set. After a bugcheck no answer is
 * taken, and every command that reads may help to find the cause. */
static bool is_closed(const struct command *command)
{
	const struct lesson *l = session.lesson;

	if (!lesson_task() || bugchecked || has_name(ALWAYS, command->name))
		return false;
	return l->only ? !has_name(l->only, command->name) : has_name(l->closed, command->name);
}

/* Points that task i, from 0, is worth at this moment. */
static unsigned worth_of(const struct score *s, unsigned i)
{
	unsigned lost = s->lost[i] + s->solved[i];

	return lost < TASK_POINTS ? TASK_POINTS - lost : 0;
}

/* Points that a unit cannot give any more in this session. */
static unsigned lost_before(const struct score *s)
{
	unsigned lost = 0;

	for (unsigned i = 0; i < TASKS_MAX; i++)
		lost += TASK_POINTS - worth_of(s, i);
	return lost;
}

bool lesson_begin(const struct lesson *l, uint64_t seed, struct out *out)
{
	struct score *s = score_of(l);

	lesson_end();
	ASSERT(l->tasks() <= TASKS_MAX && (size_t)(lessons_end - lessons_start) <= LESSONS_MAX);
	session.lesson = l;
	session.all_done = true;
	s->begun = true;
	s->seed = seed;
	memset(s->points, 0, sizeof(s->points));
	shell_is_closed = is_closed;
	out_printf(out, "%s  %s, seed %llx", l->name, l->title, (unsigned long long)seed);
	if (lost_before(s))
		out_printf(out, "; points lost so far: %u", lost_before(s));
	out_char(out, '\n');
	out_puts(out, l->text);
	return set_task(1, out);
}

/* Points that the task is worth at this moment. */
static unsigned worth(void)
{
	return worth_of(score_of(session.lesson), session.task.number - 1);
}

static void lose(unsigned points)
{
	uint8_t *lost = &score_of(session.lesson)->lost[session.task.number - 1];

	*lost = (uint8_t)(*lost + points < TASK_POINTS ? *lost + points : TASK_POINTS);
}

/* A sequence that ends here has shown a part of its numbers. */
void lesson_end(void)
{
	if (lesson_task() && session.in_sequence)
		lose(1);
	if (session.lesson && session.lesson->end)
		session.lesson->end();
	session.lesson = NULL;
	shell_is_closed = NULL;
	shell_prompt = SHELL_PROMPT;
}

/* ---- answers ---- */

bool lesson_takes(unsigned count, uint64_t last)
{
	if (session.lesson->step)
		return count == 1;
	if (session.task.answers == 0)
		return count == 1 && last == ANSWER_DONE;
	if (count == session.task.answers || count == session.lesson->most)
		return true;
	return session.lesson->most && count <= TASK_ANSWERS && last == ANSWER_FAULT;
}

static const char *mistake_of(const struct expected *e, const struct given *g)
{
	for (unsigned i = 0; i < e->mistakes; i++)
		if (e->mistake[i].value == g->value)
			return e->mistake[i].text;
	if (g->value == ANSWER_FAULT && session.lesson->most)
		return "the entry is present, so the walk goes on";
	if (e->kind == ANSWER_NUMBER && e->right < ANSWER_WORDS && e->right > 9 && g->value == decimal_digits(e->right))
		return "that is the right number in decimal; the shell reads it as hexadecimal (0n before a decimal number)";
	return NULL;
}

static void put_rights(struct out *out, uint64_t rights)
{
	static const struct { prot_t right; char letter; } letters[] = {
		{ PROT_R, 'r' }, { PROT_W, 'w' }, { PROT_X, 'x' }, { PROT_U, 'u' },
	};

	for (size_t i = 0; i < ARRAY_LEN(letters); i++)
		if (rights & letters[i].right)
			out_char(out, letters[i].letter);
	if (!(rights & PROT_RIGHTS))
		out_char(out, '-');
}

/* Words that are answers, by their values. */
static const struct { const char *word; uint64_t value; } words[] = {
	{ "fault", ANSWER_FAULT }, { "ok", ANSWER_OK }, { "yes", ANSWER_YES }, { "no", ANSWER_NO }, { "done", ANSWER_DONE },
};

uint64_t lesson_word(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(words[i].word, word))
			return words[i].value;
	return 0;
}

/* The word of an answer; NULL: it is a number. */
static const char *answer_word(uint64_t value)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].value == value)
			return words[i].word;
	return NULL;
}

static void diagnose(const struct given *g, unsigned i, struct out *out)
{
	const struct expected *e = &session.task.answer[i];
	const char *text = mistake_of(e, g);

	out_printf(out, "%s: ", e->what);
	if (answer_word(g->value))
		out_puts(out, answer_word(g->value));
	else if (e->kind == ANSWER_RIGHTS)
		put_rights(out, g->value);
	else
		out_printf(out, "%llx", (unsigned long long)g->value);
	out_puts(out, " is not right");
	if (text)
		out_printf(out, ": %s\n", text);
	else if (!session.lesson->explain || !session.lesson->explain(&session.task, i, g->value, out))
		out_char(out, '\n');
}

static void next_task(struct out *out)
{
	unsigned most;

	if (session.task.number < session.lesson->tasks()) {
		(void)set_task(session.task.number + 1, out);
	} else {
		session.all_done = true;
		set_prompt();
		out_printf(out, "%s is done: %u", session.lesson->name, lesson_points(session.lesson, &most));
		out_printf(out, " of %u points. `grade` prints the table, `lesson` the units.\n", most);
	}
}

/* Ends the task: its points are at most what hints and wrong answers have left. What a sequence was not worth is lost: its numbers
 * are known now. */
static void give_points(unsigned points, struct out *out)
{
	if (points > worth())
		points = worth();
	lose(worth() - points);
	score_of(session.lesson)->points[session.task.number - 1] = (uint8_t)points;
	out_printf(out, "right: %u of %u points\n", points, TASK_POINTS);
	next_task(out);
}

/* True: the answer was possible. */
static bool next_step(uint64_t value, struct out *out)
{
	int points = session.lesson->step(&session.task, value, out);

	session.in_sequence |= points == STEP_MORE;
	if (points >= 0)
		give_points((unsigned)points, out);
	return points != STEP_REFUSED;
}

/* The first wrong value ends the check: those after it often follow from it. */
bool lesson_answer(const struct given *given, unsigned count, struct out *out)
{
	struct task *t = &session.task;

	if (session.lesson->step)
		return next_step(given[0].value, out);
	if (t->failed) {
		out_printf(out, "%s\n", t->failed);
		return false;
	}
	for (unsigned i = 0; i < t->answers; i++) {
		if (i < count && given[i].kind == t->answer[i].kind && given[i].value == t->answer[i].right)
			continue;
		lose(1);
		diagnose(&given[i < count ? i : count - 1], i < count ? i : count - 1, out);
		return false;
	}
	if (session.lesson->check && !session.lesson->check(t, out)) {
		lose(1);
		return false;
	}
	give_points(TASK_POINTS, out);
	return true;
}

void lesson_hint(struct out *out)
{
	if (session.hints == TASK_HINTS) {
		out_puts(out, "there are no more hints; `solve` prints the calculation and sets other numbers\n");
		return;
	}
	session.hints++;
	lose(1);
	out_printf(out, "hint %u: %s\n", session.hints, session.lesson->hint(&session.task, session.hints - 1));
}

/* Ctrl-C can end the output: the numbers are worth nothing before the first line of the calculation. */
void lesson_solve(struct out *out)
{
	struct score *s = score_of(session.lesson);
	unsigned i = session.task.number - 1;

	s->lost[i] = TASK_POINTS;
	session.lesson->solve(&session.task, out);
	out_puts(out, "the same task with other numbers:\n");
	if (s->solved[i] < UINT8_MAX)
		s->solved[i]++;
	s->lost[i] = 0;
	(void)set_task(session.task.number, out);
}

/* ---- points ---- */

unsigned lesson_points(const struct lesson *l, unsigned *most)
{
	const struct score *s = score_of(l);
	unsigned points = 0;

	*most = l->tasks() * TASK_POINTS;
	for (unsigned i = 0; i < TASKS_MAX; i++)
		points += s->points[i];
	return points;
}

static void put_row(struct out *out, const struct lesson *l)
{
	const struct score *s = score_of(l);
	unsigned most, points = lesson_points(l, &most);

	out_printf(out, "%-4s %-31s %5llx  ", l->name, l->title, (unsigned long long)s->seed);
	for (unsigned i = 0; i < l->tasks(); i++)
		out_printf(out, " %u", s->points[i]);
	out_pad_to(out, 69);
	out_printf(out, " %3u/%u\n", points, most);
}

/* The ticket has what the table says, in one line. */
void lesson_grade(struct out *out)
{
	static char line[512];
	struct out_buf text;
	char name[STUDENT_MAX];
	unsigned points, most;

	student(name);
	out_buf_init(&text, line, sizeof(line));
	out_printf(&text.out, "pageturner student=%s", name);
	out_printf(out, "%-4s %-31s %5s  %s", "unit", "", "seed", " points of each task");
	out_pad_to(out, 69);
	out_puts(out, "  sum\n");
	for (const struct lesson *l = lessons_start; l < lessons_end; l++) {
		if (!score_of(l)->begun)
			continue;
		points = lesson_points(l, &most);
		put_row(out, l);
		out_printf(&text.out, " %s=%u/%u,%llx", l->name, points, most, (unsigned long long)score_of(l)->seed);
	}
	ticket_print(out, line);
}
