/* inspect/eval.h - WinDbg's expressions: numbers, registers, symbols, operators, poi().
 * SPDX-License-Identifier: MIT
 *
 * Arithmetic is 64-bit unsigned. A token of hex digits is a number; `nt!name` or a name that is not
 * hex is a symbol. 0x 0n 0t 0y prefixes, back-ticks inside numbers, @reg.
 * On a target of 32 bits what fits in 32 bits (a number without a back-tick, a symbol, a register, a pointer) is
 * sign-extended from bit 31: 80000000 is -80000000, 0`80000000 is not. target_address() removes the upper half again.
 */
#pragma once
#include "inspect/target.h"

#define EVAL_CANDIDATES 8

struct eval_error {
	const char *what;     /* "no such symbol", static */
	size_t at;            /* offset in the text where the caret goes */
	unsigned count;       /* number of symbols with the ambiguous name; 0: another error */
	uint64_t candidate[EVAL_CANDIDATES];  /* addresses of the first ones */
};

/* Evaluates the expression at `text`. It ends at a comma, at the end, or at white space that no operator follows; *end points to
 * the character after it. After an error only *error is set. `radix` is the default radix: 16 unless `n` changed it. Nesting
 * deeper than 64 is an error. */
MUST_USE err_t eval(const struct target *t, const char *text, unsigned radix, const char **end,
                    uint64_t *value, struct eval_error *error);
/* As eval(), but without sign extension: for physical addresses, entries, frame numbers and counts, which can be wider than an
 * address of the target. */
MUST_USE err_t eval_number(const struct target *t, const char *text, unsigned radix, const char **end,
                           uint64_t *value, struct eval_error *error);
