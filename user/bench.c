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
	STRIDE = 40502 /* even, so that only odd pages follow */, LARGEST_TABLE = 1024 /* entries of the largest page table */,
};

static void tell(const char *name, uint32_t since, unsigned n)
{
	printf("bench %-24s %u\n", name, (unsigned)((user_ticks() - since) / n));
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

/* As zero-read, but each page is a VMA of 65,536, in an order in which the VMA of the last fault says nothing about the next. The
 * page tables exist before. */
static void many_vmas(void)
{
	char *p = pages(VMAS);
	uint32_t t;

	for (unsigned i = 1; i < VMAS; i += 2)
		CHECK(mprotect(p + i * PAGE, PAGE, ABI_PROT_READ) == 0);
	for (unsigned i = 0; i < VMAS; i += TABLE)
		read_each(p + i * PAGE, 1);
	t = user_ticks();
	for (unsigned i = 0, at = 1; i < PAGES; i++, at = (at + STRIDE) % VMAS)
		read_each(p + at * PAGE, 1);
	tell("zero-read-65536-vmas", t, PAGES);
	CHECK(munmap(p, VMAS * PAGE) == 0);
}

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

static void fork_and_wait(void)
{
	intptr_t child = fork();

	if (child == 0)
		exit(0);
	CHECK(!failed(child));
	CHECK(wait((uintptr_t)child, NULL) == child);
}

static void small_forks(void)
{
	uint32_t t = user_ticks();

	for (unsigned i = 0; i < FORKS; i++)
		fork_and_wait();
	tell("fork-exit-wait", t, FORKS);
}

/* The first fork finds every entry writable. */
static void large_forks(void)
{
	char *p = pages(BIG);
	uint32_t t, first;

	write_each(p, BIG);
	t = user_ticks();
	fork_and_wait();
	first = user_ticks() - t;
	for (unsigned i = 1; i < FORKS; i++)
		fork_and_wait();
	tell("fork-exit-wait-16MiB", t, FORKS);
	tell("fork-exit-wait-16MiB-first", user_ticks() - first, 1);
	CHECK(munmap(p, BIG * PAGE) == 0);
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
static void switches(void)
{
	intptr_t child = fork();
	uint32_t t;

	CHECK(!failed(child));
	if (child == 0)
		for (;;)
			sys_yield();
	sys_yield();
	t = user_ticks();
	for (unsigned i = 0; i < CALLS; i++)
		sys_yield();
	tell("switch", t, 2 * CALLS);
	CHECK(sys_kill((uintptr_t)child) == 0);
	CHECK(wait((uintptr_t)child, NULL) == child);
}

static void page_cache(void)
{
	intptr_t file = open("bench");
	unsigned n = 2;

	CHECK(!failed(file));
	for (unsigned round = 0; round < 2; round++) {
		char *p = mmap(NULL, n * PAGE, ABI_PROT_READ, ABI_MAP_SHARED, (uintptr_t)file);
		uint32_t t = user_ticks();

		CHECK(p != NULL);
		read_each(p, n);
		if (round == 1)
			tell("page-cache", t, n);
		CHECK(munmap(p, n * PAGE) == 0);
	}
}

/* `bench PART...` runs these parts only. */
static const struct { const char *name; void (*run)(void); } parts[] = {
	{ "calls", null_call }, { "anonymous", anonymous }, { "copies", copy_on_write }, { "fork", small_forks },
	{ "fork-large", large_forks }, { "fork-below", below_shared_tables }, { "switches", switches },
	{ "page-cache", page_cache }, { "vmas", many_vmas },
};

static int is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return 1;
	return argc < 2;
}

int main(int argc, char **argv)
{
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (is_wanted(parts[i].name, argc, argv))
			parts[i].run();
	return 0;
}
