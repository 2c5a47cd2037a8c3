/* user/badexec.c - exec with too little memory: it fails at each of its allocations, and the old program continues unchanged.
 * SPDX-License-Identifier: MIT
 *
 * Takes all memory, then frees it page by page until exec of `nothing 42` succeeds.
 */
#include "user/lib/user.h"
#include "arch_layout.h"

enum { RW = ABI_PROT_READ | ABI_PROT_WRITE, BIG = 40, SPARE = 200 };

static char big[BIG * PAGE];        /* its heap begins where that of no other program does */
static struct abi_peb peb_before;
static uintptr_t heap;
static unsigned failures;

static const struct abi_peb *peb(void) { return (const struct abi_peb *)USER_PEB; }

static void remember(void)
{
	heap = (uintptr_t)sys_brk(0);
	CHECK(sys_brk(heap + 2 * PAGE + 8) == (intptr_t)(heap + 2 * PAGE + 8));
	*(volatile int *)(heap + PAGE) = 4711;
	peb_before = *peb();
	for (unsigned i = 0; i < BIG; i++)
		big[i * PAGE] = (char)i;
}

static void compare(void)
{
	CHECK((uintptr_t)sys_brk(0) == heap + 2 * PAGE + 8 && *(volatile int *)(heap + PAGE) == 4711);
	CHECK(!memcmp(&peb_before, peb(), sizeof(peb_before)));
	for (unsigned i = 0; i < BIG; i++)
		CHECK(big[i * PAGE] == (char)i);
}

/* A page of a section gets a frame at its first read; madvise() requests it with a call, which can fail. */
static volatile char *shared_pages(size_t n)
{
	return mmap(NULL, n * PAGE, RW, ABI_MAP_SHARED, 0);
}

static bool fill(volatile char *p, size_t n)
{
	return madvise((void *)(uintptr_t)p, n * PAGE, ABI_ADVICE_WILLNEED) == 0;
}

static void take_all(void)
{
	size_t n = 4096;

	while (n > 0) {
		volatile char *p = shared_pages(n);

		if (!p || !fill(p, n))
			n /= 2;
	}
}

/* Returns only if the program could not be started; prints a message then. */
static void try(const char *const argv[], unsigned given)
{
	intptr_t result = exec(argv[0], argv);

	CHECK(result == -ERR_NO_MEMORY);
	compare();
	failures = given + 1;
}

int main(void)
{
	static const char *const next[] = { "nothing", "42", NULL };
	volatile char *spare[SPARE];

	for (unsigned i = 0; i < SPARE; i++) {
		spare[i] = shared_pages(1);
		CHECK(spare[i] && fill(spare[i], 1));
	}
	/* Its own pages that it has not touched yet would end it. */
	CHECK(sys_madvise(peb()->image_base, peb()->module[0].size, ABI_ADVICE_WILLNEED) == 0);
	remember();
	take_all();
	for (unsigned i = 0; i < SPARE; i++) {
		try(next, i);
		CHECK(munmap((void *)(uintptr_t)spare[i], PAGE) == 0);
	}
	printf("exec failed with %u pages free\n", failures);
	return 1;
}
