/* mm/space/aspace.h - an address space: a root that can be loaded, the ranges that may be used in it, what they cost.
 * SPDX-License-Identifier: MIT
 *
 * Translation tables are a cache of the VMA list (DESIGN 1.3). There is one kernel_aspace: its root is the one the
 * boot stage made, the reference from which every other root's kernel part is copied; its VMAs are the kernel's
 * demand-paged ranges. Every other aspace has VMAs below USER_END only.
 *
 * The kernel part of a root: entries of format->sync_level at KERNEL addresses, copied when the root is made,
 * except vmalloc's, which a fault copies when they are first needed, and the self-map's, which are its own.
 * Kernel-half tables, once made, are never freed.
 */
#pragma once
#include "arch/mmu.h"
#include "lib/list.h"
#include "mm/phys/frame.h"
#include "paging/walk.h"

struct vma;

/* The last fault that a stale TLB entry explained. */
struct last_stale { vaddr_t va, pc; uint64_t fault; };

struct aspace {
	struct pt_space space;      /* mode, environment, root: what the walker wants */
	struct list vmas;           /* struct vma.link, ascending, disjoint */
	struct vma *hint;           /* the one found last */
	struct list link;           /* all aspaces */
	uint64_t committed;         /* frames that are in its VMAs because of it: the zero frame and tables are not */
	uint64_t synced;            /* kernel entries that a fault copied into its root */
	uint64_t faults;
	struct last_stale last_stale;
	uint32_t tables[PT_MAX_LEVELS]; /* of each level, but the root and those of the kernel part that are everybody's */
	const char *name;           /* for messages; lives as long as the aspace */
	uint32_t id;                /* 0: the kernel's */
	void *owner;                /* the process, or NULL */
	bool unreadable;            /* it has had a range without PROT_R: see vma_may_read() */
	bool may_write_code;        /* its program has an executable stack: W and X may be together */
	uint32_t ranges;            /* VMAs; a program has VMA_MAX at most */
};

extern struct aspace kernel_aspace;
/* The one whose root is loaded. */
extern struct aspace *current_aspace;
/* All of them through struct aspace.link, the kernel's first. */
extern struct list aspaces;

/* A new root with the kernel's part and, where the format has one, its own self-map. ERR_NO_MEMORY. */
MUST_USE err_t aspace_create(const char *name, struct aspace **out);
/* Removes every VMA, gives the tables of the user part back. Not the kernel's, not the current one. */
void aspace_destroy(struct aspace *as);
/* Frees the roots that are kept for the next aspace_create(): how many. */
unsigned aspace_shrink(void);
void aspace_load(struct aspace *as);

/* ---- ranges ---- */

enum vma_flags {
	VMA_GROWS_DOWN = 1u << 0,   /* a stack: a fault up to VMA_STACK_LIMIT below extends it */
	VMA_SHARED = 1u << 1,       /* written pages are everybody's; fork does not copy on write */
	VMA_GUARD = 1u << 2,        /* never mapped: touching it is an error with this name */
	VMA_SEALED = 1u << 3,       /* the program cannot unmap, protect or empty it */
};

struct backing;

struct vma {
	struct list link;
	struct aspace *as;
	vaddr_t first, last;        /* page aligned; last is inclusive: the last byte */
	prot_t prot;                /* PROT_R|W|X|U, GLOBAL for the kernel's, cache kind: vma_set_prot() */
	prot_t most;                /* the rights that vma_protect() may ever give it: Linux's VM_MAYWRITE and its like */
	pte_t leaf[2];              /* what its pages' entries are for frame 0, without W and as prot says; 0: it has none */
	unsigned flags;
	const struct backing *backing;
	void *object;               /* the backing's: a file, a section; NULL for anonymous memory */
	uint64_t offset;            /* of first in object, bytes */
	_Alignas(uint32_t) char name[24];       /* in words: each fault copies it */
};

/* What a backing puts behind an entry. */
struct filling {
	pfn_t pfn;                  /* carries one reference, the entry's */
	bool writable;              /* as far as the range is */
	int action;                 /* enum fault_action */
};

/* What is behind a range. One table of these per kind; an addition is one file beside mm/backing/anon.c. */
struct backing {
	const char *name;           /* "anon", "file", "section", "phys" */
	/* Finds what belongs into the empty entry of va, called for access as the vma allows. Returns FAULT_*
	 * (mm/space/fault.h). */
	int (*fill)(struct vma *vma, vaddr_t va, bool write, struct filling *out);
	/* One more VMA on the same object (split, fork) / one less. NULL: nothing to count. */
	void (*open)(struct vma *vma);
	void (*close)(struct vma *vma);
	/* The object's frames are never written through a mapping: a shared range never gets W. */
	bool read_only;
	/* Would these rights of a range that is not counted make a frame of the object writable at one address and executable
	 * at another? NULL: frames of the object are never both. */
	bool (*conflicts)(const struct vma *vma, prot_t prot);
	/* The range's rights count (by 1) or do so no more (by -1). NULL: nothing to count. */
	void (*count_rights)(const struct vma *vma, int by);
};
extern const struct backing backing_anon;   /* guard ranges have no backing: VMA_GUARD */

/* Frames of this range that count in as->committed, counted now. */
uint64_t vma_committed(const struct vma *vma);

/* Adds [first, first+len): ERR_INVALID misaligned, ERR_EXISTS overlaps, ERR_NO_MEMORY, ERR_ACCESS: rights that a program's
 * range may not have. backing->open is called. */
MUST_USE err_t vma_add(struct aspace *as, uint64_t first, uint64_t len, prot_t prot, unsigned flags,
                       const struct backing *backing, void *object, uint64_t offset, const char *name,
                       struct vma **out);
/* The same range in to, which has nothing there: ERR_NO_MEMORY. */
MUST_USE err_t vma_copy(struct aspace *to, const struct vma *vma);
/* The VMA that holds va, or NULL. */
struct vma *vma_search(struct aspace *as, uint64_t va);
static inline struct vma *vma_find(struct aspace *as, uint64_t va)
{
	struct vma *v = as->hint;
	vaddr_t at = (vaddr_t)va;

	return v && at == va && at >= v->first && at <= v->last ? v : vma_search(as, va);
}
/* Pages that a range without PROT_R had before stay mapped, out of user mode's reach but not of the kernel's, which
 * therefore asks here before it reads for a program: false where such a range holds a part of [va, va + n). What no range
 * holds is the fault's to judge. */
bool vma_may_read(struct aspace *as, uint64_t va, uint64_t n);
/* Gives it other rights, from the next fault on; entries that there are stay as they are. */
void vma_set_prot(struct vma *vma, prot_t prot);
/* Extends a range that grows down to hold va, which lies at most VMA_STACK_LIMIT below its end and above its
 * neighbour's guard page: the range, or NULL. */
#define VMA_STACK_LIMIT (8u << 20)
struct vma *vma_grow(struct aspace *as, uint64_t va);
/* Ranges of one program. Linux has 65,530; more of them would only fill the kernel's heap. */
#define VMA_MAX 0x11000u
/* A not-present entry that promises nothing but zeroes. */
bool soft_is_empty(const struct pt_mode *mode, pte_t entry);
/* Unmaps its pages (flushed before they are freed), gives back the tables that no neighbour uses, and forgets it. */
void vma_remove(struct vma *vma);
/* Forgets all of them, whose pages are gone already. */
void vma_forget_all(struct aspace *as);
/* Does a VMA_SEALED range hold a part of [first, first+len)? */
bool vma_is_sealed(struct aspace *as, uint64_t first, uint64_t len);
/* Removes [first, first+len) from whatever VMAs lie there, splitting at the ends. ERR_NO_MEMORY: nothing changed. */
MUST_USE err_t vma_unmap(struct aspace *as, uint64_t first, uint64_t len);
/* Changes rights of [first, first+len), which must be covered whole; splits. Entries follow. ERR_ACCESS: a VMA there may
 * not have them, and none has changed. */
MUST_USE err_t vma_protect(struct aspace *as, uint64_t first, uint64_t len, prot_t prot);
/* Entries of [first, first+len), a part of the range, get the rights that it has now; never more. Nothing fails where small
 * pages are mapped. */
MUST_USE err_t vma_protect_entries(struct vma *vma, uint64_t first, uint64_t len);
/* Takes the pages of [first, first+len) out, keeping the VMAs: the next touch finds zeroes or the object (madvise
 * dontneed). Tables stay. */
void vma_zap(struct aspace *as, uint64_t first, uint64_t len);
/* The lowest hole of len bytes in [first, last]; ERR_NO_MEMORY. */
MUST_USE err_t vma_find_hole(struct aspace *as, uint64_t first, uint64_t last, uint64_t len, uint64_t *out);
/* Copies every VMA of from into to, an empty aspace, sharing frames: private writable pages become read-only in
 * both (copy on write). ERR_NO_MEMORY: to holds a part and must be destroyed. */
MUST_USE err_t aspace_fork(struct aspace *from, struct aspace *to);

/* Called for an entry that maps a frame which is not counted as mapped: a broken table, found while it is taken
 * down. pte is the entry, upper the one above it. And for an aspace that is gone while frames still count for it.
 * Printing is the kernel's. NULL: nobody wants to know. */
struct mm_complaints {
	void (*bad_page)(const struct aspace *as, uint64_t va, pte_t pte, pte_t upper, pfn_t pfn);
	void (*bad_count)(const struct aspace *as, int64_t value);
};
extern struct mm_complaints mm_complaints;

/* Allocates from one slab each; for aspace.c and vma.c. */
void aspace_init(paddr_t root);
