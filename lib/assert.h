/* lib/assert.h - for conditions that are always true; no input of a user can make one fail.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* Prints file:line, the condition and a back-trace, then stops the machine. Host builds abort(). */
_Noreturn void assert_failed(const char *condition, const char *file, int line);

#define ASSERT(cond) ((cond) ? (void)0 : assert_failed(#cond, __FILE__, __LINE__))

/* `name` describes the condition: STATIC_ASSERT(frame_record_fits_32_bytes, ...). */
#define STATIC_ASSERT(name, cond) _Static_assert(cond, #name)

/* Assembly expects the field at this offset, in bytes. Each offset that a .S file names has a line with one of these two:
 * tests/lint/test_offsets.py asks for it. */
#define ASM_OFFSET(at, type, field) \
	_Static_assert(__builtin_offsetof(type, field) == (at), #type "." #field " is not where assembly expects it: " #at)
#define ASM_SIZE(bytes, type) \
	_Static_assert(sizeof(type) == (bytes), #type " has not the size that assembly expects: " #bytes)
