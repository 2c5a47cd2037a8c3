/* tools/walker/folds.h - tables that a dump met before, and what it left out because of them.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"
#include "lib/out.h"

struct folds;

/* NULL: no memory. */
struct folds *folds_new(void);
void folds_free(struct folds *f);
/* Notes that the table of that level was found below va, with these rights above it. True: it was noted before, and need not be
 * visited again. */
bool folds_add(struct folds *f, uint64_t va, uint64_t table, unsigned level, prot_t above);
/* True if folds_add() had no memory for a table and returned true for it: the caller's list is not complete. */
bool folds_full(const struct folds *f);
/* Begins a search: a table that was visited before is skipped only if nothing was found in it, and folds_print() does not
 * count the skip. */
void folds_search(struct folds *f);
/* The search goes on in other roots: tables that were visited are skipped also where something was found in them. */
void folds_other_root(struct folds *f);
/* Something was found in the entry of that level, and so in all tables on the way to it. */
void folds_found(struct folds *f, unsigned level);
/* Prints lines: which tables were shown once only. Nothing when there are none. */
void folds_print(const struct folds *f, struct out *out, const struct target *t);
