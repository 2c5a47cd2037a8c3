/* user/private.c - a private mapping of a section: what is written there stays there, however it came to be written.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

enum { RW = ABI_PROT_READ | ABI_PROT_WRITE, PAGES = 8 };

static volatile int *shared, *mine;

static volatile int *at(volatile int *base, unsigned page) { return base + page * (PAGE / sizeof(int)); }

static volatile int *map(intptr_t section, int flags)
{
	volatile int *p = mmap(NULL, PAGES * PAGE, RW, flags, (uintptr_t)section);

	CHECK(p != NULL);
	return p;
}

static void change(volatile int *p, int prot) { CHECK(mprotect((void *)(uintptr_t)p, PAGE, prot) == 0); }

static int child(uintptr_t unused)
{
	volatile int *fresh = map(shm_open("private", PAGES * PAGE), ABI_MAP_PRIVATE);

	(void)unused;
	*at(mine, 4) = 41;
	*at(mine, 5) = 51;
	*at(fresh, 6) = 61;
	*at(shared, 4) = 42;
	return *at(fresh, 4) == 42 && *at(mine, 4) == 41 ? 77 : 1;
}

int main(void)
{
	intptr_t section = shm_open("private", PAGES * PAGE);

	CHECK(!failed(section));
	shared = map(section, ABI_MAP_SHARED);
	mine = map(section, ABI_MAP_PRIVATE);
	/* Written before it was read; nothing was there. */
	*at(mine, 0) = 1;
	CHECK(*at(shared, 0) == 0 && *at(mine, 0) == 1);
	*at(shared, 0) = 2;
	CHECK(*at(mine, 0) == 1);
	/* Something was there. */
	*at(shared, 1) = 3;
	*at(mine, 1) = 4;
	CHECK(*at(shared, 1) == 3);
	/* Read before it was written; protected in between. */
	*at(shared, 2) = 5;
	CHECK(*at(mine, 2) == 5);
	change(at(mine, 2), ABI_PROT_READ);
	change(at(mine, 2), RW);
	*at(mine, 2) = 6;
	CHECK(*at(shared, 2) == 5 && *at(mine, 2) == 6);
	/* Advised, which reads. */
	CHECK(madvise((void *)(uintptr_t)at(mine, 3), PAGE, ABI_ADVICE_WILLNEED) == 0);
	*at(mine, 3) = 7;
	CHECK(*at(shared, 3) == 0);
	/* After a fork, in either. */
	CHECK(*at(mine, 5) == 0 && in_child(child, 0) == 77);
	CHECK(*at(shared, 4) == 42 && *at(shared, 5) == 0 && *at(shared, 6) == 0 && *at(mine, 5) == 0);
	/* The kernel writes a status there: to a page not touched before, and to one that was read. */
	for (unsigned page = 6; page < 8; page++) {
		intptr_t pid = fork();

		if (pid == 0)
			exit(9);
		if (page == 7)
			CHECK(*at(mine, page) == 0);
		CHECK(sys_wait((uintptr_t)pid, (uintptr_t)at(mine, page)) == pid);
		CHECK(*at(mine, page) == 9 && *at(shared, page) == 0);
	}
	printf("what is written privately stays private\n");
	return 0;
}
