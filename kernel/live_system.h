/* kernel/live_system.h - struct target_system of the running machine.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/system.h"

extern const struct target_system live_system;

/* The value of {name} in help's examples. It is valid on every machine and does not depend on the size of the kernel
 * (kernel/live_example.c). */
bool live_example(void *ctx, const char *name, uint64_t *value);
