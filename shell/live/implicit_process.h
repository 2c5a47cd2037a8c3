/* shell/live/implicit_process.h - the process that commands inspect, and a process as an argument.
 * SPDX-License-Identifier: MIT
 *
 * WinDbg's term: `.process` sets the implicit process. Here it is the owner of the root in
 * target.root. How far addresses are translated with that root is target.decode: see `.cache`.
 */
#pragma once
#include "inspect/target.h"
#include "kernel/proc.h"
#include "shell/command.h"

/* The process whose root commands inspect; the running one, kd, if no process has that root. Never
 * NULL. */
struct proc *implicit_process(const struct target *t);
/* Argument i as a process that has an address space; the implicit one if the argument is missing.
 * NULL: an error was printed. */
struct proc *call_process(struct call *c, unsigned i);
