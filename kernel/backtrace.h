/* kernel/backtrace.h - the calls that led to an instruction, from the frame pointers.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/out.h"
#include <stdint.h>

#define CALL_TRACE_MAX 25
/* pc[0] is the current pc, the others are return addresses, innermost first; fp[i] is the frame that contained pc[i + 1]. */
struct call_trace { unsigned count; uint64_t pc[CALL_TRACE_MAX], fp[CALL_TRACE_MAX]; };
/* Follows the frame pointers from `fp`; ends at unreadable memory. */
void call_trace_take(struct call_trace *t, uint64_t pc, uint64_t fp);
/* " [<c0101234>] name+0x12" lines. */
void call_trace_put(struct out *out, const struct call_trace *t);
