/* user/vartest.c - prints the address of a variable with a known value, then loops: a target for other tools.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

int main(void)
{
	volatile int a = 8055;

	printf("pid 0n%d, a = %d at\n%p\n", (int)getpid(), a, (void *)(uintptr_t)&a);
	for (;;)
		;
}
