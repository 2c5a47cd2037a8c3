/* user/crowd.c - processes that live at the same time, fork, and write shared pages: more than the memory has room for.
 * SPDX-License-Identifier: MIT
 *
 * Every fork must succeed, because pages can leave for its tables; every process must find its own bytes and no other process's.
 */
#include "user/lib/user.h"

enum { WORDS = PAGE / sizeof(uint32_t), STEP = 61 /* odd: words of all sectors */, SHARE = 8 };

static uint32_t *at, *owner;
static uint32_t count;

static uint32_t word_of(uint32_t who, uint32_t page, uint32_t i)
{
	return who * 0x9E3779B1u ^ (page * WORDS + i) * 0x85EBCA6Bu;
}

static void write_page(uint32_t page)
{
	owner[page] = (uint32_t)getpid();
	for (uint32_t i = 0; i < WORDS; i++)
		at[page * WORDS + i] = word_of(owner[page], page, i);
}

static void check_pages(void)
{
	for (uint32_t page = 0; page < count; page++)
		for (uint32_t i = page % STEP; i < WORDS; i += STEP)
			CHECK(at[page * WORDS + i] == word_of(owner[page], page, i));
}

/* Its own copies of some pages; the others stay those of the processes before it. */
static void write_some(void)
{
	for (uint32_t page = (uint32_t)getpid() % SHARE; page < count; page += SHARE)
		write_page(page);
}

static int grandchild(uintptr_t unused)
{
	(void)unused;
	write_some();
	check_pages();
	return 0;
}

/* In a section, so that all see it: children that have their pages. */
static volatile uint32_t *ready;

/* Waits for all, so that they live at the same time, however the processor is divided among them. */
static int child(uint32_t children)
{
	write_some();
	for (__atomic_add_fetch(ready, 1, __ATOMIC_SEQ_CST); *ready < children; )
		sys_sleep(10);
	CHECK(in_child(grandchild, 0) == 0);
	check_pages();
	return 0;
}

static void round_of(unsigned children)
{
	*ready = 0;
	for (unsigned i = 0; i < children; i++) {
		intptr_t pid = fork();

		CHECK(!failed(pid));
		if (pid == 0)
			exit(child(children));
	}
	for (unsigned i = 0; i < children; i++) {
		int32_t status = 1;

		CHECK(!failed(wait(0, &status)) && status == 0);
	}
	check_pages();
}

/* crowd [CHILDREN [PAGES [ROUNDS]]] */
int main(int argc, char **argv)
{
	unsigned children = (unsigned)argument(argc, argv, 1, 64), rounds = (unsigned)argument(argc, argv, 3, 1);

	intptr_t section = shm_open("crowd", PAGE);

	CHECK(!failed(section));
	ready = mmap(NULL, PAGE, ABI_PROT_READ | ABI_PROT_WRITE, ABI_MAP_SHARED, (uintptr_t)section);
	CHECK(ready != NULL);
	count = (uint32_t)argument(argc, argv, 2, 256);
	at = (uint32_t *)pages(count);
	owner = (uint32_t *)pages((count * sizeof(*owner) + PAGE - 1) / PAGE);
	for (uint32_t page = 0; page < count; page++)
		write_page(page);
	for (unsigned i = 0; i < rounds; i++)
		round_of(children);
	printf("%u children and as many of theirs, %u times: every word is right\n", children, rounds);
	return 0;
}
