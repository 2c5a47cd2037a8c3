/* inspect/formats.h - one value in every notation: WinDbg's .formats.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"

/* "Evaluate expression:" and the lines Hex, Decimal, Octal, Binary, Chars, Time, Float, Double. On a 32-bit
 * target only the low half of the value is used; Decimal, the high half of Float and Double sign-extend it, as in WinDbg. */
void windbg_formats(struct out *out, const struct target *t, uint64_t value);
/* A value as a time in UTC: "Mon Jan 07 23:31:46 1985" while the high half is zero (time_t), else as a FILETIME
 * with milliseconds; "***** Invalid", "***** Invalid FILETIME". wide: the target has 64-bit values. */
void windbg_time(struct out *out, uint64_t value, bool wide);
