/* user/snooze.c - sleeps the given number of milliseconds, default 0x7fffffff.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

int main(int argc, char **argv)
{
	return (int)sys_sleep(argument(argc, argv, 1, 0x7FFFFFFF));
}
