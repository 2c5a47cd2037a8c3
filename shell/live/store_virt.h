/* shell/live/store_virt.h - stores of commands to virtual memory of the target: eb, fill.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "shell/command.h"

/* True if call_store() finds or makes a page everywhere in [va, va + n), as long as there is memory. */
bool target_storable(const struct target *t, uint64_t va, uint64_t n);
/* Stores the bytes, all or none. A page that is not in memory is brought in, and the shared zero frame is replaced by a frame of
 * the page's own. False: an error was printed. */
bool call_store(struct call *c, uint64_t va, const void *bytes, size_t n);
