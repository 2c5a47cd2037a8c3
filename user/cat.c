/* user/cat.c - copies the console to itself, until a piece begins with a full stop.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

int main(void)
{
	char buf[128];

	for (;;) {
		intptr_t n = read(0, buf, sizeof(buf));

		if (failed(n))
			return 1;
		write(1, buf, (size_t)n);
		if (n >= 1 && buf[0] == '.')
			break;
	}
	printf("\n");
	return 0;
}
