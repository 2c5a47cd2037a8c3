/* lessons/l3_faults.c - L3: twelve accesses, fault or not; then the CPU decides.
 * SPDX-License-Identifier: MIT
 *
 * The right answer is what the CPU does when the access is made, at the moment of the answer.
 */
#include "inspect/predict.h"
#include "kernel/probe.h"
#include "lessons/lesson.h"
#include "lessons/machine.h"
#include "mm/space/fault.h"

static struct { uint64_t va; enum access access; } asked;

static const char *const verbs[] = {
	[ACCESS_READ] = "A read from", [ACCESS_WRITE] = "A write to", [ACCESS_EXECUTE] = "An instruction fetch from",
};

/* An address without a page: low memory, or a hole of the kernel's layout. */
static uint64_t unmapped(struct task *t)
{
	struct task_walk w;
	uint64_t va = 0;

	for (unsigned i = 0; i < 32; i++) {
		if (!lesson_pick(t, true, &va))
			return 0;
		va += (1 + task_random(t, 64)) * PAGE_SIZE;
		lesson_walk(va, &w);
		if (w.walk.err == OK && w.walk.outcome == PT_EMPTY && !vma_find(&kernel_aspace, va))
			return va;
	}
	return task_random(t, PAGE_SIZE);
}

/* Every third access is to a page that does not exist. Code is not fetched from pages of which the rights allow it: the byte there
 * need not be the start of an instruction. */
static bool choose(struct task *t)
{
	struct task_walk w;

	for (unsigned i = 0; i < 256; i++) {
		asked.access = (enum access)task_random(t, 3);
		if (t->number % 3 == 0) {
			asked.va = unmapped(t);
			return true;
		}
		if (!lesson_pick(t, false, &asked.va))
			return false;
		lesson_walk(asked.va, &w);
		if (asked.access == ACCESS_EXECUTE && (w.walk.prot & PROT_X))
			continue;
		/* Half of the writes to read-only pages, so that not every access to a page is allowed. */
		if (t->number % 2 || asked.access != ACCESS_READ)
			return true;
	}
	return false;
}

static bool set(struct task *t, struct out *out)
{
	const struct pt_mode *mode;
	struct task_walk w;

	if (!choose(t)) {
		out_puts(out, "no page of the kernel was found\n");
		return false;
	}
	mode = lesson_mode(asked.va);
	lesson_walk(asked.va, &w);
	out_printf(out, "%s %llx in kernel mode. Entries:\n ", verbs[asked.access], (unsigned long long)asked.va);
	for (unsigned i = 0; i < w.walk.n; i++)
		out_printf(out, " %s %0*llx", mode->format->level[w.step[i].level].vendor, (int)lesson_entry_digits(),
		           (unsigned long long)w.step[i].entry.v);
	out_puts(out, "\nWhat happens?  answer ok, or the fault code\n");
	return true;
}

/* ---- the CPU's answer ---- */

static uint64_t cpu(void)
{
	uint64_t before = fault_newest();
	bool done = probe_access(asked.va, asked.access);

	if (done && fault_newest() == before)
		return ANSWER_OK;
	if (fault_newest() == before)
		return ANSWER_FAULT;
	return fault_recent((unsigned)(fault_newest() - before - 1))->fault.code;
}

static void expect(struct task *t)
{
	uint64_t right = cpu();

	task_expect(t, "the CPU's answer", ANSWER_NUMBER, right);
	task_mistake(t, ANSWER_OK, "the CPU faults");
	if (right == ANSWER_OK)
		return;
	task_mistake(t, ANSWER_FAULT, "the task asks for the code of the fault");
	for (enum access a = ACCESS_READ; a <= ACCESS_EXECUTE; a++) {
		struct target now = lesson_target();
		struct pt_space space = target_space(&now);
		struct prediction p;

		for (unsigned user = 0; user < 2; user++) {
			predict(&space, asked.va, (struct predict_access){ .access = a, .from_user = user }, &p);
			if (p.outcome == PREDICT_FAULT)
				task_mistake(t, p.code, user ? "that is the code of an access from user mode" :
				             "that is the code of another kind of access");
		}
	}
}

/* Prints both codes in words. */
static bool explain(const struct task *t, unsigned i, uint64_t given, struct out *out)
{
	const struct pt_format *f = lesson_target().mode->format;
	uint64_t right = t->answer[i].right;

	if (right == ANSWER_OK) {
		out_puts(out, ": the CPU allows the access\n");
		return true;
	}
	if (given > UINT32_MAX || right > UINT32_MAX)
		return false;
	out_puts(out, ": that would be ");
	predict_put_code(out, f, asked.access, (uint32_t)given);
	out_puts(out, "; look at which entry ends the walk, and why\n");
	return true;
}

static const char *hint(const struct task *t, unsigned i)
{
	static const char *const hints[TASK_HINTS] = {
		"is every entry present? Then the rights of all levels count: each has to allow the access",
		"kernel mode may read every present page; writes need the write bit; a bit can forbid fetches",
		"x86: bit 0 of the code is present, 1 write, 2 user mode, 3 reserved bit, 4 fetch; ARM: kind and level",
	};

	(void)t;
	return hints[i];
}

static void solve(const struct task *t, struct out *out)
{
	struct target now = lesson_target();

	(void)t;
	predict_show(out, &now, asked.va, (struct predict_access){ .access = asked.access });
}

static unsigned tasks(void) { return 12; }

LESSON(l3) = {
	.name = "L3", .title = "rights and faults",
	.text = "Twelve accesses of the kernel. Say what the CPU does; then it makes the access and decides.\n",
	.values = "`ok`, or the fault code",
	.closed = "predict probe access explain faults trace touch",
	.tasks = tasks, .set = set, .expect = expect, .explain = explain, .hint = hint, .solve = solve,
};
