/* inspect/windbg.h - translations in the form of WinDbg (docs/formats.md, sections 4 and 5).
 * SPDX-License-Identifier: MIT
 *
 * Pure renderers: they read a target or a finished walk, and print to an out.
 */
#pragma once
#include "inspect/target.h"

/* Published transcripts differ in two ways; without these, the newer form. */
enum {
	WINDBG_WIDE_AT = 1,   /* pte: entry addresses take 16 digits on 32-bit targets too */
	WINDBG_SHORT = 2,     /* vtop: addresses without leading zeros, a back-tick above 32 bits */
};

/* !pte VA. Reads the target's tables; prints all lines, ending with a newline. */
void windbg_pte(struct out *out, const struct target *t, uint64_t va);
void windbg_pte_styled(struct out *out, const struct target *t, uint64_t va, unsigned style);
/* !pte FIRST LAST: the same for every entry in the range, an empty line between two; an address without a table is one
 * step of the level at which the walk ended. more() is called before each but the first, and can end it; NULL: all. */
void windbg_pte_range(struct out *out, const struct target *t, uint64_t first, uint64_t last,
                      bool (*more)(void *ctx), void *ctx);
/* !pte ENTRY 1: contents and decoding of a literal entry of that level. */
void windbg_pte_literal(struct out *out, const struct target *t, unsigned level, pte_t pte);
/* The same without a given level: the decoded line names the level. */
void windbg_pte_assumed(struct out *out, const struct target *t, unsigned level, pte_t pte);
/* !pte2va AT: the address whose PTE is at AT in the self-map. ERR_RANGE: no PTE is there; a message was printed. */
err_t windbg_pte2va(struct out *out, const struct target *t, uint64_t at);
/* !ptov DIRBASE: all that its tables map, physical address first. ERR_IO: a table could not be read; the last
 * line says so. more() as above, called before each line. */
err_t windbg_ptov(struct out *out, const struct target *t, paddr_t dirbase, bool (*more)(void *ctx), void *ctx);
/* !vtop DIRBASE VA: the form of the target's format (X86VtoP, X86VtoP PAE, Amd64VtoP, our ARM form),
 * walking from dirbase instead of the target's root. Returns OK or ERR_NOT_FOUND when it ends in an error line. */
err_t windbg_vtop(struct out *out, const struct target *t, paddr_t dirbase, uint64_t va);
err_t windbg_vtop_styled(struct out *out, const struct target *t, paddr_t dirbase, uint64_t va,
                         unsigned style);
/* "DemandZero" / "Protect: 4 - ReadWrite" lines of one not-present entry, each indented to column. */
void windbg_soft(struct out *out, const struct target *t, pte_t pte, unsigned column);
/* The same on one line, separated by commas and without a newline: for vtop. */
void windbg_soft_inline(struct out *out, const struct target *t, pte_t pte);
/* "4 - ReadWrite"; 0 has no name in any published output: "0". */
void windbg_protect(struct out *out, unsigned protect);
