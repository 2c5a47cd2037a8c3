/* isa/isa.h - struct isa: the properties of a CPU family, one row for each of its kinds of paging.
 * SPDX-License-Identifier: MIT
 *
 * A format points to its row (pt_format.isa); no code compares names. The files of this directory contain tables and functions
 * that execute no instruction of their family and do no I/O, so the host can explain every family.
 */
#pragma once
#include "isa/fault.h"
#include "lib/out.h"
#include "paging/walk.h"

/* ---- faults ---- */

struct predict_access {
	enum access access;
	bool from_user;
	bool ac;               /* EFLAGS.AC: lifts SMAP for the kernel's explicit accesses */
};

/* The condition that denies an access; encode() converts it to the CPU's fault code. */
enum isa_cause { CAUSE_NONE, CAUSE_TRANSLATION, CAUSE_BAD, CAUSE_ACCESS_FLAG, CAUSE_DOMAIN, CAUSE_PERMISSION };

/* One access and its walk. The walk has at least one step and was read to its end. */
struct isa_query {
	const struct pt_mode *mode;
	struct predict_access a;
	const struct pt_walk *walk;
	prot_t rights;         /* combined from the root to the end, with UXN and PXN */
	/* results of check_access(); CAUSE_NONE: allowed */
	enum isa_cause cause;
	unsigned level;        /* of the entry that decided */
	const char *why;       /* a phrase, static */
	/* result of encode(), which can also make `why` more precise */
	uint32_t code;
};

/* ---- registers ---- */

enum creg_form {
	CREG_FLAG,      /* one bit: NAME or name */
	CREG_NUMBER,    /* name=value */
	CREG_ADDRESS,   /* name=value, bits at their position in the register */
	CREG_WORD,      /* name=words[value] */
	CREG_SET_WORD,  /* as CREG_WORD, but not printed while the value is zero */
};

struct creg_bit {
	const char *name;            /* capitals */
	uint8_t bit, width;
	uint8_t form;                /* enum creg_form */
	const char *const *words;    /* 1 << width of them */
};

struct creg {
	const char *name;            /* capitals: "CR0", "SCTLR" */
	uint8_t digits;
	uint8_t count;
	const struct creg_bit *bits; /* highest first */
};

/* ---- WinDbg's lines ---- */

struct isa_vtop {
	const char *speaker;
	const char *paging;               /* between the speaker and every step */
	bool values;                      /* steps show the entry too, not only its address */
	bool short_always;                /* addresses never have leading zeros */
	const char *entry[PT_MAX_LEVELS]; /* by level */
	bool guest;                       /* a second stage: what it translates is an address of a guest */
};

struct isa_ptov { const char *speaker, *tail; };

/* ---- Linux's lines ---- */

/* The line of an oops that shows the entries. Linux counts five levels everywhere; a format that has fewer shows its top
 * entry under all the names above. */
struct isa_entries {
	const char *equals, *join;
	uint8_t digits;             /* of an entry; 1: no leading zeros */
	bool table_first;           /* the table and the address come first */
	bool leaf_is_bad;           /* Linux reports a large page as a bad table entry */
	uint8_t pointer_align;      /* above level 0: size of Linux's entry in bytes; it contains several hardware entries */
	const char *bad;            /* printed after a bad entry; after the first one without its leading blanks */
	const char *name[PT_MAX_LEVELS];
};

/* Memory and names for an oops, read through the tables that the CPU walked. */
struct isa_view {
	void *ctx;
	struct pt_space space;
	void (*entries)(void *ctx, struct out *out, uint64_t va);
	/* All or nothing. */
	err_t (*read)(void *ctx, uint64_t va, void *buf, size_t n);
	/* The symbol at or below va, and its size; ERR_NOT_FOUND: not known. */
	err_t (*symbol_at)(void *ctx, uint64_t va, const char **name, uint64_t *offset);
	err_t (*symbol_size)(void *ctx, uint64_t va, uint64_t *size);
};

/* One call: the address of an instruction, its caller, and the stack frame that contains the return address. */
struct isa_call { uint64_t where, from, frame; };

/* Values of the machine. Strings must not be NULL. */
struct isa_oops {
	const struct fault *fault;  /* NULL: the trap was no memory fault */
	const char *trap;           /* fault NULL: what it was, "divide error" */
	uint64_t code;
	unsigned number;            /* [#1] */
	const char *process;
	int pid;
	uint64_t stack_limit, stack_top;   /* of the stack that was in use; 0: not known */
	const struct isa_call *calls;
	unsigned call_count;
	/* Exception entry code: a call from there is followed by the registers saved above its frame. */
	uint64_t exception_text, exception_text_end;
	/* Words of another kernel; NULL: this kernel's. */
	const char *config, *modules, *taint, *release, *version;
	unsigned cpu;
	uint64_t va;                /* of its fault, in 64 bits; fault->va has those of this machine */
	uint64_t trace;             /* of ---[ end trace ]---; 0: number */
	const void *ctx;            /* argument of the functions below */
	/* Value of a register by name. False: the CPU has no such register. */
	bool (*reg)(const void *ctx, const char *name, uint64_t *value);
	/* Callbacks that print lines of this kernel: a hint about the address, all registers, the back-trace. */
	void (*hint)(const void *ctx, struct out *out);
	void (*registers)(const void *ctx, struct out *out);
	void (*callers)(const void *ctx, struct out *out);
};

/* A trap from user mode that ends the process. */
struct isa_user_trap {
	const char *process;
	unsigned pid;
	const struct fault *fault;  /* NULL: the trap was no memory fault */
	const char *trap;           /* its name */
	uint64_t code, pc, sp;
	int digits;                 /* of an address */
	const char *range;          /* what is at pc; NULL: nothing */
	uint64_t first, bytes;      /* of range */
};

/* ---- the row ---- */

#define ISA_BOOT_WORDS 4
#define ISA_MODE_WORDS 4

struct isa {
	/* The conditions in the manual's order: the first that holds is the fault. */
	void (*check_access)(struct isa_query *q);
	void (*encode)(struct isa_query *q);
	/* True if the fault has the predicted code, or another one where emulators deviate from the manual. NULL: compare codes. */
	bool (*same_code)(uint32_t predicted, const struct fault *fault);
	/* "error code 0003 (P W)", "DFSR 805 (section translation fault)" */
	void (*put_code)(struct out *out, enum access access, uint32_t code);
	/* The register that contains the result of an address-translation instruction, and its reason for a failure. NULL: the
	 * CPU has no such instruction. */
	const char *answer;
	const char *(*answer_status)(uint64_t value);

	const struct creg *registers;          /* in the order of `cr`; the last one has no name */
	const char *boot_words[ISA_BOOT_WORDS]; /* the registers of struct boot_step.ctl[] */
	const char *root, *control, *pc, *sp;  /* lower-case register names */
	/* What an access to an address that is not canonical does, with a comma before it. NULL: no more is printed. */
	const char *not_canonical;
	/* The effect of a reserved bit in a top-level entry if pt_checked_at_load(): a phrase. */
	const char *bad_root_entry;
	/* The manual's names of nx, wp, smep and smap of struct pt_mode. */
	const char *mode_words[ISA_MODE_WORDS];
	/* How the value of the translation control register (TTBCR, TCR_EL1) divides the addresses: a mode for each half, made
	 * from *mode; equal VA bits of all addresses: TTBR0 translates everything; levels 0: walks of the half are disabled.
	 * ERR_INVALID: another format's value; ERR_UNSUPPORTED: another granule, or short descriptors with a half disabled.
	 * NULL: there is one root register. */
	err_t (*divide)(const struct pt_mode *mode, uint64_t control, struct pt_mode half[2]);

	struct isa_vtop vtop;
	struct isa_ptov ptov;
	struct isa_entries entries;
	/* Prints a complete oops. NULL, with user_trap and boot_words: no port of the kernel has this row. */
	void (*oops)(struct out *out, const struct isa_view *v, const struct isa_oops *o);
	/* Prints Linux's line about a trap that ends a process. */
	void (*user_trap)(struct out *out, const struct isa_user_trap *t);
};
