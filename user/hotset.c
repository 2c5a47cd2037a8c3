/* user/hotset.c - writes many pages once, then reads some of them again and again, so that the size of its working set is known.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

/* hotset PAGES HOT: the first HOT pages are read once per timer tick, until it is killed. */
int main(int argc, char **argv)
{
	uintptr_t n = argument(argc, argv, 1, 64), hot = argument(argc, argv, 2, 8);
	volatile unsigned char *p = pages(n);

	CHECK(hot <= n);
	for (uintptr_t i = 0; i < n; i++)
		p[i * PAGE] = (unsigned char)(i * 7 + 1);
	printf("pid 0n%d: %d of %d pages are hot, at %p\n", (int)getpid(), (int)hot, (int)n, (void *)(uintptr_t)p);
	for (;;) {
		for (uintptr_t i = 0; i < hot; i++)
			CHECK(p[i * PAGE] == (unsigned char)(i * 7 + 1));
		sys_sleep(10);
	}
}
