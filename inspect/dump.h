/* inspect/dump.h - db, dw, dd, dq, dc and the physical forms !db to !dc, in WinDbg's layout.
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

/* Prints `count` items from `address`. An item that cannot be read is printed as question marks. A physical dump ends at the first
 * one with WinDbg's "Physical memory read at ADDR failed". False: an item could not be read. */
bool dump_memory(struct out *out, const struct target *t, enum dump_space space,
                 const struct dump_format *f, uint64_t address, uint64_t count);
