/* user/steps.c - touches pages in a known order, for the lesson that predicts its faults (lessons/l5_demand.c).
 * SPDX-License-Identifier: MIT
 *
 * Arguments: READ NEW REPLACE CHILD PARENT. Reads READ pages and writes NEW others, for the first time; then writes the first
 * REPLACE of the pages that it has read. A forked child writes the first CHILD of the NEW pages, and after it the parent the first
 * PARENT of them. Both live until board->done is set.
 */
#include "user/lib/user.h"

struct board { volatile uintptr_t ready, area, done, child_wrote; };

static struct board *map_board(void)
{
	intptr_t section = shm_open("steps", sizeof(struct board));
	struct board *b;

	CHECK(!failed(section));
	b = mmap(NULL, sizeof(*b), ABI_PROT_READ | ABI_PROT_WRITE, ABI_MAP_SHARED, (uintptr_t)section);
	CHECK(b != NULL);
	b->ready = b->done = b->child_wrote = 0;
	return b;
}

static void touch(volatile char *first, uintptr_t count, bool writes)
{
	for (uintptr_t i = 0; i < count; i++) {
		if (writes)
			first[i * PAGE] = 1;
		else
			(void)first[i * PAGE];
	}
}

static void wait_for(volatile uintptr_t *flag)
{
	while (!*flag)
		sys_sleep(10);
}

int main(int argc, char **argv)
{
	uintptr_t read_pages = argument(argc, argv, 1, 1), new_pages = argument(argc, argv, 2, 1);
	uintptr_t replace = argument(argc, argv, 3, 0), child = argument(argc, argv, 4, 0), parent = argument(argc, argv, 5, 0);
	struct board *b = map_board();
	volatile char *area = pages(read_pages + new_pages + 1), *fresh = area + read_pages * PAGE;
	int32_t status;
	intptr_t pid;

	CHECK(replace <= read_pages && child <= new_pages && parent <= new_pages);
	b->area = (uintptr_t)area;
	touch(area, read_pages, false);
	touch(fresh, new_pages, true);
	touch(area, replace, true);
	pid = fork();
	CHECK(!failed(pid));
	if (pid == 0) {
		touch(fresh, child, true);
		b->child_wrote = 1;
		wait_for(&b->done);
		return 0;
	}
	wait_for(&b->child_wrote);
	touch(fresh, parent, true);
	b->ready = 1;
	wait_for(&b->done);
	CHECK(wait((uintptr_t)pid, &status) == pid && status == 0);
	return 0;
}
