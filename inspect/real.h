/* inspect/real.h - floating-point numbers printed without floating point.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdint.h>
#include "lib/out.h"

/* The IEEE 754 number with these bits as %g with six digits, correctly rounded, exponents of at least three
 * digits, and the names 1.#INF, 1.#QNAN, 1.#SNAN and -1.#IND, as Microsoft's debuggers print them. */
void real_put_double(struct out *out, uint64_t bits);
/* The same for single precision. The debugger widens it first, which makes every NaN a quiet one. */
void real_put_float(struct out *out, uint32_t bits);
