/* shell/live/children.h - the programs that the shell started, for `run`, `ps`, `wait` and `kill`.
 * SPDX-License-Identifier: MIT
 *
 * Programs that the shell starts are children of its process, kd. A child that has exited is a zombie
 * until child_wait() or children_reap() has printed its status.
 */
#pragma once
#include "kernel/proc.h"
#include "shell/command.h"

/* True: the shell is the parent of p. */
bool is_child(const struct proc *p);
/* Sleeps until the child p has exited, reaps it and prints its status; status 0 prints nothing. The
 * program may read the console meanwhile, and Ctrl-C kills it. The command fails unless the status
 * is 0. */
void child_wait(struct call *c, struct proc *p);
/* True: Ctrl-C was typed during the last child_wait(). */
extern bool child_wait_broken;
/* Reaps the children that have exited in the background, and prints a line or two for each. Must not
 * be called after a bugcheck, because it frees memory. */
void children_reap(struct call *c);
/* Argument i as a process that can be waited for or killed: one that runs a program, zombies
 * included. NULL: an error was printed. */
struct proc *call_program(struct call *c, unsigned i);
