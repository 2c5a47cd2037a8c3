/* inspect/linux.h - translations in the form of Linux: ptdump, an oops, the log of a page walk.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"
#include "isa/isa.h"

/* A named address range, for the markers of ptdump; `last` is included. */
struct linux_marker { uint64_t first, last; const char *name; };

/* A line of ptdump: consecutive pages of equal attributes. */
struct linux_range {
	uint64_t va, size, page, pa;
	prot_t rights;                /* effective rights of all levels */
	char letters[32];
};

/* Which ranges ptdump prints; all zero: every one. */
struct linux_select {
	prot_t has, lacks;            /* of the effective rights */
	bool phys;                    /* pages with a byte in [pa_first, pa_last] */
	uint64_t pa_first, pa_last;
	bool one;                     /* the range that contains `va` */
	uint64_t va;
	bool fold;                    /* ranges that repeat one at equal distances are one line more */
	/* Gets the ranges, and no line is printed for them. False ends the dump. NULL: lines are printed. */
	bool (*take)(void *ctx, const struct linux_range *r);
	void *ctx;
};

/* Merged ranges of equal attributes with ---[ name ]--- markers, W+X ranges marked, a closing
 * "Checked W+X mappings: passed" line or the count. Returns the number of W+X pages. */
uint64_t linux_ptdump(struct out *out, const struct target *t, const struct linux_marker *markers, size_t n,
                      uint64_t first, uint64_t last);
/* The same of selected ranges, with their count in place of the line about W+X. *complete: every table could be read. */
uint64_t linux_ptdump_selected(struct out *out, const struct target *t, const struct linux_marker *markers, size_t n,
                               uint64_t first, uint64_t last, const struct linux_select *select, bool *complete);
/* Prints one range as ptdump does. */
void linux_put_range(struct out *out, const struct target *t, const struct linux_range *r);
/* Prints how many tables, pages and other entries each level has between the addresses. False: a table could not be read. */
bool linux_put_counts(struct out *out, const struct target *t, uint64_t first, uint64_t last);
/* "*pdpt = ... *pde = ... *pte = ..." (PAE, legacy), "PGD ... P4D ..." (x64), "pgd = / [va] *pgd=" (ARM). */
void linux_entries(struct out *out, const struct target *t, uint64_t va);
/* Prints an oops in the order and words of Linux for this CPU family. */
void linux_oops(struct out *out, const struct target *t, const struct isa_oops *o);
/* The target's memory and symbols, for printing an oops. `t` must exist as long as the view is used. */
struct isa_view linux_view(const struct target *t);
/* The kernel's log: lines with a time stamp, if the target has a clock. */
struct linux_log { struct out *out; uint64_t (*now)(void *ctx); void *ctx; };
struct linux_log linux_log(struct out *out, const struct target *t);
void linux_log_line(const struct linux_log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Prints the log of a kernel module that walks the tables of a process: the entry pointers of all of Linux's levels (folded levels
 * have equal ones), the page, the physical address and the int there. Walks the target's root. now(): microseconds since boot for
 * "[  122.537462] "; NULL: lines have no time stamp. */
void linux_walk_log(struct out *out, const struct target *t, int pid, uint64_t va, uint64_t (*now)(void *ctx),
                    void *ctx);
