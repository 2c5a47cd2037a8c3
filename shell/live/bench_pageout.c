/* shell/live/bench_pageout.c - bench, bench pageout: instructions and rates of page-out and page-in.
 * SPDX-License-Identifier: MIT
 *
 * The pages are those of an address space that no CPU has loaded. Ticks are counted with interrupts off: a wait for the disk is a
 * loop of DELAY ticks, which is subtracted, and a poll of the disk, which is not.
 */
#include "arch/cpu.h"
#include "kernel/proc.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "mm/space/fault.h"
#include "mm/space/vma.h"
#include "mm/wait.h"
#include "shell/live/bench_pageout.h"

/* Not more than the requests of the writer hold at once. */
#define PAGES     128
#define FIRST     0x10000000u
#define DELAY     4000000       /* ticks: longer than a request takes */
/* Ticks of the timer: a run lasts half a second, and ends with the round in which this time passes. */
#define RUN_TICKS (SCHED_HZ / 2)

static uint64_t bench_waited;      /* ticks of the delays since it was cleared */

/* i: 0 to PAGES - 1. */
static uint64_t page_va(unsigned i) { return FIRST + (uint64_t)i * PAGE_SIZE; }

/* A delay is longer than a request takes, so that the requests in flight have ended before the poll: its ticks do not depend on
 * the speed of the disk. Needs arch_ticks() that advances: with one that is always 0 the loop has no end, so bench() tests it. */
static void delay(void)
{
	uint64_t since = arch_ticks();

	while (arch_ticks() - since < DELAY)
		;
	bench_waited += arch_ticks() - since;
	mm_store->poll();
}

/* In place of mm_wait->sleep() while interrupts are off. An event after `seen` needs no delay. Never false: no process is killed
 * meanwhile. */
static bool delayed_sleep(unsigned seen, bool may_switch)
{
	(void)may_switch;
	if (mm_events == seen)
		delay();
	return true;
}

/* As the trap handler does for a program. */
static err_t fault_in(struct aspace *as, unsigned page, bool write)
{
	struct vm_fault f = {
		.fault = { .va = page_va(page), .access = write ? ACCESS_WRITE : ACCESS_READ, .from_user = true },
	};

	return mm_fault(as, &f) == FAULT_FIXED ? OK : ERR_IO;
}

/* Ends at the first error; so does evict_all(). With `write` every PTE is dirty afterwards, so page-out must write each page. */
static err_t fault_in_all(struct aspace *as, bool write)
{
	err_t err = OK;

	for (unsigned i = 0; i < PAGES && err == OK; i++)
		err = fault_in(as, i, write);
	return err;
}

/* One step of evict_page() for each page: mapped ones become modified or standby, standby ones leave memory. */
static err_t evict_all(struct aspace *as)
{
	err_t err = OK;

	for (unsigned i = 0; i < PAGES && err == OK; i++)
		err = evict_page(as, page_va(i));
	return err;
}

/* Writes every modified page, also those of other address spaces, and waits for all transfers. */
static void write_all(void)
{
	while (write_modified() || page_io_pending())
		(void)page_io_wait(false);
}

/* Unmaps, writes and releases each page. */
static err_t to_the_file(struct aspace *as)
{
	err_t err = evict_all(as);

	write_all();
	return err == OK ? evict_all(as) : err;
}

/* OK: PAGES dirty pages are in memory, and the caller destroys the space. After an error there is none. */
static err_t new_space(struct aspace **as)
{
	err_t err = aspace_create("bench", as);

	if (err != OK)
		return err;
	err = vma_add(*as, FIRST, PAGES * (uint64_t)PAGE_SIZE, PROT_U | PROT_R | PROT_W, 0, &backing_anon, NULL, 0, "bench", NULL);
	if (err == OK)
		err = fault_in_all(*as, true);
	if (err != OK)
		aspace_destroy(*as);
	return err;
}

/* ---- ticks ---- */

/* Ticks per page, without delays. soft: a fault on a standby page, which needs no transfer. */
struct costs { uint64_t out, in, soft; };

/* Begins a measurement; per_page() ends it, and divides its ticks by PAGES. */
static void begin(uint64_t *since)
{
	bench_waited = 0;
	*since = arch_ticks();
}

static uint64_t per_page(uint64_t since)
{
	return (arch_ticks() - since - bench_waited) / PAGES;
}

/* With interrupts off and delayed_sleep() in use. Modified pages of other spaces are written first, because write_all() writes
 * them too and their ticks would count as page-out. After an error *costs has no meaning. */
static err_t measure(struct aspace *as, struct costs *costs)
{
	uint64_t since;
	err_t err;

	write_all();
	begin(&since);
	err = to_the_file(as);
	costs->out = per_page(since);
	begin(&since);
	if (err == OK)
		err = fault_in_all(as, false);
	costs->in = per_page(since);
	/* The slots still have the bytes, so the frames become standby at once. */
	if (err == OK)
		err = evict_all(as);
	begin(&since);
	if (err == OK)
		err = fault_in_all(as, false);
	costs->soft = per_page(since);
	return err;
}

err_t bench_pageout(struct out *out)
{
	const struct mm_wait *before = mm_wait;
	struct mm_wait delayed = *mm_wait;
	struct costs costs;
	struct aspace *as;
	irq_state_t irq;
	err_t err;

	if (!mm_store)
		return OK;
	err = new_space(&as);
	if (err != OK)
		return err;
	/* A copy with another sleep(): errors and events take the usual way. The task that writes pages does not run meanwhile. */
	irq = arch_irq_save();
	delayed.sleep = delayed_sleep;
	mm_wait = &delayed;
	err = measure(as, &costs);
	mm_wait = before;
	arch_irq_restore(irq);
	aspace_destroy(as);
	if (err != OK)
		return err;
	out_printf(out, "bench %-24s %llu\n", "page-out", (unsigned long long)costs.out);
	out_printf(out, "bench %-24s %llu\n", "page-in", (unsigned long long)costs.in);
	out_printf(out, "bench %-24s %llu\n", "soft-fault", (unsigned long long)costs.soft);
	return OK;
}

/* ---- rates ---- */

/* Ticks of the time-stamp counter in each phase, and in how many rounds. */
struct phases { uint64_t out, in, rounds, all, clock; };

/* A round: out, and in again with a write, so that the next round has to write every page. */
static err_t one_round(struct aspace *as, struct phases *p, unsigned stride)
{
	uint64_t t = arch_ticks();
	err_t err = to_the_file(as);

	p->out += arch_ticks() - t;
	t = arch_ticks();
	for (unsigned i = 0; i < PAGES && err == OK; i++)
		err = fault_in(as, i * stride % PAGES, true);
	p->in += arch_ticks() - t;
	p->rounds++;
	return err;
}

/* stride: distance of successive faults in pages. It is odd, and PAGES is a power of two, so a round faults on every page once.
 * All pages must be in memory and dirty, as new_space() and one_round() leave them. */
static err_t run_rounds(struct aspace *as, struct phases *p, unsigned stride)
{
	uint64_t clock = sched_ticks(), t = arch_ticks();
	err_t err = OK;

	*p = (struct phases){ .rounds = 0 };
	while (err == OK && sched_ticks() - clock < RUN_TICKS)
		err = one_round(as, p, stride);
	p->all = arch_ticks() - t;
	p->clock = sched_ticks() - clock;
	return err;
}

/* ticks: those of one phase, p->out or p->in. They have no known frequency: their part of the run, whose length in ticks of the
 * timer is known, gives the seconds. */
static void put_rate(struct out *out, const char *name, const struct phases *p, uint64_t ticks)
{
	/* In thousandths of the run, so that nothing overflows. */
	uint64_t part = ticks * 1000 / (p->all + 1) * p->clock + 1, rate = p->rounds * PAGES * SCHED_HZ * 1000 / part;

	out_printf(out, "bench %-28s %llu KiB/s  %llu pages/s\n", name, (unsigned long long)(rate * (PAGE_SIZE / 1024)),
	           (unsigned long long)rate);
}

void bench_pageout_rates(struct call *c)
{
	unsigned before = readahead;
	struct phases run, single;
	struct aspace *as;
	err_t err = mm_store ? new_space(&as) : ERR_NOT_FOUND;

	if (err != OK) {
		call_fail(c, 0, "%s", mm_store ? err_text(err) : "there is no page file");
		return;
	}
	/* Slots are neighbors if their pages are: in steps of one page, read-ahead brings most of them before their faults. */
	err = run_rounds(as, &run, 1);
	readahead = 1;
	if (err == OK)
		err = run_rounds(as, &single, PAGES / 2 - 1);
	readahead = before;
	aspace_destroy(as);
	c->failed = err != OK;
	if (err != OK) {
		out_printf(c->out, "bench: %s\n", err_text(err));
		return;
	}
	put_rate(c->out, "page-out", &run, run.out);
	put_rate(c->out, "page-in", &run, run.in);
	put_rate(c->out, "page-in-single", &single, single.in);
}
