/* user/ranges.c - an address space with very many VMAs: every page of an area is one; rights, holes, fork and unmap are checked.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

enum { RO = ABI_PROT_READ, MOST = 65536, SAMPLE = 997 /* odd: samples fall on all kinds of pages */ };

static volatile char *area;
static unsigned count;

static volatile char *page(unsigned i) { return area + (uintptr_t)i * PAGE; }

/* Even pages may be written, odd ones may not. */
static void make_ranges(void)
{
	area = pages(count);
	for (unsigned i = 1; i < count; i += 2)
		CHECK(mprotect((void *)(uintptr_t)page(i), PAGE, RO) == 0);
}

static int leaves(uintptr_t status) { return (int)status; }

static void check_rights(void)
{
	intptr_t child;

	for (unsigned i = 0; i < count; i += SAMPLE) {
		CHECK(*page(i) == 0 && mincore(page(i)) == 1);
		if (i % 2 == 0)
			*page(i) = 1;
		CHECK(mincore(page(i)) == (i % 2 ? 1 : 2));
	}
	/* The kernel writes the status for the program, but not to an odd page. */
	child = fork();
	if (child == 0)
		exit(leaves(7));
	CHECK(failed(sys_wait((uintptr_t)child, (uintptr_t)page(count / 2 + 1))));
}

/* A new mapping takes the lowest hole that is long enough: for two pages the one above the last VMA. */
static void check_holes(void)
{
	char *two;

	for (unsigned i = 3; i < count; i += 4)
		CHECK(munmap((void *)(uintptr_t)page(i), PAGE) == 0);
	two = pages(2);
	CHECK(two == page(count - 1) && munmap(two, 2 * PAGE) == 0);
	for (unsigned i = 3; i < count; i += 4)
		CHECK((volatile char *)pages(1) == page(i));
}

static int sees_the_same(uintptr_t first)
{
	for (unsigned i = (unsigned)first; i < count; i += SAMPLE)
		CHECK(*page(i) == (i % 2 == 0));
	return 5;
}

/* ranges [COUNT [hold]]: COUNT is a multiple of 4. */
int main(int argc, char **argv)
{
	volatile char *again;

	count = (unsigned)argument(argc, argv, 1, MOST);
	CHECK(count >= 4 && count % 4 == 0);
	make_ranges();
	check_rights();
	if (argc > 2) {
		printf("%u ranges at %p\n", count, (void *)(uintptr_t)area);
		sys_sleep(0x7FFFFFFF);
	}
	check_holes();
	CHECK(in_child(sees_the_same, 0) == 5);
	CHECK(munmap((void *)(uintptr_t)area, (uintptr_t)count * PAGE) == 0 && mincore(area) == 0);
	again = pages(count);
	CHECK(again == area && *again == 0);
	printf("%u ranges: rights, holes, fork and unmap are right\n", count);
	return 0;
}
