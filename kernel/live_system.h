/* kernel/live_system.h - what the running machine tells of itself.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/system.h"

extern const struct target_system live_system;

/* What stands for {name} in help's examples: true on every machine, and the same whatever the size of the kernel
 * (kernel/live_example.c). */
bool live_example(void *ctx, const char *name, uint64_t *value);
