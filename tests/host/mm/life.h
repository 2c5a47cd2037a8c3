/* tests/host/mm/life.h - the pages of test_space_model.c: where they are and what a test knows of each.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "tests/host/mm/world.h"

#define SPACES  4
#define AREA    48                /* pages of each area */
#define AREAS   3
#define PAGES   (AREA * AREAS)
#define OBJ     12                /* pages of the section */
#define FILE_PAGES 4              /* of the file, the last one not full */
#define WORDS   3                 /* looked at in each page */
#define STEPS   4000

enum what { NOTHING, ANON, FILE_, SECTION, COPIED, GUARD };       /* COPIED: the section, privately */

struct page {
	enum what what;
	prot_t prot;
	unsigned index;               /* of the object */
	bool own;                     /* has its own contents: written privately */
	uint32_t word[WORDS];
};

struct life {
	struct aspace *as;
	struct page page[PAGES];
};

static const unsigned offset_of[WORDS] = { 0, 1364, PAGE_SIZE - 4 };

/* Areas that cross the ends of tables: of 1, 2 and 4 MiB, and the end of user memory. */
static inline uint64_t va_of(unsigned page)
{
	const uint64_t start[AREAS] = { 0x400000 - AREA / 2 * PAGE_SIZE, 0x40100000 - AREA / 2 * PAGE_SIZE,
	                                USER_END - AREA * PAGE_SIZE };

	return start[page / AREA] + page % AREA * PAGE_SIZE;
}

static inline prot_t pick_prot(void)
{
	static const prot_t some[] = { PROT_R, PROT_R | PROT_W, PROT_R | PROT_W, PROT_R | PROT_X,
	                               PROT_R | PROT_W | PROT_X, 0 };
	prot_t prot = some[below(ARRAY_LEN(some))];

	return prot ? prot | PROT_U : 0;
}
