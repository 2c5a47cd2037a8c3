/* shell/look/root.h - a root table as an argument.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "shell/command.h"
#include "lib/addr.h"

/* Argument i as a root: the value of a root register, a process, or the frame number of a root as in
 * WinDbg's manual; 0: the target's own. Bits of a root register that are not part of the address are
 * ignored. For a small number, which could be a process or a frame, it prints which was used. False:
 * an error was printed. */
bool call_root(struct call *c, unsigned i, paddr_t *root);
