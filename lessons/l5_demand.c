/* lessons/l5_demand.c - L5: faults and frames of a program, before it runs.
 * SPDX-License-Identifier: MIT
 *
 * The right answers are counted: the program steps (user/steps.c) runs twice at the moment of the answer, with the
 * numbers of the task and with zeros. The difference of the two runs is what the numbers cause, without the program's own faults.
 */
#include "arch/cpu.h"
#include "kernel/initrd.h"
#include "kernel/proc.h"
#include "lessons/lesson.h"
#include "lib/list.h"
#include "mm/backing/file.h"
#include "mm/phys/kmap.h"
#include "mm/space/fault.h"
#include "mm/space/rmap.h"
#include "mm/space/vma.h"
#include "shell/command.h"

/* As in user/steps.c: words of the program. */
enum { BOARD_READY, BOARD_AREA, BOARD_DONE };

struct plan { unsigned read, fresh, replace, child, parent; };
static struct plan plan;

/* What one run did. frames: of the program's range, without the zero frame; both: those that the child maps, too. */
struct outcome { uint64_t zero_page, demand_zero, replaced, copies, reused; unsigned frames, both; };

/* ---- a run ---- */

static bool board_word(struct proc *p, unsigned word, uintptr_t *value, bool store)
{
	struct pt_walk walk;
	paddr_t at;

	list_for_each(l, &p->as->vmas) {
		const struct vma *v = container_of(l, struct vma, link);

		if (!(v->flags & VMA_SHARED))
			continue;
		pt_walk(&p->as->space, v->first, &walk, NULL, 0);
		at = paddr_add(walk.pa, word * sizeof(*value));
		if (walk.outcome != PT_LEAF)
			return false;
		return (store ? phys_write(at, value, sizeof(*value)) : phys_read(at, value, sizeof(*value))) == OK;
	}
	return false;
}

/* Sleeps until the program has written its last page. False: it ended before, does not get so far, or Ctrl-C was typed: it may wait
 * for a child that had no memory. */
static bool wait_until_ready(struct proc *p)
{
	static struct wait_queue pause = { LIST_INIT(pause.sleepers) };
	uintptr_t ready = 0;
	irq_state_t irq;

	for (unsigned i = 0; i < 600 * SCHED_HZ && p->as; i++) {
		if (board_word(p, BOARD_READY, &ready, false) && ready)
			return true;
		if (shell_take_break())
			return false;
		irq = arch_irq_save();
		(void)sched_sleep_on(&pause, sched_ticks() + 1);
		arch_irq_restore(irq);
	}
	return false;
}

static void count_frames(struct proc *p, const struct plan *n, struct outcome *out)
{
	uintptr_t area = 0;
	struct pt_walk walk;

	(void)board_word(p, BOARD_AREA, &area, false);
	for (unsigned i = 0; i < n->read + n->fresh; i++) {
		const struct frame *f;

		pt_walk(&p->as->space, area + (uint64_t)i * PAGE_SIZE, &walk, NULL, 0);
		f = walk.outcome == PT_LEAF ? frame_counted(pfn_of(walk.pa)) : NULL;
		if (!f || frame_is_object(f))
			continue;
		out->frames++;
		out->both += f->maps == 2;
	}
}

static struct outcome counts_now(void)
{
	const uint64_t *n = fault_counts()->action;

	return (struct outcome){ n[ACT_ZERO_PAGE], n[ACT_DEMAND_ZERO], n[ACT_REPLACE_ZERO], n[ACT_COPY], n[ACT_REUSE], 0, 0 };
}

/* The child waits for a word of its parent. Interrupts are off, so that neither of them runs, and ends, between the two. */
static void kill_both(struct proc *parent)
{
	irq_state_t irq = arch_irq_save();

	list_for_each(l, &procs) {
		struct proc *p = container_of(l, struct proc, link);

		if (p->parent == parent)
			proc_kill(p);
	}
	proc_kill(parent);
	arch_irq_restore(irq);
}

/* False: the program did not run. */
static bool run(const struct plan *n, struct outcome *out)
{
	char text[5][12];
	const char *argv[] = { "steps", text[0], text[1], text[2], text[3], text[4] };
	const unsigned numbers[] = { n->read, n->fresh, n->replace, n->child, n->parent };
	struct outcome before, after;
	uintptr_t one = 1;
	int32_t status = 1;
	uint32_t pid;
	struct proc *p;
	bool ready;

	for (unsigned i = 0; i < 5; i++)
		str_printf(text[i], sizeof(text[i]), "%u", numbers[i]);
	before = counts_now();
	if (proc_run(argv, ARRAY_LEN(argv), &p) != OK)
		return false;
	ready = wait_until_ready(p);
	after = counts_now();
	*out = (struct outcome){
		after.zero_page - before.zero_page, after.demand_zero - before.demand_zero, after.replaced - before.replaced,
		after.copies - before.copies, after.reused - before.reused, 0, 0,
	};
	if (ready) {
		count_frames(p, n, out);
		(void)board_word(p, BOARD_DONE, &one, true);
	} else {
		kill_both(p);
	}
	return proc_wait(p->pid, &pid, &status) == OK && ready && status == 0;
}

/* ---- tasks ---- */

static const char ask_faults[] = ".\nFaults that map the zero frame, a new zeroed frame, a frame instead of the zero frame, a copy,"
	"\nthe same frame made writable?  answer ZERO NEW REPLACED COPIES REUSED\n";
static const char ask_frames[] = ".\nHow many frames (not the zero frame) does the parent map there, and how many of them does the"
	"\nchild map, too?  answer FRAMES BOTH\n";

static bool set(struct task *t, struct out *out)
{
	if (!initrd_find("steps")) {
		out_puts(out, "L5 needs the program steps, and the initrd does not have it\n");
		return false;
	}
	plan = (struct plan){ .read = 3 + (unsigned)task_random(t, 20), .fresh = 8 + (unsigned)task_random(t, 20) };
	if (t->number >= 2)
		plan.replace = 1 + (unsigned)task_random(t, plan.read - 1);
	if (t->number >= 3)
		plan.child = 1 + (unsigned)task_random(t, plan.fresh - 1);
	if (t->number >= 4)
		plan.parent = 1 + (unsigned)task_random(t, plan.fresh - 1);
	out_printf(out, "A new range: the program reads %x pages and writes %x others", plan.read, plan.fresh);
	if (t->number >= 2)
		out_printf(out, ",\nthen writes %x of those that it has read", plan.replace);
	if (t->number >= 3)
		out_printf(out, ".\nIt forks; the child writes the first %x of the %x pages", plan.child, plan.fresh);
	if (t->number >= 4)
		out_printf(out, ",\nand after it, while it lives, the parent the first %x of them", plan.parent);
	out_puts(out, t->number == 5 ? ask_frames : ask_faults);
	return true;
}

static void expect_faults(struct task *t, const struct outcome *did)
{
	task_expect(t, "faults that map the zero frame", ANSWER_NUMBER, did->zero_page);
	task_mistake(t, 0, "a page that is read for the first time has no entry either: it faults, and maps the zero frame");
	task_mistake(t, 1, "all of them map one frame, but each page has an entry of its own, and so a fault");
	task_mistake(t, plan.read + plan.fresh, "a page that is written first never maps the zero frame");
	task_mistake(t, plan.read - plan.replace, "a page that is written later has mapped the zero frame before");
	task_expect(t, "faults that map a new zeroed frame", ANSWER_NUMBER, did->demand_zero);
	task_mistake(t, plan.read + plan.fresh, "reading needs no frame of its own");
	task_mistake(t, plan.fresh + plan.replace,
	             "a page that was read before has an entry: that fault replaces the zero frame");
	task_mistake(t, plan.fresh * 2, "fork() shares the frames; it makes no faults by itself");
	task_expect(t, "faults that replace the zero frame", ANSWER_NUMBER, did->replaced);
	task_mistake(t, 0, "the zero frame is mapped read-only, so a write to such a page faults");
	task_mistake(t, plan.read, "only the pages that are written later");
	task_expect(t, "copies", ANSWER_NUMBER, did->copies);
	task_mistake(t, plan.fresh, "fork() copies nothing: a page is copied at the first write after it");
	task_mistake(t, plan.fresh + plan.replace, "fork() copies nothing: a page is copied at the first write after it");
	task_mistake(t, plan.child + plan.parent,
	             "a frame that the child has copied belongs to the parent alone: its write copies nothing");
	task_mistake(t, 0, "both share the frame, read-only: the first write copies it");
	task_mistake(t, plan.parent, "the child writes first: its writes copy");
	task_expect(t, "frames made writable again", ANSWER_NUMBER, did->reused);
	task_mistake(t, plan.parent, "a frame that the child still maps has to be copied");
	task_mistake(t, plan.child, "only the pages that the parent writes");
	task_mistake(t, 0, "the entry of the last owner is still read-only after fork(): its write faults, and needs no copy");
}

static void expect_frames(struct task *t, const struct outcome *did)
{
	unsigned all = plan.fresh + plan.replace, written = plan.child > plan.parent ? plan.child : plan.parent;

	task_expect(t, "frames of the parent", ANSWER_NUMBER, did->frames);
	task_mistake(t, plan.fresh, "the pages that were read and then written have a frame each, too");
	task_mistake(t, plan.read + plan.fresh, "pages that were only read map the zero frame");
	task_mistake(t, all + plan.child, "the copies of the child are frames of the child");
	task_mistake(t, all + written, "a copy replaces a frame; it is none more");
	task_expect(t, "frames that both map", ANSWER_NUMBER, did->both);
	task_mistake(t, all, "a page that one of them has written is no longer shared");
	task_mistake(t, all - plan.child, "the parent has written pages, too");
	task_mistake(t, plan.fresh - written, "the pages that were read and then written are shared, too");
	task_mistake(t, 0, "what neither of them has written since fork() is still shared");
}

static void expect(struct task *t)
{
	struct outcome none = { 0 }, did = { 0 };

	if (!run(&(struct plan){ 0 }, &none) || !run(&plan, &did)) {
		t->failed = "the program did not run to its end: Ctrl-C, no memory for two processes, or not at PASSIVE_LEVEL";
		none = did = (struct outcome){ 0 };
	}
	did.zero_page -= none.zero_page;
	did.demand_zero -= none.demand_zero;
	did.replaced -= none.replaced;
	did.copies -= none.copies;
	did.reused -= none.reused;
	if (t->number == 5)
		expect_frames(t, &did);
	else
		expect_faults(t, &did);
}

static const char *hint(const struct task *t, unsigned i)
{
	static const char *const faults[TASK_HINTS] = {
		"a read of a new page maps the shared zero frame, read-only; a write maps a new frame",
		"after fork() both have read-only entries for the same frames; the first of them that writes gets the copy",
		"a frame that the other one has left (copied) has one owner: the next write makes the same frame writable",
	};
	static const char *const frames[TASK_HINTS] = {
		"pages that were only read share the zero frame, which does not count",
		"a copy replaces one frame by another: the number of frames of a process stays the same",
		"both map what neither has written since fork(): all pages with a frame, without the larger of the two numbers",
	};

	return t->number == 5 ? frames[i] : faults[i];
}

static void solve(const struct task *t, struct out *out)
{
	unsigned more = plan.parent > plan.child ? plan.parent - plan.child : 0;
	unsigned written = plan.child > plan.parent ? plan.child : plan.parent;

	if (t->number == 5) {
		out_printf(out,
		           "frames: %x + %x = %x; both: %x - %x = %x\n", plan.fresh, plan.replace, plan.fresh + plan.replace,
		           plan.fresh + plan.replace, written, plan.fresh + plan.replace - written);
		return;
	}
	out_printf(out, "zero frame: %x reads; new: %x writes; replaced: %x\n", plan.read, plan.fresh, plan.replace);
	out_printf(out, "copies: %x by the child and %x by the parent (pages that the child left shared)\n", plan.child, more);
	out_printf(out, "reused: %x, which the child has copied\n", plan.parent - more);
}

static unsigned tasks(void) { return 5; }

LESSON(l5) = {
	.name = "L5", .title = "demand paging and copy-on-write",
	.text = "Say what a program will do; then it runs, and the kernel's counters decide. Numbers are hexadecimal.\n",
	.values = "ZERO NEW REPLACED COPIES REUSED, or FRAMES BOTH in the last task",
	.closed = "run faults trace vm",
	.tasks = tasks, .set = set, .expect = expect, .hint = hint, .solve = solve,
};
