/* tools/walker/linux_regions.h - --regions linux-...: the regions of a Linux kernel, found in its tables.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct session;
struct linux_layout;

/* The layout of this name, "linux-amd64"; NULL: there is none. */
const struct linux_layout *linux_layout(const char *name);
/* The i-th name. NULL: there are no more. */
const char *linux_layout_name(size_t i);
/* Fills s->regions. What Linux chooses at boot is taken from the tables. */
void linux_regions(struct session *s, const struct linux_layout *layout);
