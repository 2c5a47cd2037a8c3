/* kernel/sched.c - scheduler: round robin over one ready list; sleeping processes are on wait queues.
 * SPDX-License-Identifier: MIT
 *
 * There is no idle task: with an empty ready list the outgoing process halts on its own stack. Before it halts, it fills the
 * pool of zeroed frames.
 */
#include "arch/cpu.h"
#include "kernel/proc.h"
#include "lib/assert.h"

struct proc *current_proc;
/* Processes in state PROC_READY, next to run first. The running process is on no list. */
static struct list ready = LIST_INIT(ready);
static uint64_t ticks;          /* timer interrupts since boot, SCHED_HZ per second */
bool sched_slice_over;

static struct proc *proc_of(struct list *l)
{
	return container_of(l, struct proc, run);
}

/* Moves `p` from its list to the ready list; `first`: to the front, for a process that waited for
 * an event. Interrupts are off: an interrupt handler can wake processes. */
static void make_ready(struct proc *p, bool first)
{
	p->state = PROC_READY;
	p->wake_at = 0;
	list_remove(&p->run);
	list_insert(first ? ready.next : &ready, &p->run);
}

void sched_add(struct proc *p)
{
	irq_state_t irq = arch_irq_save();

	list_init(&p->run);
	make_ready(p, false);
	arch_irq_restore(irq);
}

/* Returns with the ready list not empty. Interrupts are off, on entry and on return; arch_wait()
 * accepts them while the CPU halts. The CPU stays on the outgoing process's stack and root, so the
 * process must not be freed meanwhile: only proc_reap_orphans() of the next process frees a
 * zombie. */
static void wait_until_ready(void)
{
	while (list_empty(&ready)) {
		if (!frame_zero_some(1)) {
			arch_wait();
			continue;
		}
		/* Accept the interrupts that became pending while the frame was zeroed. */
		arch_irqs_enable();
		arch_irq_save();
	}
}

/* Switches to the first ready process. Call with interrupts off, after moving current_proc to the ready list or to a wait queue (a
 * zombie: to no list). */
static void switch_away(void)
{
	struct proc *from = current_proc, *to;

	wait_until_ready();
	to = proc_of(ready.next);
	list_remove(&to->run);
	to->state = PROC_RUNNING;
	sched_slice_over = false;
	if (to == from)
		return;
	to->slices++;
	current_proc = to;
	mm_task = &to->mm;
	aspace_load(to->as);
	frame_keep[0] = proc_kept_frames(to);
	if (to->kstack)
		arch_set_kernel_stack(to->kstack);
	arch_switch(&from->context, &to->context);
	proc_reap_orphans();
}

void sched_yield(void)
{
	irq_state_t irq = arch_irq_save();

	if (list_empty(&ready)) {
		sched_slice_over = false;
	} else {
		make_ready(current_proc, false);
		switch_away();
	}
	arch_irq_restore(irq);
}

static void wait_on(struct wait_queue *q, uint64_t until)
{
	struct proc *p = current_proc;

	ASSERT(!arch_irqs_on());
	p->state = PROC_WAITING;
	p->wake_at = until;
	list_remove(&p->run);
	list_insert(&q->sleepers, &p->run);
	switch_away();
}

bool sched_sleep_on(struct wait_queue *q, uint64_t until)
{
	if (current_proc->killed)
		return false;
	wait_on(q, until);
	return !current_proc->killed;
}

void sched_wait_on(struct wait_queue *q)
{
	wait_on(q, 0);
}

void sched_wake_one(struct proc *p)
{
	if (p->state != PROC_WAITING)
		return;
	make_ready(p, true);
	sched_slice_over = true;
}

void sched_wake(struct wait_queue *q)
{
	irq_state_t irq = arch_irq_save();

	while (!list_empty(&q->sleepers))
		sched_wake_one(proc_of(q->sleepers.next));
	arch_irq_restore(irq);
}

/* Runs in the timer interrupt: only sets flags and wakes sleepers. The switch happens on return to user mode. */
void sched_tick(void)
{
	ticks++;
	sched_slice_over = true;
	list_for_each(l, &procs) {
		struct proc *p = container_of(l, struct proc, link);

		if (p->state == PROC_WAITING && p->wake_at && p->wake_at <= ticks)
			sched_wake_one(p);
	}
}

uint64_t sched_ticks(void)
{
	return ticks;
}

bool sched_is_idle(void)
{
	return current_proc->state != PROC_RUNNING && list_empty(&ready);
}

_Noreturn void sched_leave(void)
{
	current_proc->state = PROC_ZOMBIE;
	list_remove(&current_proc->run);
	switch_away();
	assert_failed("a zombie process was scheduled", __FILE__, __LINE__);
}

void sched_attend(void)
{
	if (sched_slice_over)
		sched_yield();
	if (current_proc->killed)
		proc_exit(PROC_KILLED);
}
