/* tests/host/inspect/fixture.h - a fake target: sparse physical memory, filled row by row.
 * SPDX-License-Identifier: MIT
 *
 * A page exists as soon as one row lies in it; its other bytes are zero. All other addresses do not answer.
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "inspect/target.h"
#include "tests/host/inspect/renamed.h"

struct fake_page { uint64_t pa; unsigned char bytes[4096]; struct fake_page *next; };

struct fake {
	struct pt_mode mode;
	struct pt_env env;
	struct target t;
	struct fake_page *pages;
	uint64_t next_table;          /* where table_alloc goes on */
	unsigned entry_reads, memory_reads;
	char text[524288];             /* what was printed */
	struct out_buf out;
};

/* A target of format with the CPU's usual features on: NX, PSE, PGE, 1 GiB pages. */
void fake_init(struct fake *f, const struct pt_format *format, uint64_t root);
void fake_free(struct fake *f);
/* The format of that name; skips the test that asks for one which is not linked. */
const struct pt_format *fake_format(const char *name);
void fake_put(struct fake *f, uint64_t pa, uint64_t value, unsigned bytes);
uint64_t fake_get(struct fake *f, uint64_t pa, unsigned bytes);
/* Empties the text and returns where to print. */
struct out *fake_out(struct fake *f);
/* Enters values from the root down at the indices of va, computed here and not by the format: x86
 * 64-bit entries (9 bits a level) or 32-bit ones (10). Returns the address of the last entry. */
uint64_t fake_path(struct fake *f, unsigned levels, unsigned entry_bytes, uint64_t root, uint64_t va,
                   const uint64_t *values, unsigned count);
/* Compares line by line, trailing blanks included, and shows both texts when they differ. */
void check_text(const char *got, const char *want);
/* Fails unless `part` is in the text, or if it is. */
void check_has(const char *text, const char *part);
void check_lacks(const char *text, const char *part);
