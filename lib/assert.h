/* lib/assert.h - for what cannot happen; nothing that a user types or runs may reach one.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* Prints file:line, the condition and a back-trace, then stops the machine. Host builds abort(). */
_Noreturn void assert_failed(const char *condition, const char *file, int line);

#define ASSERT(cond) ((cond) ? (void)0 : assert_failed(#cond, __FILE__, __LINE__))

/* name states the fact that holds: STATIC_ASSERT(frame_record_fits_32_bytes, ...). */
#define STATIC_ASSERT(name, cond) _Static_assert(cond, #name)
