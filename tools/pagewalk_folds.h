/* tools/pagewalk_folds.h - tables that a dump met before, and what it left out because of them.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "paging/format.h"

struct folds;

struct folds *folds_new(void);
void folds_free(struct folds *f);
/* Notes that the table of that level was met below va, with these rights above it. True: it was noted before. */
bool folds_add(struct folds *f, uint64_t va, uint64_t table, unsigned level, prot_t above);
/* Lines on standard output: which tables were shown once only. Nothing when there are none. */
void folds_print(const struct folds *f, const struct pt_format *format);
