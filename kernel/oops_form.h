/* kernel/oops_form.h - how an oops is told: parts in an order that is one Linux's.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"
#include "kernel/inspect/target.h"

struct oops_story {
	const struct trap_frame *frame;
	const struct fault *fault;       /* NULL: the trap was no memory fault */
	const struct target *target;     /* through the tables that the CPU walks */
	unsigned number;                 /* [#1] */
};

/* All of it, in the form that the architecture names (arch_oops_form). */
void oops_tell(struct out *out, const struct oops_story *s);
/* A memory fault in the words of Linux on ARM, from first line to last (kernel/oops_arm.c). */
void oops_arm(struct out *out, const struct oops_story *s);
