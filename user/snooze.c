/* user/snooze.c - sleeps so many milliseconds, 0x7fffffff unless told.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

int main(int argc, char **argv)
{
	return (int)sys_sleep(argument(argc, argv, 1, 0x7FFFFFFF));
}
