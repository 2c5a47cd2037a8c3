/* lessons/lesson.h - lessons: units of tasks with a seed, answers and points.
 * SPDX-License-Identifier: MIT
 *
 * A unit is one file with one LESSON(); there is no other list of units. Every number of a task follows from the seed and from the
 * tables of the machine, so two students with different seeds have different tasks. An answer is compared with what the unit
 * computes at that moment, never with text. A wrong answer is compared with the values that usual mistakes give (struct mistake).
 *
 * A task is worth TASK_POINTS. A hint and a wrong answer cost one point each, also if the unit begins again; `solve` prints the
 * calculation and sets the same task with other numbers, for one point less.
 */
#pragma once
#include "lib/out.h"
#include "paging/walk.h"

#define TASK_POINTS   4
#define TASKS_MAX     12
#define TASK_HINTS    3
#define TASK_ANSWERS  5
#define TASK_MISTAKES 16

/* Answers that are words. No entry, address or number of a task has these values. */
#define ANSWER_FAULT (UINT64_MAX)          /* `fault`: the walk ends here */
#define ANSWER_OK    (UINT64_MAX - 1)      /* `ok`: the access is allowed */
#define ANSWER_YES   (UINT64_MAX - 2)
#define ANSWER_NO    (UINT64_MAX - 3)
#define ANSWER_DONE  (UINT64_MAX - 4)      /* `done`: look at the tables */
#define ANSWER_WORDS (UINT64_MAX - 4)      /* the lowest of them */

enum answer_kind {
	ANSWER_NUMBER,   /* an expression, hexadecimal by default; or a word of above */
	ANSWER_RIGHTS,   /* some of the letters r w x u, or - for none: PROT_R, PROT_W, PROT_X, PROT_U */
};

/* A value that a usual mistake gives, and the sentence that says which mistake that is. */
struct mistake { uint64_t value; const char *text; };

struct expected {
	const char *what;           /* "index", "address of the entry" */
	enum answer_kind kind;
	uint64_t right;
	struct mistake mistake[TASK_MISTAKES];
	unsigned mistakes;
};

struct task {
	unsigned number;            /* from 1 */
	uint64_t random;            /* state of task_random() */
	struct expected answer[TASK_ANSWERS];
	unsigned answers;           /* fewer than usual if the last one is ANSWER_FAULT */
	const char *failed;         /* set by expect(): why the right answers are not known now. Then an answer costs nothing. */
};

enum { STEP_MORE = -1, STEP_REFUSED = -2 };

struct lesson {
	const char *name;           /* "L2" */
	const char *title;
	const char *text;           /* what the unit is about: lines that end with \n, with those of a task at most 12 */
	const char *values;         /* the arguments of `answer`, for its usage: "INDEX ADDRESS ENTRY NEXT" */
	unsigned most;              /* number of values, if a walk may end before the last one; 0: those that are expected */
	const char *only;           /* names of the commands that may run, separated by spaces; NULL: all */
	const char *closed;         /* names of commands that would give an answer away */
	unsigned (*tasks)(void);    /* their number, at most TASKS_MAX */
	/* Chooses the numbers of task->number with task_random(), and prints the task. False: this machine cannot have it; a line
	 * says why. */
	bool (*set)(struct task *t, struct out *out);
	/* Fills answer[] with task_expect() and task_mistake(), from the tables as they are now. */
	void (*expect)(struct task *t);
	/* Looks at the state of the machine after the answers were right: true, or one line says what is not as the task wants it.
	 * NULL: the answers are all. A task without expected answers takes the word `done`. */
	bool (*check)(const struct task *t, struct out *out);
	/* A task with a sequence of answers: takes the next one. STEP_MORE: the task goes on. STEP_REFUSED: no such answer is
	 * possible now; a line says why, and nothing is lost. Else: the points that the sequence is worth. NULL: a task has one
	 * answer. */
	int (*step)(const struct task *t, uint64_t given, struct out *out);
	/* Takes back what set() did to the machine. NULL: nothing. */
	void (*end)(void);
	/* Explains a wrong answer of which no mistake has the value. False, or NULL: there is nothing to say. */
	bool (*explain)(const struct task *t, unsigned i, uint64_t given, struct out *out);
	const char *(*hint)(const struct task *t, unsigned i);      /* i < TASK_HINTS; each says more than the one before */
	void (*solve)(const struct task *t, struct out *out);       /* prints the calculation */
};

#define LESSON(id) \
	static const struct lesson lesson_##id __attribute__((used, aligned(sizeof(void *)), section(".lessons." #id)))
extern const struct lesson lessons_start[], lessons_end[];

/* ---- for units ---- */

/* A number below `limit`, which is not 0. */
uint64_t task_random(struct task *t, uint64_t limit);
/* Adds an expected answer. `what` is static. */
void task_expect(struct task *t, const char *what, enum answer_kind kind, uint64_t right);
/* Adds a mistake to the last expected answer. The first mistake with a value counts; the right value is none. */
void task_mistake(struct task *t, uint64_t value, const char *text);

/* ---- for commands ---- */

struct given { uint64_t value; enum answer_kind kind; };

/* Begins a lesson at its first task and prints it. False: a line says why not. */
bool lesson_begin(const struct lesson *l, uint64_t seed, struct out *out);
void lesson_end(void);
/* The lesson that runs; NULL: none. */
const struct lesson *lesson_current(void);
/* The task that is set; NULL: no lesson runs, or every task of it is done. */
const struct task *lesson_task(void);
/* ANSWER_* of a word; 0: it is none. */
uint64_t lesson_word(const char *word);
/* The task with its expected answers as of now. A lesson runs. */
const struct task *lesson_expect(void);
/* After lesson_expect(): true if the count fits: as many as the task has, lesson->most, or fewer with ANSWER_FAULT as the last. */
bool lesson_takes(unsigned count, uint64_t last);
/* After lesson_expect(): checks `count` answers and prints the verdict; a right one sets the next task. True: all are right. */
bool lesson_answer(const struct given *given, unsigned count, struct out *out);
void lesson_hint(struct out *out);
void lesson_solve(struct out *out);
/* The table of points and the ticket (ticket.h). */
void lesson_grade(struct out *out);
/* The seed of a student who did not choose one. */
uint64_t lesson_default_seed(void);
/* Points of lesson `l` in this session, and how many it has. */
unsigned lesson_points(const struct lesson *l, unsigned *most);
