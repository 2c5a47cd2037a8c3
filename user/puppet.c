/* user/puppet.c - does what the shell stores in its box: writes and checks stamped pages, forks, changes protections, exits.
 * SPDX-License-Identifier: MIT
 *
 * A test stores arguments and then the number of an operation (ed), reads the result there (dd), and so decides at which point
 * between two steps pages leave memory. A word of a page is a function of process, page, generation and index.
 */
#include "user/lib/user.h"

#define WORDS (PAGE / sizeof(uint32_t))
#define STEP  0x01000193u
enum { MOST_PAGES = 1 << 15, ARGUMENTS = 5, POLL_MS = 10 };

/* Volatile: the shell reads and writes it, arguments and operation with one command. `done` counts operations that have ended. */
static struct { volatile uint32_t arg[ARGUMENTS], op, done, result; } box __attribute__((aligned(PAGE)));
static uint32_t *at;
static uint32_t self, pages_all, seed;

static uint32_t first_word(uint32_t owner, uint32_t page, uint32_t generation)
{
	return owner * 0x9E3779B1u ^ page * 0x85EBCA6Bu ^ generation * 0xC2B2AE35u;
}

static void write_page(uint32_t page, uint32_t generation)
{
	for (uint32_t i = 0, word = first_word(self, page, generation); i < WORDS; i++, word += STEP)
		at[page * WORDS + i] = word;
}

static uint32_t wrong_in(uint32_t page, uint32_t owner, uint32_t generation)
{
	uint32_t wrong = 0;

	for (uint32_t i = 0, word = first_word(owner, page, generation); i < WORDS; i++, word += STEP)
		wrong += at[page * WORDS + i] != word;
	return wrong;
}

/* write FIRST COUNT GENERATION STRIDE */
static uint32_t write_pages(const uint32_t *a)
{
	for (uint32_t i = 0; i < a[1]; i += a[3] ? a[3] : 1)
		write_page(a[0] + i, a[2]);
	return 0;
}

/* check FIRST COUNT GENERATION OWNER STRIDE: the number of wrong words. Owner 0: this process. */
static uint32_t check_pages(const uint32_t *a)
{
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < a[1]; i += a[4] ? a[4] : 1)
		wrong += wrong_in(a[0] + i, a[3] ? a[3] : self, a[2]);
	return wrong;
}

/* The same as write, but the kernel makes the first store into each page, as it copies out a status. */
static uint32_t kernel_writes(const uint32_t *a)
{
	for (uint32_t i = 0; i < a[1]; i += a[3] ? a[3] : 1) {
		uint32_t *page = at + (a[0] + i) * WORDS;
		intptr_t child = fork();

		if (child == 0)
			exit((int)first_word(self, a[0] + i, a[2]));
		CHECK(wait((uintptr_t)child, (int32_t *)page) == child);
		CHECK(*page == first_word(self, a[0] + i, a[2]));
		write_page(a[0] + i, a[2]);
	}
	return 0;
}

/* protect FIRST COUNT ABI_PROT_* */
static uint32_t protect(const uint32_t *a)
{
	return (uint32_t)mprotect(at + a[0] * WORDS, a[1] * PAGE, (int)a[2]);
}

static int store_in(uintptr_t page) { at[page * WORDS]++; return 0; }
static int load_from(uintptr_t page) { return (int)(*(volatile uint32_t *)(at + page * WORDS) & 0); }
static int call_into(uintptr_t page) { ((void (*)(void))(uintptr_t)(at + page * WORDS))(); return 0; }

/* in_child PAGE KIND: the status of a child that stores into, loads from or calls into the page. */
static uint32_t in_a_child(const uint32_t *a)
{
	static int (*const access[])(uintptr_t page) = { store_in, load_from, call_into };

	return (uint32_t)in_child(access[a[1] % 3], a[0]);
}

/* A child that obeys as this process does; its number. */
static uint32_t fork_puppet(const uint32_t *a)
{
	intptr_t child;

	(void)a;
	child = fork();
	/* A store by the shell must not reach the other process: each gets a page of its own. */
	box.op = 0;
	if (child == 0)
		self = (uint32_t)getpid();
	return (uint32_t)child;
}

static int random_child(uintptr_t generation)
{
	for (unsigned i = 0; i < 8; i++) {
		uint32_t read = random32(&seed) % pages_all, written = random32(&seed) % pages_all;

		/* The page may be one that this child has written. */
		if (wrong_in(read, self, (uint32_t)generation) > 1)
			return 1;
		at[written * WORDS + 7]++;
	}
	return 0;
}

/* children COUNT GENERATION: so many children, one after the other, read eight pages and write eight; the number that failed. */
static uint32_t children(const uint32_t *a)
{
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < a[0]; i++) {
		(void)random32(&seed);
		wrong += in_child(random_child, a[1]) != 0;
	}
	return wrong;
}

/* churn GENERATION OWNER: writes and checks pages in a random order until any operation is stored; the number of wrong words. The
 * pages have that generation of that process before, and of this process afterwards. */
static uint32_t churn(const uint32_t *a)
{
	static uint32_t generation[MOST_PAGES];
	uint32_t wrong = 0, next = a[0];

	for (uint32_t i = 0; i < pages_all; i++)
		generation[i] = a[0];
	while (!box.op) {
		uint32_t page = random32(&seed) % pages_all;

		wrong += wrong_in(page, generation[page] == a[0] ? a[1] : self, generation[page]);
		generation[page] = ++next;
		write_page(page, next);
	}
	box.op = 0;
	for (uint32_t i = 0; i < pages_all; i++)
		wrong += wrong_in(i, generation[i] == a[0] ? a[1] : self, generation[i]);
	write_pages((const uint32_t[]){ 0, pages_all, a[0], 1 });
	return wrong;
}

/* rounds COUNT GENERATION: writes every page and checks every page, so often. */
static uint32_t rounds(const uint32_t *a)
{
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < a[0]; i++) {
		write_pages((const uint32_t[]){ 0, pages_all, a[1] + i, 1 });
		wrong += check_pages((const uint32_t[]){ 0, pages_all, a[1] + i, 0, 1 });
	}
	return wrong;
}

static uint32_t dont_need(const uint32_t *a)
{
	return (uint32_t)madvise(at + a[0] * WORDS, a[1] * PAGE, ABI_ADVICE_DONTNEED);
}

static uint32_t quit(const uint32_t *a)
{
	exit((int)a[0]);
}

/* The numbers are those of tests/qemu/puppet.py. */
static uint32_t (*const operation[])(const uint32_t *a) = {
	NULL, write_pages, check_pages, kernel_writes, protect, in_a_child, fork_puppet, children, churn, rounds, dont_need, quit,
};

/* puppet PAGES */
int main(int argc, char **argv)
{
	pages_all = (uint32_t)argument(argc, argv, 1, 16);
	CHECK(pages_all > 0 && pages_all <= MOST_PAGES);
	at = pages(pages_all);
	self = (uint32_t)getpid();
	seed = self | 1;
	/* Otherwise the shell would write the shared zero frame. */
	box.op = 0;
	printf("pid 0n%d: %d pages at %p, box %p\n", (int)self, (int)pages_all, (void *)at, (void *)(uintptr_t)&box);
	for (;;) {
		uint32_t a[ARGUMENTS], op;

		while (!box.op)
			sys_sleep(POLL_MS);
		op = box.op;
		for (unsigned i = 0; i < ARGUMENTS; i++)
			a[i] = box.arg[i];
		box.op = 0;
		CHECK(op < sizeof(operation) / sizeof(operation[0]));
		box.result = operation[op](a);
		box.done++;
	}
}
