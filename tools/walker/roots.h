/* tools/walker/roots.h - the roots that an image holds: those of every process that is in memory.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

struct session;

/* `same` of `asked` pages of the system are where the session's root has them; `user`: bytes that user mode may access. */
struct root { uint64_t root, user; unsigned same, asked; };

struct roots { struct root *list; size_t n, room; bool searched; };

/* Searches the image once. False: it cannot be searched, and a message was printed. */
bool roots_search(struct session *s);
/* struct target's root_number(): the session's root, then the others, in ascending order. */
bool roots_number(void *ctx, unsigned i, paddr_t *found);
