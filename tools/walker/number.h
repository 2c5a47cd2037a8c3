/* tools/walker/number.h - the numbers of settings.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Digits and nothing else, back-ticks between them, 0x in front of hexadecimal ones; false when there are too many. */
bool parse_number(const char *text, unsigned base, uint64_t *value);
