/* user/unnamed.c - looks for a name under which shared anonymous memory can be opened.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

enum { RW = ABI_PROT_READ | ABI_PROT_WRITE, VALUE = 0x600D, NAMES = 40 };

static volatile int *shared(intptr_t section)
{
	volatile int *p = mmap(NULL, PAGE, RW, ABI_MAP_SHARED, (uintptr_t)section);

	CHECK(p != NULL);
	return p;
}

static void name_of(char *name, unsigned kind, unsigned pid, unsigned n)
{
	static const char *const format[] = { "/anon/%u/%u", "anon/%u/%u", "/anon/%x/%x", "shared/%u/%u", "/%u/%u" };

	str_printf(name, ABI_NAME_MAX, format[kind], pid, n);
}

/* What that name opens is new: zero, and what is written there is nowhere else. A child's handles are its own. */
static int opens(uintptr_t i)
{
	char name[ABI_NAME_MAX];
	intptr_t section;
	volatile int *p;

	name_of(name, (unsigned)i % 5, (unsigned)getpid() - 1 - (unsigned)i % 3, (unsigned)i / 5);
	section = shm_open(name, PAGE);
	CHECK(!failed(section));
	p = shared(section);
	CHECK(*p == 0);
	*p = 0xBAD;
	return 1;
}

/* A section of such a name is there before: the memory is another. */
static void squats(void)
{
	char name[ABI_NAME_MAX];
	intptr_t section;

	for (unsigned n = 0; n < 6; n++) {
		name_of(name, 0, (unsigned)getpid(), n);
		section = shm_open(name, PAGE);
		CHECK(!failed(section));
		*shared(section) = 0xBAD;
	}
}

static int writes(uintptr_t at)
{
	*(volatile int *)at = 4;
	return 2;
}

int main(void)
{
	volatile int *p = shared(0), *q;

	*p = VALUE;
	CHECK(shm_open("", PAGE) == -ERR_INVALID);
	for (uintptr_t i = 0; i < NAMES; i++)
		CHECK(in_child(opens, i) == 1 && *p == VALUE);
	squats();
	q = shared(0);
	CHECK(*q == 0 && *p == VALUE);
	CHECK(in_child(writes, (uintptr_t)q) == 2 && *q == 4);
	printf("what has no name is not found\n");
	return 0;
}
