/* user/thrash.c - writes and reads pages in a random order, far more often than they are many, and checks every word of each.
 * SPDX-License-Identifier: MIT
 *
 * A word is a function of process, page, generation and its index. So a page of another process, of another address or of an
 * earlier time is found, and so is a single sector of one.
 */
#include "user/lib/user.h"

#define WORDS (PAGE / sizeof(uint32_t))
#define MOST_SECONDS (0x7FFFFFFFu / 1000)

static struct {
	uint32_t *at;
	uint32_t *left;                 /* for each page the generation that it was left with, 0: never written */
	uint32_t pages, self, random;
	unsigned long visits;
	volatile unsigned char *over;   /* NULL: no time limit */
} run;

/* The finalizer of MurmurHash3 (Appleby, public domain): equal results of different inputs are as rare as by chance. */
static uint32_t scatter(uint32_t x)
{
	x = (x ^ x >> 16) * 0x85EBCA6Bu;
	x = (x ^ x >> 13) * 0xC2B2AE35u;
	return x ^ x >> 16;
}

static uint32_t first_word(uint32_t page, uint32_t generation)
{
	return scatter(scatter(scatter(run.self) + page) + generation);
}

/* In a page that was never written every word is 0. */
static void check_page(uint32_t page)
{
	const uint32_t *word = run.at + page * WORDS;
	uint32_t step = run.left[page] ? 0x01000193u : 0, expected = run.left[page] ? first_word(page, run.left[page]) : 0;

	for (uint32_t i = 0; i < WORDS; i++, expected += step)
		if (word[i] != expected) {
			printf("page %d, word %d, generation %d: %x, not %x\n", (int)page, (int)i, (int)run.left[page],
			       (unsigned)word[i], (unsigned)expected);
			exit(1);
		}
}

static void write_page(uint32_t page, uint32_t generation)
{
	uint32_t *word = run.at + page * WORDS, value = first_word(page, generation);

	for (uint32_t i = 0; i < WORDS; i++, value += 0x01000193u)
		word[i] = value;
	run.left[page] = generation;
}

static void visit_all(uint32_t generation)
{
	for (uint32_t i = 0; i < run.pages && !(run.over && *run.over); i++, run.visits++) {
		uint32_t page = random32(&run.random) % run.pages;

		check_page(page);
		write_page(page, generation);
	}
}

/* A child sleeps so long, then sets a byte that both processes map. */
static void limit_time(uintptr_t seconds)
{
	volatile unsigned char *over = mmap(NULL, PAGE, ABI_PROT_READ | ABI_PROT_WRITE, ABI_MAP_SHARED, 0);
	intptr_t child;

	CHECK(over && seconds <= MOST_SECONDS);
	run.over = over;
	child = fork();
	CHECK(!failed(child));
	if (child)
		return;
	sys_sleep(seconds * 1000);
	*over = 1;
	exit(0);
}

/* thrash [PAGES [ROUNDS [SEED]]], thrash -t SECONDS [PAGES [SEED]] */
int main(int argc, char **argv)
{
	bool timed = argc > 1 && strcmp(argv[1], "-t") == 0;
	uintptr_t rounds = timed ? UINT32_MAX : argument(argc, argv, 2, 8);

	run.pages = (uint32_t)argument(argc, argv, timed ? 3 : 1, 256);
	run.random = (uint32_t)argument(argc, argv, timed ? 4 : 3, 1) | 1;
	run.self = (uint32_t)getpid();
	CHECK(run.pages > 0 && rounds <= UINT32_MAX);
	if (timed)
		limit_time(argument(argc, argv, 2, 10));
	run.at = pages(run.pages);
	run.left = pages(run.pages / WORDS + 1);
	for (uintptr_t round = 1; round <= rounds && !(run.over && *run.over); round++)
		visit_all((uint32_t)round);
	for (uint32_t page = 0; page < run.pages; page++)
		check_page(page);
	CHECK(!timed || !failed(wait(0, NULL)));
	printf("%d pages, %lu visits, every one found what it left\n", (int)run.pages, run.visits);
	return 0;
}
