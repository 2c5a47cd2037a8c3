/* user/alias.c - one page at two addresses: what is written through one is read through the other.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

int main(int argc, char **argv)
{
	intptr_t section = shm_open("alias", PAGE);
	volatile int *a, *b;
	int seen;

	(void)argv;
	CHECK(!failed(section));
	a = mmap(NULL, PAGE, ABI_PROT_READ | ABI_PROT_WRITE, ABI_MAP_SHARED, (uintptr_t)section);
	b = mmap(NULL, PAGE, ABI_PROT_READ | ABI_PROT_WRITE, ABI_MAP_SHARED, (uintptr_t)section);
	CHECK(a && b && a != b);
	*a = 7;
	seen = *b;
	*b = 8;
	CHECK(seen == 7 && *a == 8);
	/* After the last access: a test that has read the line maps another frame at one of the addresses. */
	printf("pid 0n%d wrote 7 at %p; at %p the val should be 7: %d\n", (int)getpid(), (void *)(uintptr_t)a,
	       (void *)(uintptr_t)b, seen);
	if (argc > 1)       /* alias hold: stay, so that one can look */
		sys_sleep(0x7FFFFFFF);
	return 0;
}
