/* mm/fault_log.h - the ring of faults, for fault.c to fill.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/fault.h"

/* The next slot, holding fault and its sequence number and nothing else. */
struct fault_record *fault_log_new(const struct fault *fault);
/* Counts its action and result. */
void fault_log_count(const struct fault_record *r);
