/* user/talk.c - prints numbered lines, with a pause after each: output for what else is on the terminal.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

/* talk COUNT MILLISECONDS */
int main(int argc, char **argv)
{
	uintptr_t n = argument(argc, argv, 1, 10), pause = argument(argc, argv, 2, 100);

	for (uintptr_t i = 1; i <= n; i++) {
		printf("line %d of %d\n", (int)i, (int)n);
		sys_sleep(pause);
	}
	return 0;
}
