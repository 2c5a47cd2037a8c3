/* shell/look/root.h - a root of tables as an argument.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "shell/command.h"
#include "lib/addr.h"

/* Argument i as a root: what a root register holds, a process, or a root's frame number as WinDbg's manual has it; the target's
 * own when the argument is 0. Bits of a root register that are no address do not count. A small number that could be a
 * process or a frame: a line says which it was. False: told. */
bool call_root(struct call *c, unsigned i, paddr_t *root);
