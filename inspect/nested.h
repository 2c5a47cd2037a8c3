/* inspect/nested.h - the tables of a guest: each address in them is translated by a second stage.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"

struct nested {
	struct pt_space first;    /* the guest's; reads through `env` */
	struct pt_space second;   /* reads the machine's memory */
	struct pt_env env;
};

/* Makes both spaces; *n must stay where it is while they are used. */
void nested_make(struct nested *n, const struct pt_space *first, const struct pt_space *second);
/* The same for a target and the root of a second stage. False: the target has no second stage with such a root; a message was
 * printed. */
bool nested_of_target(struct nested *n, struct out *out, const struct target *t, uint64_t root);
/* The machine's address of a guest physical address. False: the second stage does not map it. */
bool nested_translate(const struct nested *n, paddr_t guest, paddr_t *pa);
