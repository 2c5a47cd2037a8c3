/* user/shared.c - two processes, one section: what either writes both see.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

enum { LAST = 100 };
struct board { volatile int turn, sum; char unused[2 * 4096]; volatile int far; };

static struct board *map_board(void)
{
	intptr_t section = shm_open("board", sizeof(struct board));
	struct board *b;

	CHECK(!failed(section));
	b = mmap(NULL, sizeof(*b), ABI_PROT_READ | ABI_PROT_WRITE, ABI_MAP_SHARED, (uintptr_t)section);
	CHECK(b != NULL);
	return b;
}

/* They take turns until LAST; each adds its own number. */
static int play(struct board *b, int me)
{
	while (b->turn < LAST) {
		if (b->turn % 2 != me) {
			sys_yield();
			continue;
		}
		b->sum += me + 1;
		b->turn++;
	}
	return 0;
}

int main(void)
{
	int32_t status;
	intptr_t child = fork();
	struct board *b = map_board();

	CHECK(!failed(child));
	if (child == 0) {
		b->far = 1234;
		return play(b, 1);
	}
	play(b, 0);
	CHECK(wait((uintptr_t)child, &status) == child && status == 0);
	printf("section at %p: %d turns, sum %d, far %d\n", (void *)b, b->turn, b->sum, b->far);
	CHECK(b->turn == LAST && b->sum == LAST / 2 * 3 && b->far == 1234);
	return 0;
}
