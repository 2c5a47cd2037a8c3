/* user/nothing.c - ends at once: what fork, exec and wait cost by themselves.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

int main(int argc, char **argv)
{
	return (int)argument(argc, argv, 1, 0);
}
