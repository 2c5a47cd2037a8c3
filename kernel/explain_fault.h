/* kernel/explain_fault.h - explains a fault: the access, the entries found, the action, the next step.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"
#include "mm/space/fault.h"

/* r may be NULL: there was no fault yet. The walk shown is that of the tables now; entries before and after are
 * those of the fault. */
void explain_fault(struct out *out, const struct target *t, const struct fault_record *r);
