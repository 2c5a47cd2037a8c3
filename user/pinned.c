/* user/pinned.c - locks pages in memory; stops at a gate, then unlocks them, and stops again.
 * SPDX-License-Identifier: MIT
 *
 * The shell opens the gate by a store into the process (.process /p PID; eb GATE 1).
 */
#include "user/lib/user.h"

static volatile unsigned char gate;

static void wait_at_gate(const char *what, volatile unsigned char *p, uintptr_t n)
{
	gate = 0;
	printf("pid 0n%d: %d pages %s at %p, gate %p\n", (int)getpid(), (int)n, what, (void *)(uintptr_t)p,
	       (void *)(uintptr_t)&gate);
	while (!gate)
		sys_sleep(20);
}

static int is_right(volatile unsigned char *p, uintptr_t n)
{
	for (uintptr_t i = 0; i < n; i++)
		if (p[i * PAGE] != (unsigned char)(i + 1))
			return 0;
	return 1;
}

/* What the call refuses. */
static void errors(volatile unsigned char *p, uintptr_t n)
{
	CHECK(mlock(p, 0) == 0);
	CHECK(sys_mlock((uintptr_t)p, UINTPTR_MAX) == -ERR_INVALID && sys_mlock(UINTPTR_MAX - PAGE, PAGE) == -ERR_INVALID);
	CHECK(sys_munlock(0, PAGE) == -ERR_INVALID);
	CHECK(mlock(p, (n + 1) * PAGE) == -ERR_NOT_FOUND && munlock(p, (n + 1) * PAGE) == -ERR_NOT_FOUND);
}

/* More than the share of memory that may be locked. */
static void limit(void)
{
	volatile unsigned char *large = pages(64u << 8);

	CHECK(mlock(large, (size_t)64 << 20) == -ERR_NO_MEMORY && mincore(large) == 0);
	CHECK(munmap((void *)(uintptr_t)large, (size_t)64 << 20) == 0);
}

/* pinned [PAGES [fork]]: with fork a child, which has no lock, waits instead. */
int main(int argc, char **argv)
{
	uintptr_t n = argument(argc, argv, 1, 16);
	volatile unsigned char *p = pages(n);

	errors(p, n);
	limit();
	/* From the middle of the first page to the middle of the last. */
	CHECK(mlock(p + PAGE / 2, (n - 1) * PAGE) == 0);
	for (uintptr_t i = 0; i < n; i++)
		CHECK(mincore(p + i * PAGE) == 2);
	CHECK(madvise((void *)(uintptr_t)p, PAGE, ABI_ADVICE_DONTNEED) == -ERR_INVALID);
	for (uintptr_t i = 0; i < n; i++)
		p[i * PAGE] = (unsigned char)(i + 1);
	if (argc > 2) {
		intptr_t child = fork();
		int32_t status = 1;

		if (child == 0) {
			wait_at_gate("shared", p, n);
			exit(!is_right(p, n));
		}
		CHECK(wait((uintptr_t)child, &status) == child && status == 0);
	}
	wait_at_gate("locked", p, n);
	CHECK(is_right(p, n) && munlock(p, n * PAGE) == 0);
	wait_at_gate("unlocked", p, n);
	CHECK(is_right(p, n));
	printf("pid 0n%d: every page is right\n", (int)getpid());
	return 0;
}
