/* user/stackgrow.c - writes its stack downwards page by page, the given number of pages, and back.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

static __attribute__((noinline)) uintptr_t deeper(uintptr_t pages_left)
{
	volatile unsigned char room[PAGE];
	volatile uintptr_t bottom = (uintptr_t)room;

	room[0] = (unsigned char)pages_left;
	if (pages_left == 0)
		return bottom;
	return deeper(pages_left - 1) + (uintptr_t)(room[0] - (unsigned char)pages_left);
}

/* stackgrow [PAGES]: default 64; more than the limit ends the program. */
int main(int argc, char **argv)
{
	uintptr_t n = argument(argc, argv, 1, 64), top = (uintptr_t)&n, bottom = deeper(n);

	printf("the stack went from %p down to %p, %d KiB\n", (void *)top, (void *)bottom,
	       (int)((top - bottom) / 1024));
	return 0;
}
