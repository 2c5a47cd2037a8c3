/* user/sparse.c - reserves a range larger than the machine and touches a page here and there.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

/* sparse [MIB [STEP_PAGES [hold]]]: a page every STEP_PAGES is written, then all are read back. */
int main(int argc, char **argv)
{
	uintptr_t n = argument(argc, argv, 1, 1024) << 8, step = argument(argc, argv, 2, 4096), count = 0;
	volatile uintptr_t *p = pages(n);

	CHECK(step > 0);
	for (uintptr_t i = 0; i < n; i += step, count++)
		p[i * (PAGE / sizeof(*p))] = i + 1;
	for (uintptr_t i = 0; i < n; i += step)
		CHECK(p[i * (PAGE / sizeof(*p))] == i + 1);
	printf("pid 0n%d: %d pages of %d written at %p\n", (int)getpid(), (int)count, (int)n, (void *)(uintptr_t)p);
	if (argc > 3)
		sys_sleep(0x7FFFFFFF);
	return 0;
}
