/* kernel/reclaim.c - what mm/reclaim needs of scheduler and disks; the trimmer and the writer.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/reclaim.h"
#include "arch/cpu.h"
#include "kernel/console.h"
#include "kernel/pagefile.h"
#include "kernel/proc.h"
#include "mm/reclaim/compressed.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/replace.h"
#include "mm/reclaim/room.h"
#include "mm/reclaim/slots.h"
#include "mm/space/object.h"
#include "mm/wait.h"

/* ---- mm_store: page files ---- */

STATIC_ASSERT(a_request_holds_the_drivers_part, sizeof(struct pagefile_io) <= sizeof(((struct store_io *)0)->driver));

static void transfer_done(struct pagefile_io *p)
{
	struct store_io *io = p->ctx;

	io->error = p->error;
	io->done(io);
}

static err_t submit(struct store_io *io)
{
	struct pagefile_io *p = (void *)io->driver;

	p->write = io->write;
	p->file = io->file;
	p->slot = io->slot;
	p->count = io->count;
	p->frame = io->frame;
	p->done = transfer_done;
	p->ctx = io;
	return pagefile_submit(p);
}

static const struct pagefile_allocator allocator = { .borrow = slots_borrow, .give_back = slots_give_back };
static const struct store_ops store = { .submit = submit, .poll = block_poll };

/* ---- mm_wait: the scheduler ---- */

#define RECHECK_TICKS (SCHED_HZ / 10)

static struct {
	struct wait_queue waiters;      /* faults that wait for a transfer or for memory */
	struct wait_queue trimmer, writer;
	bool has_trimmer, has_writer;
	uint64_t written;               /* tick of the writer's last turn */
	uint64_t disk_ticks;            /* mm_wait.disk_ticks() */
	bool halted;                    /* in sleep(), without a switch */
} tasks;

static void halt(void)
{
	tasks.halted = true;
	arch_wait();
	tasks.halted = false;
}

/* Interrupts off: an event cannot come between the test of mm_events and the sleep. The timeout is for frames that become free
 * without an event. */
static bool sleep(unsigned seen, bool may_switch)
{
	bool polled = !arch_irqs_on(), alive = true;
	irq_state_t irq;

	if (polled && mm_store)
		mm_store->poll();
	if (polled)
		return true;
	irq = arch_irq_save();
	if (mm_events == seen && may_switch)
		alive = sched_sleep_on(&tasks.waiters, sched_ticks() + RECHECK_TICKS);
	else if (mm_events == seen)
		halt();
	arch_irq_restore(irq);
	return alive;
}

static void wake(void)
{
	sched_wake(&tasks.waiters);
	sched_wake(&tasks.writer);
}

static bool count_own(void *ctx, const struct pt_visit_entry *e)
{
	const struct frame *f = frame_counted(pfn_of(e->pa));

	*(uint64_t *)ctx += f && f->refs == 1;
	return true;
}

/* pt_env.again: what is below a table that another process uses stays. */
static bool stays(void *ctx, uint64_t va, paddr_t table, unsigned level, prot_t above)
{
	(void)va;
	(void)above;
	return level == 0 && share_is_in_use(ctx, table);
}

/* Pages of the section of `v`, in memory and in slots, if no other process maps it. Counted for the first of its VMAs only. */
static uint64_t own_object(const struct vma *v)
{
	const struct object *o = v->object;

	if (!o || o->filed || o->vmas.next != &v->mapping)
		return 0;
	list_for_each(l, &o->vmas)
		if (container_of(l, struct vma, mapping)->as != v->as)
			return 0;
	return (uint64_t)o->frames + o->slots;
}

/* Frames and slots that the end of the process would free; pages that another process shares are not among them. Nor is a leaf
 * table that fork() gave to both, nor what its entries name: as->tables counts it in each of the processes, so it is subtracted
 * here. The root itself is the 1. */
static uint64_t pages_of(const struct proc *p)
{
	struct table_counts own, all;
	struct pt_space space;
	struct pt_env env;
	uint64_t n;

	if (!p->as || p->kernel_only || p->killed)
		return 0;
	space = p->as->space;
	env = *space.env;
	env.again = stays;
	env.ctx = p->as;
	space.env = &env;
	all = aspace_counts(p->as, &own);
	n = 1 + own.softs - all.shared;
	for (unsigned level = 0; level < PT_MAX_LEVELS; level++)
		n += p->as->tables[level];
	(void)!pt_visit(&space, 0, USER_END - 1, PT_VISIT_LEAF, count_own, &n);
	list_for_each(l, &p->as->vmas)
		n += own_object(container_of(l, struct vma, link));
	return n;
}

/* A process that was killed and has not freed its memory yet: one victim at a time. */
static bool one_is_ending(void)
{
	list_for_each(l, &procs) {
		const struct proc *p = container_of(l, struct proc, link);

		if (p->killed && p->as)
			return true;
	}
	return false;
}

/* Among equals the youngest, which has done the least. */
static struct proc *find_largest(void)
{
	struct proc *largest = NULL;
	uint64_t most = 0;

	list_for_each(l, &procs) {
		struct proc *p = container_of(l, struct proc, link);
		uint64_t n = pages_of(p);

		if (n && n >= most) {
			most = n;
			largest = p;
		}
	}
	return largest;
}

static bool out_of_memory(void)
{
	struct proc *largest = one_is_ending() ? NULL : find_largest();

	if (!largest)
		return one_is_ending();
	out_printf(&console, "Out of memory: Killed process %u (%s)\n", (unsigned)largest->pid, largest->name);
	proc_kill(largest);
	return true;
}

/* Ten lines in five seconds, as Linux limits such messages: a disk that fails can fail every request. */
#define ERROR_LINES 10
#define ERROR_TICKS ((uint64_t)5 * SCHED_HZ)

/* Counts a line. True: it is not printed. */
static bool is_too_many(void)
{
	static struct { uint64_t since; unsigned lines; } recent;

	if (sched_ticks() - recent.since >= ERROR_TICKS) {
		recent.since = sched_ticks();
		recent.lines = 0;
	}
	return ++recent.lines > ERROR_LINES;
}

/* Linux names the device by its numbers. */
static void io_error(bool write, unsigned file, uint64_t slot)
{
	if (!is_too_many())
		out_printf(&console, "%s-error on swap-device (%s:%llu), page file %u, slot %llx\n", write ? "Write" : "Read",
		           file < SLOT_DISKS ? pagefile(file)->disk->name : "memory",
		           (unsigned long long)slot * (PAGE_SIZE / BLOCK_SECTOR), file, (unsigned long long)slot);
}

static uint64_t disk_ticks(void)
{
	return tasks.disk_ticks;
}

static const struct mm_wait wait = {
	.sleep = sleep, .wake = wake, .out_of_memory = out_of_memory, .io_error = io_error, .ticks = sched_ticks,
	.disk_ticks = disk_ticks,
};

void reclaim_start(void)
{
	list_init(&tasks.waiters.sleepers);
	list_init(&tasks.trimmer.sleepers);
	list_init(&tasks.writer.sleepers);
	mm_wait = &wait;
	reclaim_init();
}

/* ---- room for system calls ---- */

/* Each attempt makes twice as much room as the one before: a fork needs all its tables at once, and an allocation of several
 * frames needs neighbours. */
#define ATTEMPTS 8
#define FIRST_ROOM 16u

/* False: the call failed for another reason than frames, or nothing can leave memory, or its process has to end. */
bool reclaim_make_room(unsigned attempt)
{
	static uint64_t noticed;        /* failed allocations that were the reason of an attempt already */
	bool made;

	if (attempt == ATTEMPTS || current_proc->killed || frame_stats()->failures == noticed)
		return false;
	made = room_make(FIRST_ROOM << attempt, true) == ROOM_MADE;
	mm_wait_over();
	noticed = frame_stats()->failures;
	return made;
}

/* ---- the tasks ---- */

static void rest(struct wait_queue *q)
{
	irq_state_t irq = arch_irq_save();

	(void)sched_sleep_on(q, 0);
	arch_irq_restore(irq);
}

static _Noreturn void trimmer(void *arg)
{
	(void)arg;
	arch_irqs_enable();
	for (;;) {
		if (!trimmer_round())
			rest(&tasks.trimmer);
		else
			sched_yield();
	}
}

static _Noreturn void writer(void *arg)
{
	(void)arg;
	arch_irqs_enable();
	for (;;) {
		(void)page_io_finish();
		if (sched_ticks() - tasks.written >= SCHED_HZ) {
			tasks.written = sched_ticks();
			(void)write_modified();
		}
		rest(&tasks.writer);
	}
}

void reclaim_tick(void)
{
	replace_timer++;
	tasks.disk_ticks += (tasks.halted || sched_is_idle()) && block_is_busy();
	if (!mm_store)
		return;
	if (trimmer_is_wanted())
		sched_wake(&tasks.trimmer);
	if (modified_pages.count && sched_ticks() - tasks.written >= SCHED_HZ)
		sched_wake(&tasks.writer);
}

/* With the first page file. Without a task, faults that find no frame do its work. */
static void begin(void)
{
	mm_store = &store;
	if (!replace_policy() && replace_select(policies[0]) != OK)
		out_puts(&console, "no memory for a replacement policy: pages are evicted by a clock over each process\n");
	pagefile_allocator = &allocator;
	if (!tasks.has_trimmer)
		tasks.has_trimmer = proc_start_task("trimmer", trimmer) == OK;
	if (!tasks.has_writer)
		tasks.has_writer = proc_start_task("writer", writer) == OK;
}

unsigned reclaim_use_pagefiles(void)
{
	unsigned n = 0;
	struct slot_stats stats;

	for (unsigned i = 0; i < SLOT_DISKS && pagefile(i); i++) {
		err_t err = slots_stats(i, &stats) ? OK : slots_add(i, pagefile(i)->slots);

		if (err != OK)
			out_printf(&console, "page file %u: %s\n", i, err_text(err));
		n += err == OK;
	}
	if (n)
		begin();
	return n;
}

err_t reclaim_use_compressed(uint64_t bytes)
{
	err_t err = compressed_create(bytes);

	if (err == OK)
		begin();
	return err;
}
