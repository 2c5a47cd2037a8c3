/* shell/live/bench.c - bench: what the kernel's own faults and walks cost, in ticks of the time-stamp counter.
 * SPDX-License-Identifier: MIT
 *
 * Each line is `bench NAME TICKS`, as user/bench.c prints it: tests/bench/run reads both. Under
 * QEMU's -icount shift=0 a tick is an instruction and repeats exactly; on hardware it is the
 * counter's own unit. `boot` is the total since the counter began, every other value the mean of its
 * repetitions, rounded down. The time of the loop itself is included.
 */
#include "arch/cpu.h"
#include "arch/trap.h"
#include "kernel/main.h"
#include "mm/space/fault.h"
#include "mm/space/vmalloc.h"
#include "mm/space/zap.h"
#include "lib/string.h"
#include "shell/live/bench_disk.h"
#include "shell/live/bench_pageout.h"

/* Pages of the demand-paged range, repetitions of the walk and of the failed access: a mean of so
 * many shows what one of them costs. */
#define PAGES 256
#define WALKS 256
#define PROBES 256

/* Prints the average number of ticks of n repetitions; since: arch_ticks() before the first. */
static void tell(struct out *out, const char *name, uint64_t since, unsigned n)
{
	out_printf(out, "bench %-24s %llu\n", name, (unsigned long long)((arch_ticks() - since) / n));
}

/* Ticks from the start of the counter to the shell (kernel/main.c). */
static void put_boot(struct call *c)
{
	out_printf(c->out, "bench %-24s %llu\n", "boot", (unsigned long long)boot_ticks);
}

/* The complete path of an unresolved fault with a fix-up: entry, decoding, the search for a VMA, the
 * record, the search in the table of fix-ups, return. */
static void put_null_fault(struct out *out)
{
	uint64_t t = arch_ticks();

	for (unsigned i = 0; i < PROBES; i++)
		(void)arch_probe(0, ACCESS_READ, 0);
	tell(out, "kernel-null-fault", t, PROBES);
}

/* Accesses the first byte of each of n pages from va. */
static void touch(uint64_t va, unsigned n, bool write)
{
	for (uint64_t end = va + n * (uint64_t)PAGE_SIZE; va < end; va += PAGE_SIZE) {
		volatile char *p = (volatile char *)(uintptr_t)va;

		if (write)
			*p = 1;
		else
			(void)*p;
	}
}

/* Takes every frame of the zeroed pool into use and frees it again: none is in the pool afterwards, because no processor is idle
 * meanwhile. */
static err_t empty_pool(void)
{
	unsigned n = frame_stats()->state[FRAME_ZEROED];
	uint64_t va;
	err_t err = n ? vmalloc_demand(n * (uint64_t)PAGE_SIZE, "bench", &va) : OK;

	if (err != OK || n == 0)
		return err;
	touch(va, n, true);
	return vmalloc_release(va);
}

/* The pool is full when nothing more is zeroed: its limit is frame_zero_some()'s. */
static void fill_pool(void)
{
	while (frame_zero_some(PAGES) > 0)
		;
}

/* One row: a fault on each of the pages, which must be in the state that the row is about. */
static void put_touch(struct out *out, const char *name, uint64_t va, bool write)
{
	uint64_t t = arch_ticks();

	touch(va, PAGES, write);
	tell(out, name, t, PAGES);
}

/* Each page several times: read when it is empty (maps the shared zero frame), written after that (replaces it), and written when
 * it is empty, with frames that have to be zeroed and with frames of the zeroed pool. vma_zap() empties the pages in between and
 * keeps their tables; the first pass, which makes the tables, is not counted. */
static err_t put_demand(struct out *out)
{
	uint64_t va, t;
	err_t err = vmalloc_demand(PAGES * (uint64_t)PAGE_SIZE, "bench", &va), released;

	if (err != OK)
		return err;
	touch(va, PAGES, true);
	err = empty_pool();
	if (err == OK) {
		vma_zap(&kernel_aspace, va, PAGES * (uint64_t)PAGE_SIZE);
		put_touch(out, "kernel-zero-read", va, false);
		put_touch(out, "kernel-zero-replace", va, true);
		t = arch_ticks();
		vma_zap(&kernel_aspace, va, PAGES * (uint64_t)PAGE_SIZE);
		tell(out, "kernel-unmap", t, PAGES);
		put_touch(out, "kernel-demand-zero", va, true);
		vma_zap(&kernel_aspace, va, PAGES * (uint64_t)PAGE_SIZE);
		fill_pool();
		put_touch(out, "kernel-demand-zero-pool", va, true);
	}
	released = vmalloc_release(va);
	return err == OK ? released : err;
}

/* A new root has no entry of vmalloc's range: the first access faults and copies it. Only the first
 * access faults, so nothing is repeated. The root that was loaded before is loaded again, because
 * the new one is freed. */
static err_t put_sync(struct out *out)
{
	struct aspace *as, *before = current_aspace;
	void *p;
	uint64_t t;
	err_t err = vmalloc(PAGE_SIZE, PROT_R | PROT_W, "bench", &p);

	if (err != OK)
		return err;
	err = aspace_create("bench", &as);
	if (err == OK) {
		aspace_load(as);
		t = arch_ticks();
		(void)*(volatile char *)p;
		tell(out, "vmalloc-sync", t, 1);
		aspace_load(before);
		aspace_destroy(as);
	}
	vfree(p);
	return err;
}

/* A walk in software, through the tables of the kernel, to a page of the kernel's own text. */
static void put_walk(struct out *out)
{
	uint64_t t = arch_ticks();
	struct pt_step steps[PT_MAX_LEVELS];
	struct pt_walk walk;

	for (unsigned i = 0; i < WALKS; i++)
		pt_walk(&kernel_aspace.space, (uintptr_t)put_walk, &walk, steps, ARRAY_LEN(steps));
	tell(out, "pte-walk", t, WALKS);
}

/* Not read-only: it allocates memory, and the faults that it causes count in `faults`. The command
 * fails if memory runs out; what was measured before is printed. */
static void bench(struct call *c)
{
	err_t err;

	static const struct { const char *word; void (*run)(struct call *c); } parts[] = {
		{ "boot", put_boot }, { "disk", bench_disk }, { "pageout", bench_pageout_rates },
	};

	for (size_t i = 0; c->arg[0].given && i < ARRAY_LEN(parts); i++)
		if (!strcmp(c->arg[0].text, parts[i].word)) {
			parts[i].run(c);
			return;
		}
	if (c->arg[0].given) {
		call_fail(c, 0, "the words here are boot, disk and pageout");
		return;
	}
	if (!arch_ticks()) {
		out_puts(c->out, "this CPU has no time-stamp counter\n");
		return;
	}
	put_boot(c);
	put_null_fault(c->out);
	put_walk(c->out);
	err = put_demand(c->out);
	if (err == OK)
		err = put_sync(c->out);
	if (err == OK)
		err = bench_pageout(c->out);
	c->failed = err != OK;
	if (c->failed)
		out_printf(c->out, "bench: %s\n", err_text(err));
}
COMMAND(bench) = {
	.name = "bench", .schema = "W", .synopsis = "bench [boot|disk|pageout]", .run = bench,
	.what = "the cost of the kernel's faults and walks, in ticks; rates of disks and page-out",
	.help = "  kd> bench\n"
	        "  Each line: a name and ticks of the time-stamp counter; boot counts from power-on, the others are averages.\n"
	        "  `bench boot`: only that one. `run bench` measures from user mode. Under QEMU's -icount shift=0 a tick is an\n"
	        "  instruction: make bench.\n"
	        "  `bench disk`: requests of 4 KiB, 1 or 32 in flight, timed by the scheduler's clock. Only page files are\n"
	        "  written, in slots that hold no page. `bench pageout`: the rates of the same disk, seen by page-out.\n"
	        "  Linux: lat_pagefault of lmbench   perf: perf stat -e page-faults\n",
};
