/* user/stamp.c - fills pages so that every word says whose it is and of which generation, waits at a gate, then checks every word.
 * SPDX-License-Identifier: MIT
 *
 * The shell opens the gate by a store into the process (.process /p PID; eb GATE 1), so it can evict pages while they wait.
 */
#include "user/lib/user.h"

#define WORDS (PAGE / sizeof(uint32_t))

static volatile unsigned char gate;
static uint32_t *at;
static uint32_t self;

static uint32_t word_of(uint32_t page, uint32_t generation, uint32_t i)
{
	return (self * 0x9E3779B1u ^ page * 0x85EBCA6Bu ^ generation * 0xC2B2AE35u) + i * 0x01000193u;
}

static void write_all(uint32_t n, uint32_t generation)
{
	for (uint32_t page = 0; page < n; page++)
		for (uint32_t i = 0; i < WORDS; i++)
			at[page * WORDS + i] = word_of(page, generation, i);
}

static uint32_t wrong_words(uint32_t n, uint32_t generation)
{
	uint32_t wrong = 0;

	for (uint32_t page = 0; page < n; page++)
		for (uint32_t i = 0; i < WORDS; i++)
			wrong += at[page * WORDS + i] != word_of(page, generation, i);
	return wrong;
}

static void wait_at_gate(uint32_t n, uint32_t generation)
{
	gate = 0;
	printf("pid 0n%d: generation %d in %d pages at %p, gate %p\n", (int)self, (int)generation, (int)n, (void *)at,
	       (void *)(uintptr_t)&gate);
	while (!gate)
		sys_sleep(20);
}

/* The children check the same pages, and change one of them each, which no other process may see. */
static int child(uintptr_t n)
{
	uint32_t mine = (uint32_t)getpid() % (uint32_t)n;

	CHECK(wrong_words((uint32_t)n, 1) == 0);
	at[mine * WORDS] = 0;
	CHECK(wrong_words((uint32_t)n, 1) == 1);
	return 0;
}

/* stamp [PAGES [GENERATIONS [CHILDREN]]] */
int main(int argc, char **argv)
{
	uint32_t n = (uint32_t)argument(argc, argv, 1, 16), last = (uint32_t)argument(argc, argv, 2, 1);
	uintptr_t children = argument(argc, argv, 3, 0);

	at = pages(n);
	self = (uint32_t)getpid();
	for (uint32_t generation = 1; generation <= last; generation++) {
		write_all(n, generation);
		wait_at_gate(n, generation);
		for (uintptr_t i = 0; generation == 1 && i < children; i++)
			CHECK(in_child(child, n) == 0);
		CHECK(wrong_words(n, generation) == 0);
	}
	printf("pid 0n%d: every word is right\n", (int)self);
	return 0;
}
