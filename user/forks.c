/* user/forks.c - makes and ends processes, one after the other and some at a time.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

enum { TOGETHER = 8 };

static void one(int i)
{
	int32_t status = -1;
	intptr_t pid = fork();

	if (pid == 0)
		exit(i & 0x7F);
	CHECK(!failed(pid));
	CHECK(wait((uintptr_t)pid, &status) == pid && status == (i & 0x7F));
}

static void several(void)
{
	int32_t status;

	for (int i = 0; i < TOGETHER; i++) {
		intptr_t pid = fork();

		CHECK(!failed(pid));
		if (pid == 0) {
			sys_yield();
			exit(0);
		}
	}
	for (int i = 0; i < TOGETHER; i++)
		CHECK(!failed(wait(0, &status)) && status == 0);
	CHECK(failed(wait(0, &status)));
}

/* forks [COUNT [PAGES]]: the parent has so many pages of its own, written before. */
int main(int argc, char **argv)
{
	int n = (int)argument(argc, argv, 1, 100), done = 0;
	uintptr_t own = argument(argc, argv, 2, 0);
	volatile char *p = own ? pages(own) : NULL;

	for (uintptr_t i = 0; i < own; i++)
		p[i * PAGE] = 1;
	for (; done + TOGETHER < n; done += TOGETHER + 1) {
		one(done);
		several();
	}
	for (; done < n; done++)
		one(done);
	printf("%d processes came and went\n", done);
	return 0;
}
