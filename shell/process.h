/* shell/process.h - what the commands about processes share.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"
#include "kernel/proc.h"
#include "shell/command.h"

/* The selected process: set by .process; kd by default and after the exit of the selected one. */
struct proc *implicit_process(const struct target *t);
/* Argument i as a process that has an address space, the implicit one if it is missing; NULL: an error was printed. */
struct proc *call_process(struct call *c, unsigned i);
/* The live machine with the tables of p: every address is translated with them. */
struct target target_of(const struct target *live, const struct proc *p);
/* Pages that its entries map. */
uint64_t process_resident(const struct proc *p);
const char *process_state(const struct proc *p);
/* "forcedecodeuser": the option of .cache that sets this mode. */
const char *decode_option(enum decode decode);
