/* lib/region.h - stretches of an address space by name: what a layout is made of.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdint.h>

enum region_kind { REGION_USER, REGION_LOGICAL, REGION_VIRTUAL, REGION_SELFMAP, REGION_DEVICE, REGION_HOLE };

/* In a table: ascending, without overlap, name NULL at the end. */
struct region {
	uint64_t first, last;      /* inclusive */
	enum region_kind kind;
	const char *name;          /* "direct map", "vmalloc", "kmap windows", "kernel stacks", "self-map" */
};
