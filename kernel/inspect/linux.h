/* kernel/inspect/linux.h - translations in Linux's words: ptdump, the entry line of an oops.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/fault.h"
#include "kernel/inspect/target.h"

/* A named stretch of address space, for the markers of ptdump; inclusive end. */
struct linux_marker { uint64_t first, last; const char *name; };

/* Merged ranges of equal attributes with ---[ name ]--- markers, W+X ranges marked, a closing
 * "Checked W+X mappings: passed" line or the count. Returns the number of W+X pages. */
uint64_t linux_ptdump(struct out *out, const struct target *t, const struct linux_marker *markers, size_t n,
                      uint64_t first, uint64_t last);
/* "*pdpt = ... *pde = ... *pte = ..." (PAE, legacy), "PGD ... P4D ..." (x64), "pgd = / [va] *pgd=" (ARM). */
void linux_entries(struct out *out, const struct target *t, uint64_t va);
/* "BUG: unable to handle page fault for address: ..." and the two #PF: lines (FACTS D5). */
void linux_x86_fault_head(struct out *out, const struct target *t, const struct fault *fault);
/* "Oops: 0002 [#1]" */
void linux_x86_oops_line(struct out *out, const char *what, uint64_t code, unsigned count);
