/* kernel/oops_form.h - prints an oops in the form of Linux.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"
#include "inspect/target.h"

struct oops_report {
	const struct trap_frame *frame;
	const struct fault *fault;       /* NULL: the trap was no memory fault */
	const struct target *target;     /* with the tables that the CPU walks */
	unsigned number;                 /* [#1] */
};

/* Prints the complete oops, in the form of the CPU family (isa/). */
void oops_print(struct out *out, const struct oops_report *s);
