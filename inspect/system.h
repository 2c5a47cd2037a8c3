/* inspect/system.h - struct target_system: address spaces, processes, VMAs and registers of a running system.
 * SPDX-License-Identifier: MIT
 *
 * A memory image has no such table (NULL). Each function of a table can be NULL as well. The first argument is the target's
 * ctx.
 */
#pragma once
#include "lib/out.h"
#include "paging/format.h"

struct system_space {
	unsigned id;
	const char *name;
	paddr_t root;
	bool reference;      /* the kernel's: contains every kernel mapping first */
};

struct system_process {
	unsigned pid;
	const char *name;
	bool ended;          /* it has exited and has no root */
	paddr_t root;
};

/* A VMA. */
struct system_range {
	const char *name;
	uint64_t first, last;
	prot_t prot;
	bool guard, shared;
};

struct system_register {
	const char *name;
	unsigned digits;
	bool control;        /* a control register, read now; others come from the last trap */
	bool known;          /* false: there was no trap yet */
	uint64_t value;
};

struct target_system {
	/* The i-th address space, from 0. False: there are no more. */
	bool (*space)(void *ctx, unsigned i, struct system_space *s);
	/* The process with this pid or at this address of its record. False: there is none. */
	bool (*process)(void *ctx, uint64_t number, struct system_process *p);
	/* The VMA that covers `va`, in the address space with this root or in the kernel's. False: none. */
	bool (*range)(void *ctx, paddr_t root, uint64_t va, struct system_range *r);
	/* Number of address spaces whose entries above the leaf table at `table` forbid writes because fork() gave it to them. 0:
	 * it is no such table. */
	unsigned (*sharers)(void *ctx, paddr_t table);
	/* Bounds of the boot's identity map, if it was kept; it is in the reference address space only. */
	bool (*identity)(void *ctx, uint64_t *first, uint64_t *last);
	/* The i-th register that this CPU has. False: there are no more. */
	bool (*reg)(void *ctx, unsigned i, struct system_register *r);
	/* Prints the last fault: the access, the entries found, the action, the next step. */
	void (*explain_fault)(void *ctx, struct out *out);
	/* The value of {name} in help's examples. False: the name is unknown. */
	bool (*example)(void *ctx, const char *name, uint64_t *value);
	/* Microseconds since the system began. */
	uint64_t (*now)(void *ctx);
	uint64_t peb;        /* address of the PEB in every process; 0: none */
};
