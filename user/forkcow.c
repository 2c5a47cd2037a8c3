/* user/forkcow.c - parent and child write to the page they share, and say what each sees.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

static volatile int shared_once = 1;

int main(int argc, char **argv)
{
	uintptr_t n = argument(argc, argv, 1, 4);
	volatile int *p = pages(n);
	int32_t status;
	intptr_t child;

	for (uintptr_t i = 0; i < n; i++)
		p[i * (PAGE / sizeof(int))] = 100;
	child = fork();
	CHECK(!failed(child));
	if (child == 0) {
		CHECK(shared_once == 1 && p[0] == 100);
		for (uintptr_t i = 0; i < n; i++)
			p[i * (PAGE / sizeof(int))] += 11;
		shared_once = 2;
		printf("child  0n%d at %p sees %d, and %d at %p\n", (int)getpid(), (void *)(uintptr_t)p, p[0],
		       shared_once, (void *)(uintptr_t)&shared_once);
		return 0;
	}
	CHECK(wait((uintptr_t)child, &status) == child && status == 0);
	printf("parent 0n%d at %p sees %d, and %d at %p\n", (int)getpid(), (void *)(uintptr_t)p, p[0], shared_once,
	       (void *)(uintptr_t)&shared_once);
	for (uintptr_t i = 0; i < n; i++) {
		CHECK(p[i * (PAGE / sizeof(int))] == 100);
		p[i * (PAGE / sizeof(int))] = 100 + (int)i;     /* it is the last owner now: no copy */
	}
	CHECK(shared_once == 1);
	return 0;
}
