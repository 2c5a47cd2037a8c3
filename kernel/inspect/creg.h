/* kernel/inspect/creg.h - control registers with their bits by name.
 * SPDX-License-Identifier: MIT
 *
 * In the style of Bochs' creg: CR0=0xe0010011: PG CD NW ac WP ne ET ts em mp PE. A name in capitals is a set bit;
 * wider fields stand as name=value.
 */
#pragma once
#include "kernel/inspect/target.h"

enum creg_form {
	CREG_FLAG,      /* one bit: NAME or name */
	CREG_NUMBER,    /* name=value */
	CREG_ADDRESS,   /* name=value, the bits where they stand */
	CREG_WORD,      /* name=words[value] */
	CREG_SET_WORD,  /* the same, and nothing while the value is zero */
};

struct creg_bit {
	const char *name;            /* capitals */
	uint8_t bit, width;
	uint8_t form;                /* enum creg_form */
	const char *const *words;    /* 1 << width of them */
};

struct creg {
	const char *name;            /* capitals: "CR0", "SCTLR" */
	const char *format;          /* pt_format.name; NULL: whatever the mode */
	uint8_t digits;
	uint8_t count;
	const struct creg_bit *bits; /* highest first */
};

/* In any case ("cr0"); NULL when nothing is known of it. Some fields depend on the paging format. */
const struct creg *creg_by_name(const char *name, const struct pt_mode *mode);
/* One line: the register's name, value and bits. Bits without a name are not told. */
void creg_put(struct out *out, const struct creg *reg, uint64_t value);
/* A register of the target by name: ERR_NOT_FOUND when it is unknown here or there, nothing is printed then. */
err_t creg_show(struct out *out, const struct target *t, const char *name);
/* All that the target has, a line each. */
void creg_show_all(struct out *out, const struct target *t);
