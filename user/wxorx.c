/* user/wxorx.c - tries to get memory that it can write and execute, at one address or at two.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

enum { R = ABI_PROT_READ, W = ABI_PROT_WRITE, X = ABI_PROT_EXEC, SHARED = ABI_MAP_SHARED };

static int data = 1;

static void protect(uintptr_t at, int prot, intptr_t result)
{
	CHECK(sys_mprotect(at & ~(uintptr_t)(PAGE - 1), PAGE, (uintptr_t)prot) == result);
}

static intptr_t map(int prot, int flags, intptr_t handle)
{
	return sys_mmap(0, PAGE, (uintptr_t)prot, (uintptr_t)flags, (uintptr_t)handle);
}

static void unmap(intptr_t at) { CHECK(sys_munmap((uintptr_t)at, PAGE) == 0); }

static void at_one_address(void)
{
	static const int both[] = { W | X, R | W | X };
	intptr_t file = open("lines"), section = shm_open("wxorx", PAGE), p = map(R | W, 0, 0);
	int local = 0;

	CHECK(!failed(file) && !failed(section) && !failed(p));
	for (unsigned i = 0; i < 2; i++) {
		CHECK(map(both[i], 0, 0) == -ERR_ACCESS && map(both[i], SHARED, 0) == -ERR_ACCESS);
		CHECK(map(both[i], ABI_MAP_GROWSDOWN, 0) == -ERR_ACCESS && map(both[i], 0, file) == -ERR_ACCESS);
		CHECK(map(both[i], 0, section) == -ERR_ACCESS && map(both[i], SHARED, section) == -ERR_ACCESS);
		protect((uintptr_t)p, both[i], -ERR_ACCESS);
		protect((uintptr_t)protect, both[i], -ERR_ACCESS);
		protect((uintptr_t)&data, both[i], -ERR_ACCESS);
		protect((uintptr_t)&local, both[i], -ERR_ACCESS);
	}
	*(volatile int *)p = 7;
	/* One after the other is no harm. */
	protect((uintptr_t)p, R | X, 0);
	protect((uintptr_t)p, R | W | X, -ERR_ACCESS);
	protect((uintptr_t)p, R | W, 0);
	CHECK(*(volatile int *)p == 7);
}

static int tries(uintptr_t prot)
{
	intptr_t section = shm_open("wxorx", PAGE);

	return map((int)prot, SHARED, section) == -ERR_ACCESS && map(R, SHARED, section) > 0 ? 11 : 12;
}

static int changes(uintptr_t at)
{
	intptr_t result = sys_mprotect(at, PAGE, R | X);

	return result == -ERR_ACCESS ? 13 : 14;
}

static void at_two_addresses(void)
{
	intptr_t section = shm_open("wxorx", PAGE), w = map(R | W, SHARED, section), r = map(R, SHARED, section), x;

	CHECK(!failed(w) && !failed(r));
	/* Written at w: executable nowhere, privately neither, and in no other process. */
	CHECK(map(R | X, SHARED, section) == -ERR_ACCESS && map(R | X, 0, section) == -ERR_ACCESS);
	protect((uintptr_t)r, R | X, -ERR_ACCESS);
	CHECK(in_child(tries, R | X) == 11 && in_child(changes, (uintptr_t)r) == 13 && in_child(changes, (uintptr_t)w) == 13);
	/* Read-only at w: then it may be, and w does not come back. */
	protect((uintptr_t)w, R, 0);
	protect((uintptr_t)r, R | X, 0);
	protect((uintptr_t)w, R | W, -ERR_ACCESS);
	CHECK(map(R | W, SHARED, section) == -ERR_ACCESS && in_child(tries, R | W) == 11);
	/* A private writer has a copy. */
	x = map(R | W, 0, section);
	CHECK(!failed(x));
	*(volatile int *)x = 5;
	CHECK(*(volatile int *)r == 0);
	unmap(r);
	protect((uintptr_t)w, R | W, 0);
	unmap(w);
	unmap(x);
}

/* Memory without a name, which a child has as well. */
static void in_two_processes(void)
{
	intptr_t p = map(R | W, SHARED, 0);

	CHECK(!failed(p) && in_child(changes, (uintptr_t)p) == 13);
}

int main(void)
{
	at_one_address();
	at_two_addresses();
	in_two_processes();
	printf("nothing is written and executed\n");
	return 0;
}
