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
	uint64_t address;    /* of its record */
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

/* What !process prints of a process. */
#define WINDBG_NO_HANDLES UINT32_MAX

struct process_view {
	uint64_t address;           /* of its record */
	uint64_t cid, parent_cid;
	uint64_t peb;               /* 0: has none */
	uint64_t dirbase;
	uint64_t object_table;
	unsigned handles;           /* WINDBG_NO_HANDLES: the table cannot be read */
	bool session;               /* "SessionId: 1", else none */
	unsigned other_session;     /* 0: 1; else its number and 1 */
	const char *image;
	/* Printed in the long form only. */
	uint64_t vad_root;
	unsigned vads;
	uint64_t resident, committed;   /* pages */
	uint64_t virtual_bytes, faults;
	uint64_t tables, synced, slices;
	const char *state;
};

/* What !vad prints of a VMA. */
struct vad_view {
	uint64_t address;
	int level;                  /* in the tree; 0: the root */
	uint64_t first, last;       /* bytes, inclusive */
	uint64_t committed;         /* pages */
	uint64_t control_area;      /* of a file or section; 0: private memory */
	uint64_t first_proto, last_proto;   /* prototype PTEs of the object; 0: it has none */
	uint64_t offset;
	bool shared, image, no_change;
	prot_t prot;
	bool guard, locked;
	const char *name;
};

/* A module of the kernel. */
struct system_module {
	uint64_t base, size;
	const char *name;           /* "nt" */
	const char *image;          /* "ntkrnlmp.exe" */
};

/* The error that stopped the system. */
struct system_bugcheck {
	uint64_t code, p[4];
	uint64_t pc;                /* of the instruction; 0: p[3] */
};

/* A frame as Linux counts it: struct page. */
struct system_frame {
	uint64_t pfn, count, maps, flags, index, mapping;
	bool anon;
};

/* Where a snapshot file of VMware has which physical addresses. */
struct system_run { uint64_t offset, pa, size; };

/* An oops of Linux. Texts can be NULL. */
struct system_oops {
	uint64_t va, code, number, pid, stack_limit, stack_top;
	uint64_t entry, entry_end;  /* the code of the exception entry: a call from there is followed by the saved registers */
	uint64_t cpu, trace;
	const char *process, *config, *modules, *taint, *release, *version;
	const char *access;         /* "r", "w", "x" */
	bool old;                   /* the form of Linux 3 */
};

struct target_system {
	/* The i-th address space, from 0. False: there are no more. */
	bool (*space)(void *ctx, unsigned i, struct system_space *s);
	/* The process with this pid or at this address of its record. False: there is none. */
	bool (*process)(void *ctx, uint64_t number, struct system_process *p);
	/* The process whose root is looked at, else the one that the CPU runs. False: it is not known. */
	bool (*implicit)(void *ctx, paddr_t root, struct system_process *p);
	/* Calls each() for every process, in the order of the list, until it returns false. in_full: also the values of the long
	 * form. */
	void (*processes)(void *ctx, bool in_full, bool (*each)(void *arg, const struct process_view *p), void *arg);
	/* The same for the VMAs of the process at this address of its record. */
	void (*vads)(void *ctx, uint64_t process, bool (*each)(void *arg, const struct vad_view *v), void *arg);
	/* The i-th module of the kernel, from 0. False: there are no more. */
	bool (*module)(void *ctx, unsigned i, struct system_module *m);
	/* False: there was none. */
	bool (*bugcheck)(void *ctx, struct system_bugcheck *b);
	/* Prints the fault at `va` that was not resolved, if one is recorded. */
	void (*put_fault)(void *ctx, struct out *out, uint64_t va);
	/* Compares the tables of processes with the counts of frames, and prints the errors: of the process at this address, or 0:
	 * of all. Returns their number. */
	unsigned (*check)(void *ctx, struct out *out, uint64_t process);
	/* The i-th run of the file that the memory was read from, from 0; its magic number and number of groups. False: no more. */
	bool (*run)(void *ctx, unsigned i, struct system_run *r);
	bool (*snapshot)(void *ctx, uint64_t *magic, uint64_t *groups);
	/* Prints the oops that the system recorded. False: there was none. */
	bool (*oops)(void *ctx, struct out *out);
	/* The i-th remark about the system, from 0. NULL: there are no more. */
	const char *(*note)(void *ctx, unsigned i);
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
