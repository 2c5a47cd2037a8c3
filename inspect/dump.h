/* inspect/dump.h - db dw dd dq dc and their physical twins, as WinDbg prints them.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"

enum dump_space { DUMP_VIRTUAL, DUMP_PHYSICAL };

/* One of the five forms: a row of a table in dump.c. */
struct dump_format {
	const char *name;     /* "db" */
	uint8_t item;         /* bytes of an item */
	uint8_t per_line;     /* items a line */
	bool chars;           /* ASCII column */
};
extern const struct dump_format dump_formats[];   /* name NULL at the end */

/* count items from address; a line that cannot be read shows ?? per byte, and the dump continues
 * (physical: WinDbg's "Physical memory read at ADDR failed" once, and stops). False: not all of it could be read. */
bool dump_memory(struct out *out, const struct target *t, enum dump_space space,
                 const struct dump_format *f, uint64_t address, uint64_t count);
