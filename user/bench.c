/* user/bench.c - what calls and faults cost, seen from user mode: ticks of the time-stamp counter for each.
 * SPDX-License-Identifier: MIT
 *
 * Prints `bench NAME TICKS`. Under QEMU's -icount shift=0 a tick is an instruction, and runs repeat exactly.
 */
#include "user/lib/user.h"

enum {
	CALLS = 1000, PAGES = 256, FORKS = 16, BIG = 4096 /* pages: 16 MiB */,
	POOL = 2048 /* more than the kernel keeps zeroed */, POOL_MS = 50 /* to fill it */,
	VMAS = 65536, TABLE = 256 /* entries of the smallest page table */,
	STRIDE = 40502 /* even, so that only odd pages follow */,
	MAPPINGS = 64, LARGEST_TABLE = 1024 /* entries of the largest page table */,
	LONG_MS = 100000000,
};

static void tell(const char *name, uint32_t since, unsigned n)
{
	printf("bench %-24s %u\n", name, (unsigned)((user_ticks() - since) / n));
}

/* The same with a name of two parts. */
static void tell_for(const char *name, unsigned size, const char *unit, uint32_t since, unsigned n)
{
	printf("bench %s-%u-%s %u\n", name, size, unit, (unsigned)((user_ticks() - since) / n));
}

static void write_each(volatile char *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		p[i * PAGE] = 1;
}

static void read_each(volatile char *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		(void)p[i * PAGE];
}

static void null_call(void)
{
	uint32_t t = user_ticks();

	for (unsigned i = 0; i < CALLS; i++)
		sys_getpid();
	tell("syscall", t, CALLS);
}

/* Takes every frame that the kernel has zeroed ahead. */
static void empty_pool(void)
{
	char *p = pages(POOL);

	write_each(p, POOL);
	CHECK(munmap(p, POOL * PAGE) == 0);
}

static void demand_zero(const char *name)
{
	char *p = pages(PAGES);
	uint32_t t = user_ticks();

	write_each(p, PAGES);
	tell(name, t, PAGES);
	CHECK(munmap(p, PAGES * PAGE) == 0);
}

static void anonymous(void)
{
	char *p;
	uint32_t t;

	empty_pool();
	p = pages(PAGES);
	t = user_ticks();
	read_each(p, PAGES);
	tell("zero-read", t, PAGES);
	t = user_ticks();
	write_each(p, PAGES);
	tell("zero-replace", t, PAGES);
	t = user_ticks();
	CHECK(munmap(p, PAGES * PAGE) == 0);
	tell("unmap", t, PAGES);
	demand_zero("demand-zero");
	/* While no process runs, the kernel zeroes frames. */
	CHECK(sys_sleep(POOL_MS) == 0);
	demand_zero("demand-zero-pool");
}

/* As zero-read, in an order in which the VMA of the last fault says nothing about the next. The page tables exist before. Only
 * the number of VMAs differs: the pages are the same. n: even, or 1. */
static void zero_read_in(unsigned n)
{
	char *p = pages(VMAS);
	uint32_t t;

	/* A page with other rights splits a VMA into three. */
	for (unsigned i = 0; i < n / 2; i++)
		CHECK(mprotect(p + (1 + (uint64_t)i * VMAS / n * 2) * PAGE, PAGE, ABI_PROT_READ) == 0);
	for (unsigned i = 0; i < VMAS; i += TABLE)
		read_each(p + i * PAGE, 1);
	t = user_ticks();
	for (unsigned i = 0, at = 1; i < PAGES; i++, at = (at + STRIDE) % VMAS)
		read_each(p + at * PAGE, 1);
	tell_for("zero-read", n, "vmas", t, PAGES);
	CHECK(munmap(p, VMAS * PAGE) == 0);
}

static void many_vmas(void) { zero_read_in(VMAS); }

/* The child copies, and when it has ended the parent is the last owner. */
static void copy_on_write(void)
{
	char *p = pages(PAGES);
	uint32_t t;
	intptr_t child;

	write_each(p, PAGES);
	child = fork();
	CHECK(!failed(child));
	if (child == 0) {
		t = user_ticks();
		write_each(p, PAGES);
		tell("copy-on-write", t, PAGES);
		exit(0);
	}
	CHECK(wait((uintptr_t)child, NULL) == child);
	child = fork();
	CHECK(!failed(child));
	if (child == 0)
		exit(0);
	CHECK(wait((uintptr_t)child, NULL) == child);
	t = user_ticks();
	write_each(p, PAGES);
	tell("reuse", t, PAGES);
	CHECK(munmap(p, PAGES * PAGE) == 0);
}

static void fork_once(void)
{
	intptr_t child = fork();

	if (child == 0)
		exit(0);
	CHECK(!failed(child));
	CHECK(wait((uintptr_t)child, NULL) == child);
}

/* first_name: of the first fork, which may have more to do than the next ones; NULL: it does not get a row. */
static void fork_with(const char *name, const char *first_name, unsigned touched)
{
	char *p = touched ? pages(touched) : NULL;
	uint32_t t, first;

	write_each(p, touched);
	t = user_ticks();
	fork_once();
	first = user_ticks() - t;
	for (unsigned i = 1; i < FORKS; i++)
		fork_once();
	tell(name, t, FORKS);
	if (first_name)
		tell(first_name, user_ticks() - first, 1);
	if (p)
		CHECK(munmap(p, touched * PAGE) == 0);
}

/* One write below each of the leaf tables that the child shares with the parent. */
static void below_shared_tables(void)
{
	char *p = pages(BIG);
	intptr_t child;
	uint32_t t;

	write_each(p, BIG);
	child = fork();
	CHECK(!failed(child));
	if (child == 0) {
		t = user_ticks();
		for (unsigned i = LARGEST_TABLE / 2; i < BIG; i += LARGEST_TABLE)
			write_each(p + i * PAGE, 1);
		tell("first-write-below-shared", t, BIG / LARGEST_TABLE);
		exit(0);
	}
	CHECK(wait((uintptr_t)child, NULL) == child);
	CHECK(munmap(p, BIG * PAGE) == 0);
}

/* Both processes only yield, so every call switches. */
static uint32_t yield_to(intptr_t *child)
{
	uint32_t t;

	*child = fork();
	CHECK(!failed(*child));
	if (*child == 0)
		for (;;)
			sys_yield();
	sys_yield();
	t = user_ticks();
	for (unsigned i = 0; i < CALLS; i++)
		sys_yield();
	return t;
}

static void end(intptr_t child)
{
	CHECK(sys_kill((uintptr_t)child) == 0);
	CHECK(wait((uintptr_t)child, NULL) == child);
}

static void switches(void)
{
	intptr_t child;
	uint32_t t = yield_to(&child);

	tell("switch", t, 2 * CALLS);
	end(child);
}

/* n: processes, this one and the one that it measures with included. The others sleep. */
static void among(unsigned n)
{
	/* No array: a larger data segment would change what every fork copies. */
	intptr_t *sleeper = (void *)pages(1);
	unsigned sleepers = n > 2 ? n - 2 : 0;
	intptr_t child;
	uint32_t t;
	char *p;

	for (unsigned i = 0; i < sleepers; i++) {
		sleeper[i] = fork();
		CHECK(!failed(sleeper[i]));
		while (sleeper[i] == 0)
			sys_sleep(LONG_MS);
	}
	sys_yield();
	p = pages(PAGES);
	t = user_ticks();
	read_each(p, PAGES);
	tell_for("zero-read", n, "processes", t, PAGES);
	CHECK(munmap(p, PAGES * PAGE) == 0);
	t = user_ticks();
	for (unsigned i = 0; i < FORKS; i++)
		fork_once();
	tell_for("fork-exit-wait", n, "processes", t, FORKS);
	t = yield_to(&child);
	tell_for("switch", n, "processes", t, 2 * CALLS);
	end(child);
	while (sleepers > 0)
		end(sleeper[--sleepers]);
	CHECK(munmap(sleeper, PAGE) == 0);
}

/* The costs that must not grow with what there is already. */
static void growth(void)
{
	static const unsigned vmas[] = { 1, 1000, VMAS }, processes[] = { 1, 50, 250 };

	for (unsigned i = 0; i < sizeof(vmas) / sizeof(vmas[0]); i++)
		zero_read_in(vmas[i]);
	for (unsigned i = 0; i < sizeof(processes) / sizeof(processes[0]); i++)
		among(processes[i]);
}

/* Sequential, after the command `faultaround 16`: a mean over the pages, not over the faults. */
static void around(void)
{
	char *p;
	uint32_t t;

	empty_pool();
	p = pages(PAGES);
	t = user_ticks();
	read_each(p, PAGES);
	tell("zero-read-around16", t, PAGES);
	CHECK(munmap(p, PAGES * PAGE) == 0);
	demand_zero("demand-zero-around16");
}

/* The first pages of a file, mapped many times side by side: more pages than a program's file has. The first round brings them into
 * the page cache and makes the page table; a page of anonymous memory beside them keeps that. */
static void page_cache(void)
{
	const unsigned n = PAGES / MAPPINGS;
	char *keep = pages(1 + PAGES), *p = keep + PAGE;
	intptr_t file = open("bench");

	CHECK(!failed(file));
	write_each(keep, 1);
	CHECK(munmap(p, PAGES * PAGE) == 0);
	for (unsigned round = 0; round < 2; round++) {
		uint32_t t;

		for (unsigned i = 0; i < PAGES; i += n)
			CHECK(mmap(p + i * PAGE, n * PAGE, ABI_PROT_READ, ABI_MAP_SHARED, (uintptr_t)file) == p + i * PAGE);
		t = user_ticks();
		read_each(p, PAGES);
		if (round == 1)
			tell("page-cache", t, PAGES);
		CHECK(munmap(p, PAGES * PAGE) == 0);
	}
	CHECK(munmap(keep, PAGE) == 0);
}

static void fork_small(void) { fork_with("fork-exit-wait", NULL, 0); }
static void fork_large(void) { fork_with("fork-exit-wait-16MiB", "fork-exit-wait-16MiB-first", BIG); }

/* `bench PART...` runs these parts only; without, all that are not `named_only`. */
static const struct { const char *name; void (*run)(void); bool named_only; } parts[] = {
	{ .name = "calls", .run = null_call }, { .name = "anonymous", .run = anonymous },
	{ .name = "copies", .run = copy_on_write },
	{ .name = "fork", .run = fork_small }, { .name = "fork-large", .run = fork_large },
	{ .name = "fork-below", .run = below_shared_tables }, { .name = "switches", .run = switches },
	{ .name = "page-cache", .run = page_cache }, { .name = "vmas", .run = many_vmas },
	{ .name = "growth", .run = growth, .named_only = true }, { .name = "around", .run = around, .named_only = true },
};

static bool is_wanted(unsigned part, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], parts[part].name))
			return true;
	return argc < 2 && !parts[part].named_only;
}

int main(int argc, char **argv)
{
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (is_wanted(i, argc, argv))
			parts[i].run();
	return 0;
}
