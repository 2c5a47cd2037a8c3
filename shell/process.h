/* shell/process.h - what the commands about processes share.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"
#include "kernel/proc.h"
#include "shell/command.h"

/* The process that is looked at: .process chose it; kd unless it did, or when the chosen one has ended. */
struct proc *implicit_process(const struct target *t);
/* Argument i as a process that has an address space, the implicit one when it is missing; NULL: told. */
struct proc *call_process(struct call *c, unsigned i);
/* The live machine with the tables of p: every address is translated with them. */
struct target target_of(const struct target *live, const struct proc *p);
/* Pages that its entries map. */
uint64_t process_resident(const struct proc *p);
const char *process_state(const struct proc *p);
/* "forcedecodeuser": the option of .cache that sets this mode. */
const char *decode_option(enum decode decode);
