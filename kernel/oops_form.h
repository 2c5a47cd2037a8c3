/* kernel/oops_form.h - how an oops is told: parts in an order that is one Linux's.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"
#include "inspect/target.h"

struct oops_story {
	const struct trap_frame *frame;
	const struct fault *fault;       /* NULL: the trap was no memory fault */
	const struct target *target;     /* through the tables that the CPU walks */
	unsigned number;                 /* [#1] */
};

/* All of it, in the form of the CPU family (isa/). */
void oops_tell(struct out *out, const struct oops_story *s);
