/* kernel/inspect/windbg.h - translations in WinDbg's words and columns (FACTS D1 to D3).
 * SPDX-License-Identifier: MIT
 *
 * Pure renderers: they read a target or a finished walk, and print to an out.
 */
#pragma once
#include "kernel/inspect/target.h"

/* !pte VA. Reads the target's tables; prints all lines, ending with a newline. */
void windbg_pte(struct out *out, const struct target *t, uint64_t va);
/* !vtop DIRBASE VA: the form of the target's format (X86VtoP, X86VtoP PAE, Amd64VtoP, our ARM form),
 * walking from dirbase instead of the target's root. Returns OK or ERR_NOT_FOUND when it ends in an error line. */
err_t windbg_vtop(struct out *out, const struct target *t, paddr_t dirbase, uint64_t va);
/* "DemandZero" / "Protect: 4 - ReadWrite" lines of one not-present entry, each indented to column. */
void windbg_soft(struct out *out, const struct target *t, unsigned level, pte_t pte, unsigned column);
/* "4 - ReadWrite" */
void windbg_protect(struct out *out, unsigned protect);
