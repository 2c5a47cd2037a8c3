/* lessons/ticket.h - the line of `grade` that a teacher can check: a text and its keyed hash.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/out.h"
#include <stdint.h>

/* SipHash-2-4 of n bytes with the key of the build (make LESSON_KEY=...). */
uint64_t ticket_hash(const char *text, size_t n);
/* Prints "TEXT hash=H": the text, which has no line end, and its hash in 16 hexadecimal digits. `tools/grade --verify`
 * checks it. */
void ticket_print(struct out *out, const char *text);
