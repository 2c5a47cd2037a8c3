/* kernel/inspect/eval.h - WinDbg's expressions: numbers, registers, symbols, operators, poi().
 * SPDX-License-Identifier: MIT
 *
 * Arithmetic is 64-bit unsigned. A token of hex digits is a number; `nt!name` or a name that is not
 * hex is a symbol. 0x 0n 0t 0y prefixes, back-ticks inside numbers, @reg.
 */
#pragma once
#include "kernel/inspect/target.h"

struct eval_error {
	const char *what;     /* "no such symbol", static */
	size_t at;            /* offset in the text where the caret goes */
};

/* Evaluates the expression at text and stops at what cannot continue it (white space that no operator follows,
 * a comma, the end). *end points behind it. On error nothing but *error is set.
 * radix is the default radix, 16 unless `n` changed it. Nesting deeper than 64 is an error, not a crash. */
MUST_USE err_t eval(const struct target *t, const char *text, unsigned radix, const char **end,
                    uint64_t *value, struct eval_error *error);
