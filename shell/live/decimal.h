/* shell/live/decimal.h - arguments that are counts for a person: decimal whatever the radix is.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "shell/command.h"

/* The word of argument i as a number: decimal, or with 0n or 0x in front. False: it is none; the caller says what is expected. */
bool call_decimal(const struct call *c, unsigned i, uint64_t *value);
