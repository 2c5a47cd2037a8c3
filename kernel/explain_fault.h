/* kernel/explain_fault.h - explains a fault: the access, the entries found, the action, the next step.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"
#include "mm/space/fault.h"

/* Prints the report of fault `r`; NULL: there was no fault yet. The walk, the VMA and the entries
 * before and after are those of the record; `t` supplies the paging mode, the width of addresses
 * and the symbols. */
void explain_fault(struct out *out, const struct target *t, const struct fault_record *r);
