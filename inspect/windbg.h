/* inspect/windbg.h - prints translations in WinDbg's layout (docs/formats.md, sections 4 and 5).
 * SPDX-License-Identifier: MIT
 *
 * The functions read a target or a recorded walk and print; they change nothing.
 */
#pragma once
#include "inspect/target.h"

/* Styles: published output differs in two ways. 0: the newer form. */
enum {
	WINDBG_WIDE_AT = 1,   /* pte: entry addresses take 16 digits on 32-bit targets too */
	WINDBG_SHORT = 2,     /* vtop: addresses without leading zeros, a back-tick above 32 bits */
};

/* !pte VA. Reads the target's tables; prints all lines, ending with a newline. */
void windbg_pte(struct out *out, const struct target *t, uint64_t va);
void windbg_pte_styled(struct out *out, const struct target *t, uint64_t va, unsigned style);
/* !pte FIRST LAST: the same for every entry in the range, separated by empty lines. After an address without a table, the next
 * one is the first address after the entry that ended the walk. more() is called before each entry but the first; false ends the
 * output. NULL: all entries. */
void windbg_pte_range(struct out *out, const struct target *t, uint64_t first, uint64_t last,
                      bool (*more)(void *ctx), void *ctx);
/* !pte ENTRY 1: contents and decoding of a literal entry of that level. */
void windbg_pte_literal(struct out *out, const struct target *t, unsigned level, pte_t pte);
/* The same without a given level: the decoded line names the level. */
void windbg_pte_assumed(struct out *out, const struct target *t, unsigned level, pte_t pte);
/* !pte2va AT: the address whose PTE is at AT in the self-map. ERR_RANGE: no PTE is there; a message was printed. */
err_t windbg_pte2va(struct out *out, const struct target *t, uint64_t at);
/* !ptov DIRBASE: all pages that the root maps, physical address first. ERR_IO: a table could not be read; the last line reports
 * it. more() as above, called before each line. */
err_t windbg_ptov(struct out *out, const struct target *t, paddr_t dirbase, bool (*more)(void *ctx), void *ctx);
/* !vtop DIRBASE VA: the lines of the target's format (X86VtoP, X86VtoP PAE, Amd64VtoP; ARM: this project's own), for the root
 * `dirbase` instead of the target's. Returns OK or ERR_NOT_FOUND when it ends in an error line. */
err_t windbg_vtop(struct out *out, const struct target *t, paddr_t dirbase, uint64_t va);
err_t windbg_vtop_styled(struct out *out, const struct target *t, paddr_t dirbase, uint64_t va,
                         unsigned style);
/* The same for a guest: before each step, and at the end, the lines of the second stage with the root `second` (struct target).
 * ERR_UNSUPPORTED: the target has no such stage; a message was printed. */
err_t windbg_vtop_nested(struct out *out, const struct target *t, uint64_t second, paddr_t dirbase, uint64_t va, unsigned style);
/* "DemandZero" / "Protect: 4 - ReadWrite" lines of one not-present entry, each indented to column. */
void windbg_soft(struct out *out, const struct target *t, pte_t pte, unsigned column);
/* The same on one line, separated by commas and without a newline: for vtop. */
void windbg_soft_inline(struct out *out, const struct target *t, pte_t pte);
/* WinDbg's warning, if the page of `va` is in the compressed store: its bytes are in memory, but in blocks that only the
 * owner of the store can decode. False: the page is somewhere else, and nothing was printed. */
bool windbg_compressed(struct out *out, const struct target *t, uint64_t va);
/* "4 - ReadWrite"; 0 has no name in any published output: "0". */
void windbg_protect(struct out *out, unsigned protect);
