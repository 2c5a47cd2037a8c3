/* inspect/target.h - struct target: the machine, process or image that commands inspect.
 * SPDX-License-Identifier: MIT
 *
 * All functions of inspect/ get a target as an argument and use nothing else. Inspection never faults: a callback returns an
 * error for memory that cannot be read.
 */
#pragma once
#include "inspect/system.h"
#include "lib/out.h"
#include "lib/region.h"
#include "paging/walk.h"

enum decode { DECODE_NONE, DECODE_USER, DECODE_ALL };

struct target {
	const char *name;             /* "the live machine", "an image" */
	const char *file;             /* where it is written; NULL: not said */
	const struct pt_mode *mode;
	const struct pt_env *env;     /* its read only */
	paddr_t root;                 /* of the tables that are walked */
	const struct pt_tree *upper;  /* ARM: TTBR1's tree, with a mode of its own; NULL: root translates all addresses */
	paddr_t hw_root;              /* the CPU's current root; the self-map maps its tables */
	uint64_t selfmap_base;        /* 0: none, entries are shown at direct_base + their address */
	uint64_t direct_base;         /* the direct map's first VA; for formats that cannot self-map */
	uint64_t direct_size;
	bool only_memory;             /* there are no devices: a page that cannot be read does not exist */
	enum decode decode;
	/* Kernel addresses for which a fault copies table entries into a root; last 0: none. Inspection reads lazy_root for
	 * them. */
	uint64_t lazy_first, lazy_last;
	paddr_t lazy_root;
	const struct region *regions; /* the layout; NULL: not known */
	const struct target_system *system; /* NULL: the memory is all that is known */
	/* The i-th root that an image holds, from 0; the first is `root`. False: there are no more. NULL: there is `root` alone. */
	bool (*root_number)(void *ctx, unsigned i, paddr_t *found);
	void *system_ctx;             /* argument of its functions */
	unsigned style;               /* of windbg.h: how pte and vtop print */
	int zone;                     /* minutes east of UTC, for dates */
	/* The debugger runs on the machine that it looks at, and that machine is not stopped: WinDbg's prompt lkd>. */
	bool local;
	unsigned linux_pte;           /* Linux on ARM: bytes from its own copy of a lowest entry to the entry of the CPU */
	/* Selects the root and the decode mode of the commands that follow. NULL: the target has one root. */
	void (*look)(void *ctx, paddr_t root, enum decode decode);
	/* For an env that folds tables which it has visited before. search(): a search begins and must visit every table once
	 * more. found(): an entry of `level` matched, so the tables on the path to it contain a match. NULL: no folding. */
	void (*search)(void *ctx);
	void (*found)(void *ctx, unsigned level);
	bool flat;                    /* paging is off: a virtual address is a physical one */
	/* Ranges that repeat one at equal distances are one line more in a dump. */
	bool folds;
	/* regions has only a part of the layout: what is between two of them has no name. */
	bool some_regions;
	/* realloc() for lists that a command makes; 0 bytes: frees. NULL: there is no memory for them. */
	void *(*grow)(void *ctx, void *old, size_t bytes);
	void *ctx;
	/* All or nothing; ERR_IO where there is no memory. */
	err_t (*read_phys)(void *ctx, paddr_t pa, void *buf, size_t n);
	/* As read_phys, for device registers, with a cache kind of format.h. ERR_IO: no device answers. NULL: the target has no
	 * devices. */
	err_t (*read_device)(void *ctx, paddr_t pa, prot_t cache, void *buf, size_t n);
	/* Reads n bytes of one page as the CPU does: through the loaded tables and the TLB. ERR_NOT_FOUND: the access would
	 * fault. NULL: the target has no CPU. */
	err_t (*read_cpu)(void *ctx, uint64_t va, void *buf, size_t n);
	/* The second stage whose root register has the value `root`; 0: the one that the target's registers say. False: a message
	 * was printed to `out`. NULL: the target is no memory of guests. */
	bool (*second)(void *ctx, struct out *out, uint64_t root, struct pt_space *space);
	/* NULL: this target cannot be written. */
	err_t (*write_phys)(void *ctx, paddr_t pa, const void *buf, size_t n);
	/* Value of a register by name without '@' ("cr3", "eax"); ERR_NOT_FOUND. */
	err_t (*reg)(void *ctx, const char *name, uint64_t *value);
	/* The i-th symbol of this name, from 0: static functions can have the same name. ERR_NOT_FOUND: there are no more. */
	err_t (*symbol)(void *ctx, const char *name, unsigned i, uint64_t *value);
	/* The i-th symbol in alphabetical order. NULL: there are no more. */
	const char *(*symbol_number)(void *ctx, unsigned i, uint64_t *value);
	/* The symbol at or below va; ERR_NOT_FOUND. */
	err_t (*symbol_at)(void *ctx, uint64_t va, const char **name, uint64_t *offset);
	/* Bytes from that symbol to the next one. NULL: not known. */
	err_t (*symbol_size)(void *ctx, uint64_t va, uint64_t *size);
};

/* True if a walk for `va` that finds no entry continues in the tables of lazy_root. */
static inline bool target_is_lazy(const struct target *t, uint64_t va)
{
	return t->lazy_last && va >= t->lazy_first && va <= t->lazy_last;
}

static inline struct pt_space target_space(const struct target *t)
{
	struct pt_tree lower = { t->mode, t->root };

	return (struct pt_space){ .env = t->env, .half = { lower, t->upper ? *t->upper : lower } };
}

static inline void target_begin_search(const struct target *t)
{
	if (t->search)
		t->search(t->ctx);
}

/* The space of another root of the same system. */
static inline struct pt_space target_space_of(const struct target *t, paddr_t root)
{
	struct target other = *t;

	other.root = root;
	return target_space(&other);
}

/* The mode of the page tables that translate `va`. */
static inline const struct pt_mode *target_mode_at(const struct target *t, uint64_t va)
{
	struct pt_space space = target_space(t);

	return pt_tree_at(&space, va)->mode;
}

/* The target without the half that does not translate `va`. The halves can have different formats: granules of AArch64. */
static inline struct target target_half_at(const struct target *t, uint64_t va)
{
	struct pt_space space = target_space(t);
	const struct pt_tree *tree = pt_tree_at(&space, va);
	struct target half = *t;

	half.mode = tree->mode;
	half.root = tree->root;
	half.upper = NULL;
	return half;
}

/* The space through which a debugger with this target's decode mode reads va: the CPU's own
 * (hw_root), or the target's (root). The two differ only while another process is selected. */
struct pt_space target_space_at(const struct target *t, uint64_t va);
/* The space from which the debugger reads the entries of `va`: at their self-map addresses, if there is a self-map. */
struct pt_space target_tables_at(const struct target *t, uint64_t va);
/* The walk of target_read_virt() and target_write_virt(): in the space of target_space_at(), then in the tables of lazy_root. */
void target_walk(const struct target *t, uint64_t va, struct pt_walk *walk);
/* Read and write virtual memory, page by page through the tables; all or nothing.
 * ERR_NOT_FOUND where nothing is mapped. */
err_t target_read_virt(const struct target *t, uint64_t va, void *buf, size_t n);
err_t target_write_virt(const struct target *t, uint64_t va, const void *buf, size_t n);
/* The self-map's addresses; false: there is none. */
bool target_selfmap(const struct target *t, uint64_t *first, uint64_t *last);
/* True if `at` is the self-map address of an entry; returns its level and the first VA that it translates. Entries of the self-map
 * itself count as entries of the highest level. */
bool target_entry_at(const struct target *t, uint64_t at, unsigned *level, uint64_t *va);
/* The page whose level-0 entry is at this self-map address. False: outside the self-map. */
bool target_page_of_entry(const struct target *t, uint64_t at, uint64_t *va);
/* The region that contains `va`. NULL: none does, or the layout is not known. */
const struct region *target_region(const struct target *t, uint64_t va);
/* The i-th address space, from 0. False: there are no more. An image has one, without a name: that of its root. */
bool target_space_number(const struct target *t, unsigned i, struct system_space *s);
/* The address space that contains every kernel mapping. False: it is not known. */
bool target_reference_space(const struct target *t, struct system_space *s);
/* The process whose root the target has, else the one that the CPU runs. False: it is not known. */
bool target_implicit(const struct target *t, struct system_process *p);
/* Bounds of the boot's identity map. False: it was not kept. */
bool target_identity(const struct target *t, uint64_t *first, uint64_t *last);
/* The phrase for an address that pt_va_valid() rejects: "not canonical". */
const char *target_no_address(const struct target *t);
/* Prints " shared by 0n3" if that many address spaces use the leaf table that contains the entry at `entry`. Without it, the entry
 * above would seem to forbid writes by itself. */
void target_put_sharers(struct out *out, const struct target *t, paddr_t entry);
/* A line of the same for the leaf table of `va` in the tables of `root`. */
void target_put_sharing(struct out *out, const struct target *t, paddr_t root, uint64_t va);
/* Hexadecimal digits of an address of this target: 8 or 16. */
unsigned target_va_digits(const struct target *t);
/* Converts `value` to an address. On a 32-bit target a sign-extended number becomes its low 32 bits; any other value with more
 * bits is returned unchanged and is not valid. */
uint64_t target_address(const struct target *t, uint64_t value);
/* True if `value` needs 16 digits: on a 32-bit target, one that does not fit in 32 bits with or without a sign. */
bool target_needs_upper(const struct target *t, uint64_t value);
