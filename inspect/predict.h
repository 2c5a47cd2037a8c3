/* inspect/predict.h - what an access will do, from the tables and the mode alone.
 * SPDX-License-Identifier: MIT
 *
 * The rules are the manuals': Intel SDM vol. 3A 4.6 and 4.7, ARM DDI 0406C B3.7 to B3.13, DDI 0487 D8. What the bits
 * mean comes from the format; nothing here reads the machine, and a stale TLB is not known to it.
 */
#pragma once
#include "inspect/target.h"
#include "isa/isa.h"

enum predict_outcome {
	PREDICT_ALLOWED,
	PREDICT_FAULT,         /* a page fault or an abort; `code` has the cause */
	PREDICT_NO_ADDRESS,    /* x86: not canonical, #GP and no page fault; elsewhere: no such address */
	PREDICT_UNREADABLE,    /* a table is at an address without memory */
};

struct predict_change {
	uint8_t level;
	paddr_t entry_pa;
	pte_t before, after;
};

struct prediction {
	enum predict_outcome outcome;
	uint32_t code;         /* PREDICT_FAULT: the CPU's own word for it, as struct fault has it */
	const char *why;       /* PREDICT_FAULT: a phrase, static */
	unsigned level;        /* PREDICT_FAULT: the level whose entry decided */
	paddr_t pa;            /* PREDICT_ALLOWED */
	/* Entries in which the CPU sets accessed or dirty, from the root down. After a fault only tables above the
	 * entry that decided are among them, and the manual lets the CPU leave them as they are. */
	const char *later;     /* what the CPU finds wrong with the root's entry, but not on a walk; NULL: nothing */
	unsigned changes;
	struct predict_change change[PT_MAX_LEVELS];
	struct pt_step step[PT_MAX_LEVELS];
	struct pt_walk walk;   /* its steps are those of step */
};

void predict(const struct pt_space *space, uint64_t va, struct predict_access access, struct prediction *p);
/* The prediction for the target's own tables, in words: outcome, code with its bits, reason, A and D. */
void predict_show(struct out *out, const struct target *t, uint64_t va, struct predict_access access);
/* The code with its meaning in words. */
void predict_put_code(struct out *out, const struct pt_format *format, enum access access, uint32_t code);
