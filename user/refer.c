/* user/refer.c - refers to pages in a random order, one access at a time: its reference string does not depend on time.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

/* refer [PAGES [COUNT [SEED [EXEC]]]]: COUNT accesses, one of four a write, most of them to a part of the pages that moves. With
 * EXEC not 0 it then executes itself with 10 pages. */
int main(int argc, char **argv)
{
	uint32_t n = (uint32_t)argument(argc, argv, 1, 24), count = (uint32_t)argument(argc, argv, 2, 1000);
	uint32_t seed = (uint32_t)argument(argc, argv, 3, 1) | 1, sum = 0;
	volatile uint32_t *at;

	CHECK(n > 0);
	at = pages(n * PAGE);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t r = random32(&seed), near = n / 4 + 1;
		uint32_t page = r % 8 ? (i / 100 * 5 + (r >> 8) % near) % n : (r >> 8) % n;

		if (r >> 30 == 0)
			at[page * (PAGE / sizeof(*at))] = i;
		else
			sum += at[page * (PAGE / sizeof(*at))];
	}
	printf("%d references to %d pages, sum %x\n", (int)count, (int)n, (unsigned)sum);
	if (argument(argc, argv, 4, 0)) {
		const char *const again[] = { "refer", "10", "100", NULL };

		CHECK(exec(again[0], again) == 0);
	}
	return 0;
}
