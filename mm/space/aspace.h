/* mm/space/aspace.h - struct aspace: the root table, the VMAs and the counters of an address space.
 * SPDX-License-Identifier: MIT
 *
 * Page tables are a cache of the VMAs (docs/design.md, section 1). kernel_aspace is the kernel's address space: its root
 * table, built by the boot stage, is the reference for the kernel half of every other root, and its VMAs are the vmalloc
 * ranges. All other address spaces have VMAs below USER_END only.
 *
 * The kernel half of a root consists of its entries of format->shared_level at kernel addresses. aspace_create() copies them
 * from the reference, with two exceptions: the first fault on a vmalloc address copies its entry, and self-map entries
 * differ in every root. Kernel-half tables are never freed.
 */
#pragma once
#include "arch/mmu.h"
#include "lib/list.h"
#include "mm/phys/frame.h"
#include "paging/walk.h"

struct vma;

/* The last fault that a stale TLB entry explained. */
struct last_stale { vaddr_t va, pc; uint64_t fault; };

/* The level-0 table of the last fault, for fault_fast(): its address, and what led to it. */
struct leaf_table {
	vaddr_t first, bytes;       /* addresses that it translates; bytes 0: no table is kept */
	char *table;
	struct page_counts *counts; /* counts_at() of its entries */
	paddr_t table_pa;
	const void *above_at;       /* the entry that pointed to it, */
	pte_t above;                /* and what it was: if it is no more the same, the table may have another use */
	uint32_t edits;             /* table_edits at that time */
	uint8_t entry_bytes;
	vaddr_t last;               /* the address of the last fault that was not in the kept table */
	pte_t upper[PT_MAX_LEVELS]; /* as struct pt_slot.upper, for the records of faults */
};

/* The entry of format->shared_level, of the kernel half, that the last kernel fault found in this root and in the reference. */
struct kernel_entry {
	vaddr_t first, bytes;       /* addresses that it translates; bytes 0: none is kept */
	const void *at;             /* in this root's table, which lives as long as the root, */
	pte_t entry;                /* and what it was */
};

/* Faults in a row of one instruction that needed frames of others: mm/reclaim/room.c. */
#define CROWDED_PAGES 6
struct crowded { uint64_t pc, page[CROWDED_PAGES]; uint8_t pages, faults; };

struct aspace {
	struct pt_space space;      /* mode, environment and root, for the walker */
	struct list vmas;           /* struct vma.link, ascending, disjoint */
	struct vma *vma_root;       /* the same VMAs as a tree: mm/space/vma_tree.h */
	struct vma *hint;           /* the VMA that the last search found */
	struct list link;           /* all aspaces */
	/* What entries count for is counted with their leaf table (mm/space/share.h); aspace_counts() adds it up. */
	struct page_counts counts;  /* of entries in other tables, and the rest of tables that were freed */
	bool counts_in_tables;      /* false: kernel_aspace, and formats whose leaf tables cannot be shared */
	bool has_shared;            /* a leaf table of it was shared */
	uint64_t synced;            /* kernel entries that a fault copied into its root */
	uint64_t faults;
	struct last_stale last_stale;
	struct leaf_table leaf;
	struct kernel_entry kernel_half;
	uint32_t tables[PT_MAX_LEVELS]; /* of each level, without the root and the kernel-half tables, which all roots share */
	uint32_t family;            /* the same for all spaces that fork() made from one; anonymous frames are shared inside */
	uint64_t hand;              /* where trimming continues */
	struct { uint32_t slot; uint16_t window, hits; } ahead;    /* mm/reclaim/readahead.c */
	struct crowded crowded;
	const char *name;           /* for messages; lives as long as the aspace */
	uint32_t id;                /* 0: the kernel's */
	void *owner;                /* the process, or NULL */
	bool vma_partial;           /* fork is still copying the VMAs: vma_tree_copy() */
	bool unreadable;            /* it had a VMA without PROT_R: see vma_may_read() */
	bool has_prototypes;        /* prototype software entries were stored in its tables */
	bool may_write_code;        /* its program has an executable stack: pages can have W and X */
	uint8_t recorded;           /* RECORDED_NO ...: mm/space/recording.h */
	uint32_t ranges;            /* number of VMAs; at most VMA_MAX for a program */
};

/* An entry above level 1 changes or a table above level 0 is freed: leaf.above_at may not be an entry any more. */
static inline void leaf_table_forget(struct aspace *as)
{
	as->leaf.bytes = 0;
}

extern struct aspace kernel_aspace;
/* The address space whose root is loaded. */
extern struct aspace *current_aspace;
/* All address spaces through struct aspace.link, kernel_aspace first. */
extern struct list aspaces;

/* Creates a root with the kernel half and, if the format has one, its own self-map. ERR_NO_MEMORY. */
MUST_USE err_t aspace_create(const char *name, struct aspace **out);
/* Removes every VMA and frees the tables of the user half. Not for kernel_aspace or the loaded one. */
void aspace_destroy(struct aspace *as);
/* Frees the roots that are kept for the next aspace_create(). Returns their number. */
unsigned aspace_shrink(void);
void aspace_load(struct aspace *as);

/* Initialises kernel_aspace with the root table of the boot stage. */
void aspace_init(paddr_t root);
