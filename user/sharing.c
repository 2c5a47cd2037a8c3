/* user/sharing.c - pages of sections and files that several mappings share: waits for orders from the shell between evictions.
 * SPDX-License-Identifier: MIT
 *
 * An order is a store of the shell into `gate` of one process (.process /p PID; eb GATE N). Each process answers with one line.
 */
#include "user/lib/user.h"

#define WORDS (PAGE / sizeof(uint32_t))
#define RW    (ABI_PROT_READ | ABI_PROT_WRITE)

enum order { WAIT, WRITE_FIRST, READ_FIRST, READ_AGAIN, LEAVE };

static volatile unsigned char gate;
static uint32_t *first, *again;
static uint32_t n;

static uint32_t word_of(uint32_t page, uint32_t generation, uint32_t i)
{
	return generation << 24 ^ (page * 0x85EBCAu & 0xFFFFFF) ^ (i * 0x101u & 0xFFFFFF);
}

static void write_all(uint32_t generation)
{
	for (uint32_t page = 0; page < n; page++)
		for (uint32_t i = 0; i < WORDS; i++)
			first[page * WORDS + i] = word_of(page, generation, i);
}

/* The generation is the first word's; every word must be of it. */
static void report(const uint32_t *at)
{
	uint32_t generation = at[0] >> 24, wrong = 0;

	for (uint32_t page = 0; page < n; page++)
		for (uint32_t i = 0; i < WORDS; i++)
			wrong += at[page * WORDS + i] != word_of(page, generation, i);
	printf("pid 0n%d: generation %d, %d wrong words\n", (int)getpid(), (int)generation, (int)wrong);
}

/* Before the line that names the gate. The store gives each process a page of its own; it stays in memory, so that the shell can
 * store into it at any time. */
static void make_gate(void)
{
	CHECK(mlock(&gate, sizeof(gate)) == 0);
	gate = WAIT;
}

/* The gate closes before the order is carried out: the next one may come as soon as the answer is printed. */
static enum order next_order(void)
{
	enum order order;

	while (gate == WAIT)
		sys_sleep(20);
	order = (enum order)gate;
	gate = WAIT;
	return order;
}

static int obey(void)
{
	enum order order;

	make_gate();
	printf("pid 0n%d: %d pages at %p and %p, gate %p\n", (int)getpid(), (int)n, (void *)first, (void *)again,
	       (void *)(uintptr_t)&gate);
	while ((order = next_order()) != LEAVE) {
		if (order == WRITE_FIRST)
			write_all((first[0] >> 24) + 1);
		report(order == READ_AGAIN ? again : first);
	}
	printf("pid 0n%d: leaves\n", (int)getpid());
	return 0;
}

/* One section, at two addresses of this process and, after the fork, of its child. */
static int section(void)
{
	intptr_t s = shm_open("sharing", n * PAGE);
	int32_t status;

	CHECK(!failed(s));
	first = mmap(NULL, n * PAGE, RW, ABI_MAP_SHARED, (uintptr_t)s);
	again = mmap(NULL, n * PAGE, RW, ABI_MAP_SHARED, (uintptr_t)s);
	CHECK(first && again);
	write_all(1);
	if (fork() == 0)
		return obey();
	obey();
	CHECK(wait(0, &status) >= 0 && status == 0);
	return 0;
}

/* "lines" privately and shared: pages 0 and 2 of the private mapping are written, 1 and 3 read. */
static int file(void)
{
	intptr_t f = open("lines");
	unsigned char *mine, *theirs;

	CHECK(!failed(f));
	mine = mmap(NULL, 4 * PAGE, RW, ABI_MAP_PRIVATE, (uintptr_t)f);
	theirs = mmap(NULL, 4 * PAGE, ABI_PROT_READ, ABI_MAP_SHARED, (uintptr_t)f);
	CHECK(mine && theirs);
	for (unsigned page = 0; page < 4; page++)
		CHECK(mine[page * PAGE + 7] == theirs[page * PAGE + 7]);
	for (unsigned page = 0; page < 3; page += 2)
		mine[page * PAGE + 7] = (unsigned char)(0x80 + page);
	make_gate();
	printf("pid 0n%d: 4 pages at %p and %p, gate %p\n", (int)getpid(), (void *)mine, (void *)theirs, (void *)(uintptr_t)&gate);
	next_order();
	for (unsigned i = 0; i < 4 * PAGE; i++)
		CHECK(mine[i] == (i == 7 ? 0x80 : i == 2 * PAGE + 7 ? 0x82 : theirs[i]) && theirs[i] < 0x80);
	printf("pid 0n%d: the file is as it was\n", (int)getpid());
	return 0;
}

/* One page of a section at n addresses. */
static int many(void)
{
	intptr_t s = shm_open("many", PAGE);
	uint32_t *last = NULL;

	CHECK(!failed(s));
	for (uint32_t i = 0; i < n; i++) {
		last = mmap(NULL, PAGE, RW, ABI_MAP_SHARED, (uintptr_t)s);
		CHECK(last != NULL);
		first = first ? first : last;
		CHECK(*last == i);
		*last = i + 1;
	}
	make_gate();
	printf("pid 0n%d: %d pages at %p and %p, gate %p\n", (int)getpid(), (int)n, (void *)first, (void *)last,
	       (void *)(uintptr_t)&gate);
	next_order();
	CHECK(*last == n);
	*last = 4711;
	CHECK(*first == 4711);
	printf("pid 0n%d: one page\n", (int)getpid());
	return 0;
}

/* n children alive at a time that share one private page; the first half leaves before the rest reads it. */
static int family(void)
{
	volatile uint32_t *go = mmap(NULL, PAGE, RW, ABI_MAP_SHARED, 0);
	int32_t status;

	CHECK(go != NULL);
	first = pages(1);
	*first = 4711;
	for (uint32_t i = 0; i < n; i++) {
		intptr_t child = fork();

		CHECK(!failed(child));
		if (child)
			continue;
		while (*go <= (i >= n / 2))
			sys_sleep(20);
		return *first == 4711 ? 0 : 1;
	}
	make_gate();
	printf("pid 0n%d: 1 pages at %p and %p, gate %p\n", (int)getpid(), (void *)first, (void *)first, (void *)(uintptr_t)&gate);
	for (uint32_t half = 1; half <= 2; half++) {
		next_order();
		*go = half;
		for (uint32_t i = half == 1 ? 0 : n / 2; i < (half == 1 ? n / 2 : n); i++)
			CHECK(wait(0, &status) >= 0 && status == 0);
		printf("pid 0n%d: half %d was right\n", (int)getpid(), (int)half);
	}
	return 0;
}

/* sharing section|file|many|family [N] */
int main(int argc, char **argv)
{
	static const struct { const char *name; int (*run)(void); } kinds[] = {
		{ "section", section }, { "file", file }, { "many", many }, { "family", family },
	};

	n = (uint32_t)argument(argc, argv, 2, 8);
	for (unsigned i = 0; argc > 1 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(argv[1], kinds[i].name))
			return kinds[i].run();
	printf("usage: sharing section|file|many|family [N]\n");
	return 1;
}
