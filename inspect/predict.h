/* inspect/predict.h - predicts an access from the tables and the mode.
 * SPDX-License-Identifier: MIT
 *
 * The rules are those of the manuals: Intel SDM vol. 3A 4.6 and 4.7, ARM DDI 0406C B3.7 to B3.13, DDI 0487 D8. The format
 * interprets the bits. The prediction does not read the machine, so it ignores stale TLB entries.
 */
#pragma once
#include "inspect/target.h"
#include "isa/isa.h"

enum predict_outcome {
	PREDICT_ALLOWED,
	PREDICT_FAULT,         /* page fault or abort; `code` contains the cause */
	PREDICT_NO_ADDRESS,    /* x86: not canonical, raises #GP; other CPUs: outside the address range */
	PREDICT_UNREADABLE,    /* a table is outside RAM */
};

struct predict_change {
	uint8_t level;
	paddr_t entry_pa;
	pte_t before, after;
};

struct prediction {
	enum predict_outcome outcome;
	uint32_t code;         /* PREDICT_FAULT: raw fault code, as in struct fault */
	const char *why;       /* PREDICT_FAULT: a phrase, static */
	unsigned level;        /* PREDICT_FAULT: the level whose entry decided */
	paddr_t pa;            /* PREDICT_ALLOWED */
	const char *later;     /* a fault of the top-level entry that occurs only when the root is loaded; NULL: none */
	/* Entries in which the CPU sets accessed or dirty, from the root down. After a fault these are only tables above the
	 * deciding entry, and the CPU may leave them unchanged. */
	unsigned changes;
	struct predict_change change[PT_MAX_LEVELS];
	struct pt_step step[PT_MAX_LEVELS];
	struct pt_walk walk;   /* its steps are those of step */
};

void predict(const struct pt_space *space, uint64_t va, struct predict_access access, struct prediction *p);
/* Predicts the access with the target's tables. Prints the outcome, the code with its bits, the reason, changes of A and D. */
void predict_show(struct out *out, const struct target *t, uint64_t va, struct predict_access access);
/* "read", "write", or "fetch" for an instruction fetch. */
const char *access_name(enum access access);
/* Prints the fault code and its meaning. */
void predict_put_code(struct out *out, const struct pt_format *format, enum access access, uint32_t code);
