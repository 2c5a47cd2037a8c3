/* user/thrash.c - writes and reads pages in a random order, far more often than they are many, and checks each.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

static uintptr_t mix(uintptr_t page, uintptr_t round) { return page * 2654435761u + round * 40503u + 1; }

/* thrash [PAGES [ROUNDS [SEED]]] */
int main(int argc, char **argv)
{
	uintptr_t n = argument(argc, argv, 1, 256), rounds = argument(argc, argv, 2, 8);
	uint32_t state = (uint32_t)argument(argc, argv, 3, 1) | 1;
	volatile uintptr_t *p = pages(n);
	unsigned char *seen = pages(n / PAGE + 1);       /* the round in which a page was written last */
	unsigned long visits = 0;

	CHECK(n > 0);
	for (uintptr_t round = 1; round <= rounds; round++)
		for (uintptr_t i = 0; i < n; i++, visits++) {
			uintptr_t page = random32(&state) % n;
			volatile uintptr_t *word = p + page * (PAGE / sizeof(*p)) + page % (PAGE / sizeof(*p));

			CHECK(*word == (seen[page] ? mix(page, seen[page]) : 0));
			seen[page] = (unsigned char)round;
			*word = mix(page, seen[page]);
		}
	printf("%d pages, %lu visits, every one found what it left\n", (int)n, visits);
	return 0;
}
