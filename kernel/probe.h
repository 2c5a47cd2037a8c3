/* kernel/probe.h - one access of the CPU, whatever it does.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "isa/fault.h"
#include <stdbool.h>

/* arch_probe(); a write stores the byte that it has read before. */
bool probe_access(uint64_t va, enum access access);
