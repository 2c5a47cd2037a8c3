/* mm/reclaim/simulate.h - replays a reference string against a replacement policy, and against OPT.
 * SPDX-License-Identifier: MIT
 *
 * A reference string is a sequence of accesses to pages. Its text: hexadecimal page numbers, separated by white space or commas;
 * `w` behind a number is a write; # begins a comment up to the end of the line.
 */
#pragma once
#include "lib/err.h"
#include "mm/reclaim/policy.h"
#include <stddef.h>

#define SIM_REFERENCES_MAX (1u << 20)
#define SIM_WINDOW 2            /* ticks of wsclock's window */

struct reference_string {
	uint32_t count, pages, writes;      /* references, distinct pages, references that write */
	uint32_t *reference;        /* page << 1 | write; pages are numbered from 0 in the order of their first use */
};

struct simulation {
	uint32_t faults, hits;      /* their sum is the number of references */
	uint32_t writes;            /* victims that were written to since they were loaded */
};

/* A built-in string; what: one line; frames: two interesting numbers of frames. */
struct reference_builtin {
	const char *name, *what;
	uint32_t frames[2];
	uint32_t count;
	uint32_t (*reference)(uint32_t i);  /* the i-th: page << 1 | write */
};
extern const struct reference_builtin reference_builtins[];    /* name NULL at the end */

/* Parses `n` bytes. ERR_INVALID: *bad is the offset of the first error; ERR_RANGE: too many references, or none; ERR_NO_MEMORY. */
MUST_USE err_t references_parse(const char *text, size_t n, struct reference_string *out, size_t *bad);
MUST_USE err_t references_builtin(const struct reference_builtin *b, struct reference_string *out);
void references_free(struct reference_string *s);

/* Replays the string with `frames` frames, at least 1, that are empty at first. A tick passes after each `frames` references.
 * policy NULL: OPT, which evicts the page whose next use is the latest; among pages without another use, a clean one, then the
 * one with the lowest number. ERR_NO_MEMORY. */
MUST_USE err_t simulate(const struct policy *policy, const struct reference_string *s, uint32_t frames, struct simulation *out);
