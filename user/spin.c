/* user/spin.c - uses the processor endlessly.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

static volatile unsigned long turns;

int main(void)
{
	for (;;)
		turns++;
}
