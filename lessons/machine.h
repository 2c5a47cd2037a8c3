/* lessons/machine.h - pages and entries of the running machine for tasks, chosen by the seed.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"
#include "lessons/lesson.h"

/* The running machine with the tables that the CPU uses. */
struct target lesson_target(void);
/* A walk of the running machine, from the root down. */
struct task_walk {
	struct pt_walk walk;
	struct pt_step step[PT_MAX_LEVELS];
};

/* The tables that the CPU uses, with the mode that translates `va`. */
const struct pt_mode *lesson_mode(uint64_t va);
paddr_t lesson_root(uint64_t va);
void lesson_walk(uint64_t va, struct task_walk *w);
/* The address of a byte of memory that is mapped; small: by an entry of level 0. It is in a region of the kernel's layout that the
 * seed chooses. False: there is no such page. */
bool lesson_pick(struct task *t, bool small, uint64_t *va);
/* Hex digits of an entry. */
unsigned lesson_entry_digits(void);
/* The direct map's address of a physical address, as a debugger shows it; 0: it has none. */
uint64_t lesson_direct(paddr_t pa);
/* Prints the fields of entries of this form and level in lines of at most 110 characters: "Valid 0, Write 1, ...". */
void lesson_put_fields(struct out *out, const struct pt_mode *mode, unsigned level, unsigned form);
