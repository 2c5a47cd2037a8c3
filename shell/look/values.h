/* shell/look/values.h - bytes and ranges as arguments, for the commands that read, compare, search or store memory.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/dump.h"
#include "shell/command.h"

/* Values in one command. */
#define MOST_VALUES 64

/* Stores the rest of the line as items, little-endian, and returns their number of bytes; 0: an
 * error was printed. `bytes` has room for MOST_VALUES * item. */
size_t call_values(struct call *c, unsigned item, unsigned char *bytes);
/* The same; `text`: the characters of the next word, without NUL, of which there may be MOST_VALUES. */
size_t call_pattern(struct call *c, bool text, unsigned item, unsigned char *bytes);
/* Arguments 0 and 1 as an address and its range, in bytes; the range must be given. False: an error
 * was printed. */
bool call_bytes(struct call *c, uint64_t *n);
/* Whether all of [va, va + n) can be read. False also for a range that wraps around the end of the
 * numbers. */
bool target_readable(const struct target *t, uint64_t va, uint64_t n);
/* The row of dump_formats with that name, which exists. */
const struct dump_format *dump_format_named(const char *name);
