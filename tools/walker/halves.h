/* tools/walker/halves.h - ttbr1= and ttbcr=: two roots for one address space, on ARM.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"

struct halves {
	uint64_t ttbr1, ttbcr;
	bool ttbr1_given, ttbcr_given;
	bool only_upper;          /* EPD0: TTBR1 is the only root */
	struct pt_mode mode;      /* TTBR1's */
	struct pt_tree tree;
};

/* The root that a setting gives. False: it is none, and a message was printed. */
bool halves_root(const struct pt_mode *mode, const char *setting, uint64_t value, paddr_t *root);
/* Makes *mode that of root=, and gives t a tree for TTBR1 if there is one. False: the settings do not fit together, and a
 * message was printed. */
bool halves_set(struct halves *h, struct pt_mode *mode, struct target *t);
