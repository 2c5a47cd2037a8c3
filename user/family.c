/* user/family.c - a family of processes that write, protect, empty, unmap and fork the same private pages in a random order.
 * SPDX-License-Identifier: MIT
 *
 * fork() lets parent and child share page tables until one of them changes something below. Each process knows what every page of
 * its own must hold, checks pages at random and all of them before it exits. Parents and children exit in any order.
 */
#include "user/lib/user.h"

enum {
	MOST = 1 << 13, WORDS = PAGE / sizeof(uint32_t), STEP = 16 /* words: each sixteenth is checked */,
	AT_ONCE = 8, POLL_MS = 10,
	RW = ABI_PROT_READ | ABI_PROT_WRITE,
};

/* In shared memory, of all processes: living now, started, steps done, wrong words found. */
static struct { volatile uint32_t living, started, steps, wrong; } *all;
static uint32_t stamp[MOST];            /* of each page; 0: zeroes */
static unsigned char read_only[MOST];
static volatile uint32_t *at;
static uint32_t n, seed, budget;

static uint32_t any(uint32_t below)
{
	return random32(&seed) % below;
}

static uint32_t word_of(uint32_t page, uint32_t i)
{
	return stamp[page] ? stamp[page] + i * 0x01000193u : 0;
}

static void check_page(uint32_t page)
{
	for (uint32_t i = 0; i < WORDS; i += STEP)
		all->wrong += at[page * WORDS + i] != word_of(page, i);
}

static void write_page(uint32_t page)
{
	if (read_only[page])
		return;
	stamp[page] = random32(&seed) | 1;
	for (uint32_t i = 0; i < WORDS; i++)
		at[page * WORDS + i] = word_of(page, i);
}

static void forget(uint32_t first, uint32_t count)
{
	for (uint32_t i = first; i < first + count; i++)
		stamp[i] = read_only[i] = 0;
}

static void protect(uint32_t first, uint32_t count)
{
	bool only = any(2);

	CHECK(mprotect((void *)(uintptr_t)(at + first * WORDS), count * PAGE, only ? ABI_PROT_READ : RW) == 0);
	for (uint32_t i = first; i < first + count; i++)
		read_only[i] = only;
}

/* The protection of an emptied page stays. */
static void empty(uint32_t first, uint32_t count)
{
	CHECK(madvise((void *)(uintptr_t)(at + first * WORDS), count * PAGE, ABI_ADVICE_DONTNEED) == 0);
	for (uint32_t i = first; i < first + count; i++)
		stamp[i] = 0;
}

static void map_again(uint32_t first, uint32_t count)
{
	void *p = (void *)(uintptr_t)(at + first * WORDS);

	CHECK(munmap(p, count * PAGE) == 0);
	CHECK(mmap(p, count * PAGE, RW, ABI_MAP_PRIVATE | ABI_MAP_FIXED, 0) == p);
	forget(first, count);
}

static void work(void);

static _Noreturn void leave(void)
{
	for (uint32_t i = 0; i < n; i++)
		check_page(i);
	__atomic_fetch_sub(&all->living, 1, __ATOMIC_SEQ_CST);
	exit(0);
}

static void be_fruitful(void)
{
	intptr_t child;

	if (all->living >= AT_ONCE)
		return;
	(void)random32(&seed);
	__atomic_fetch_add(&all->living, 1, __ATOMIC_SEQ_CST);
	child = fork();
	if (failed(child)) {
		__atomic_fetch_sub(&all->living, 1, __ATOMIC_SEQ_CST);
		return;
	}
	if (child)
		return;
	__atomic_fetch_add(&all->started, 1, __ATOMIC_SEQ_CST);
	seed ^= (uint32_t)getpid() * 0x9E3779B1u;
	seed |= 1;
	budget /= 2;
	work();
	leave();
}

/* One step on a few pages, or on many. */
static void step(void)
{
	uint32_t what = any(16), count = 1 + any(what % 2 ? 4 : n / 2), first = any(n - count + 1);

	all->steps++;
	if (what < 3)
		protect(first, count);
	else if (what < 5)
		empty(first, count > 16 ? 16 : count);
	else if (what < 6)
		map_again(first, count > 16 && any(8) ? 16 : count);
	else if (what < 8)
		be_fruitful();
	else
		for (uint32_t i = 0; i < 4; i++) {
			check_page(any(n));
			write_page(any(n));
		}
	if (any(4) == 0)
		sys_yield();
}

static void work(void)
{
	for (uint32_t i = 0; i < budget; i++)
		step();
}

/* family [PAGES [STEPS [SEED]]] */
int main(int argc, char **argv)
{
	n = (uint32_t)argument(argc, argv, 1, 2048);
	budget = (uint32_t)argument(argc, argv, 2, 64);
	seed = (uint32_t)argument(argc, argv, 3, 1) | 1;
	CHECK(n > 1 && n <= MOST);
	all = mmap(NULL, PAGE, RW, ABI_MAP_SHARED, 0);
	at = pages(n);
	CHECK(all != NULL);
	all->living = all->started = 1;
	for (uint32_t i = 0; i < n; i++)
		write_page(i);
	work();
	while (all->living > 1)
		sys_sleep(POLL_MS);
	for (uint32_t i = 0; i < n; i++)
		check_page(i);
	printf("%d processes, %d steps, %d wrong words\n", (int)all->started, (int)all->steps, (int)all->wrong);
	return all->wrong != 0;
}
