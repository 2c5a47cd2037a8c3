/* user/orphan.c - a child waits for a key, and continues to wait after the exit of the program that the shell started.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

static void child(void)
{
	char key;
	intptr_t n = read(0, &key, 1);

	/* Nothing to read is what it should get. */
	if (n != -ERR_BUSY)
		printf("an orphan took %d bytes\n", (int)n);
	exit(0);
}

/* orphan [CHILDREN] */
int main(int argc, char **argv)
{
	for (uintptr_t n = argument(argc, argv, 1, 3); n > 0; n--) {
		intptr_t pid = fork();

		CHECK(!failed(pid));
		if (pid == 0)
			child();
	}
	sys_sleep(50);
	return 0;
}
