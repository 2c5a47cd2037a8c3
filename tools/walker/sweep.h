/* tools/walker/sweep.h - every address of an image that can be a root.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "tools/walker/session.h"

/* A table of `size` bytes at `pa` is in the image, and not in a hole of the file. */
bool sweep_has(const struct session *s, uint64_t pa, uint64_t size);
/* Calls fn for every root of that mode: an address aligned as one, with a table of which no entry is bad and at least one points to
 * a table in the image. Holes of the file are left out. */
void sweep_roots(struct session *s, const struct pt_mode *mode, void (*fn)(void *ctx, uint64_t root), void *ctx);
