/* inspect/system.h - what only a system itself can tell of its address spaces, processes, ranges and symbols.
 * SPDX-License-Identifier: MIT
 *
 * A target whose memory alone is known, an image, has none of this: its table is NULL. So may be each function of a table
 * that is there. Each is handed the target's ctx.
 */
#pragma once
#include "lib/out.h"
#include "paging/format.h"

struct system_space {
	unsigned id;
	const char *name;
	paddr_t root;
	bool reference;      /* the kernel's own: all that the kernel maps is in its tables first */
};

struct system_process {
	unsigned pid;
	const char *name;
	bool ended;          /* there is no root any more */
	paddr_t root;
};

/* A range of addresses that may be used: a VMA. */
struct system_range {
	const char *name;
	uint64_t first, last;
	prot_t prot;
	bool guard, shared;
};

struct system_register {
	const char *name;
	unsigned digits;
	bool control;        /* the CPU's now; any other is of the last trap */
	bool known;          /* false: there was no trap yet */
	uint64_t value;
};

struct target_system {
	/* The i-th address space, from 0; false behind the last. */
	bool (*space)(void *ctx, unsigned i, struct system_space *s);
	/* The process of this number, or whose record stands at this address; false: there is none. */
	bool (*process)(void *ctx, uint64_t number, struct system_process *p);
	/* The range at va, in the address space of that root or in the kernel's; false: there is none. */
	bool (*range)(void *ctx, paddr_t root, uint64_t va, struct system_range *r);
	/* The identity map of the boot, where it was kept: in the tables of the reference space alone. */
	bool (*identity)(void *ctx, uint64_t *first, uint64_t *last);
	/* The i-th symbol in alphabetical order; NULL behind the last. */
	const char *(*symbol)(void *ctx, unsigned i, uint64_t *value);
	/* The i-th register that this CPU has; false behind the last. */
	bool (*reg)(void *ctx, unsigned i, struct system_register *r);
	/* The last fault as a chain: what was asked, found and done, and what to try. */
	void (*explain_fault)(void *ctx, struct out *out);
	/* What stands for {name} in help's examples; false: nothing here does. */
	bool (*example)(void *ctx, const char *name, uint64_t *value);
	/* Microseconds since the system began. */
	uint64_t (*now)(void *ctx);
	uint64_t peb;        /* where a process has its environment block; 0: nowhere */
};
