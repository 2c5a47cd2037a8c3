/* user/touch.c - reserves pages and reads or writes each; with hold, stays so that one can look.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

/* touch [PAGES [r|w [hold]]] */
int main(int argc, char **argv)
{
	uintptr_t n = argument(argc, argv, 1, 16), sum = 0;
	bool writes = argc < 3 || argv[2][0] == 'w';
	volatile unsigned char *p = pages(n);
	uint32_t before = user_ticks(), after;

	for (uintptr_t i = 0; i < n; i++)
		if (writes)
			p[i * PAGE] = (unsigned char)(i + 1);
		else
			sum += p[i * PAGE];
	after = user_ticks();
	printf("%d pages %s at %p, %u ticks each\n", (int)n, writes ? "written" : "read", (void *)(uintptr_t)p,
	       n ? (unsigned)((after - before) / n) : 0);
	for (uintptr_t i = 0; i < n; i++)
		CHECK(p[i * PAGE] == (writes ? (unsigned char)(i + 1) : 0));
	CHECK(sum == 0);
	if (argc > 3)
		sys_sleep(0x7FFFFFFF);
	return 0;
}
