/* kernel/trace.h - the line that `trace on` prints for each fault.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/fault.h"

/* Prints a resolved fault: address, access, what was found and done, the entry before and after. */
void trace_fault(const struct fault_record *r);
