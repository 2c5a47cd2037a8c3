/* user/strangers.c - tries to end processes that are not its own, and to wait for them.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

enum { FURTHER = 8 };

/* Everything but the process itself and what it has made: parent, brothers, the kernel, what others run. */
static int attacks(uintptr_t except)
{
	uintptr_t me = (uintptr_t)getpid();
	int32_t status;

	for (uintptr_t pid = 0; pid < me + FURTHER; pid++) {
		if (pid == me || pid == except)
			continue;
		CHECK(failed(sys_kill(pid)));
		CHECK(pid == 0 || wait(pid, &status) == -ERR_NOT_FOUND);
	}
	CHECK(failed(sys_kill(UINTPTR_MAX)) && failed(sys_kill((uintptr_t)-1 << 31)));
	return 5;
}

static int grandparent(uintptr_t unused)
{
	intptr_t child = fork();

	(void)unused;
	if (child == 0) {
		if (fork() == 0)
			sys_sleep(0x7FFFFFFF);
		sys_sleep(0x7FFFFFFF);
	}
	sys_sleep(20);
	/* Children's children are its own as well: their pids follow. */
	CHECK(sys_kill((uintptr_t)child + 1) == 0 && sys_kill((uintptr_t)child) == 0);
	CHECK(failed(wait((uintptr_t)child + 1, NULL)) && wait((uintptr_t)child, NULL) == child);
	return 6;
}

int main(void)
{
	intptr_t brother = fork();
	int32_t status;

	if (brother == 0)
		for (;;)
			sys_sleep(10);
	CHECK(brother > 0 && attacks((uintptr_t)brother) == 5);
	CHECK(in_child(attacks, 0) == 5);
	/* The brother is there still. */
	CHECK(sys_kill((uintptr_t)brother) == 0 && wait((uintptr_t)brother, &status) == brother && status < 0);
	CHECK(in_child(grandparent, 0) == 6);
	printf("no stranger was ended\n");
	return 0;
}
