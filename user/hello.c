/* user/hello.c - prints its process number and its arguments.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

int main(int argc, char **argv)
{
	printf("hello from pid 0n%d:", (int)getpid());
	for (int i = 0; i < argc; i++)
		printf(" %s", argv[i]);
	printf("\n");
	return argc - 1;
}
