/* tools/walker/symbols.h - names of addresses, from an ELF file, System.map or /proc/kallsyms.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbols;

/* Reads a file; `slide` is added to every address that is not absolute. NULL: a message was printed. */
struct symbols *symbols_open(const char *path, uint64_t slide);
void symbols_close(struct symbols *s);
/* The i-th symbol of that name, from 0. */
bool symbols_named(const struct symbols *s, const char *name, unsigned i, uint64_t *value);
/* The i-th of all in alphabetical order. NULL: there are no more. */
const char *symbols_number(const struct symbols *s, unsigned i, uint64_t *value);
/* The symbol at or below va, and the bytes from it to the next one. False: none, or one that is far below. */
bool symbols_at(const struct symbols *s, uint64_t va, const char **name, uint64_t *offset, uint64_t *size);

/* ---- for the readers of symbol files ---- */

/* Appends a symbol; the name must exist as long as the symbols. */
void symbols_add(struct symbols *s, uint64_t value, bool absolute, const char *name);
/* elf_symbols.c: reads n bytes, which end with a NUL. False: damaged, *what says how. */
bool symbols_of_elf(struct symbols *s, const char *bytes, size_t n, const char **what);
