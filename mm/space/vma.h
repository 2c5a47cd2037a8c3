/* mm/space/vma.h - virtual memory areas: the ranges of an address space that may be used, and what backs them.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/aspace.h"
#include "mm/space/fault_result.h"

enum vma_flags {
	VMA_GROWS_DOWN = 1u << 0,   /* stack: a fault below extends it, to at most VMA_STACK_LIMIT bytes in total */
	VMA_SHARED = 1u << 1,       /* all mappings of the object see a write; fork() does not use copy-on-write */
	VMA_GUARD = 1u << 2,        /* not demand-paged: a fault here is an error, and reports show the name */
	VMA_SEALED = 1u << 3,       /* the program cannot unmap, protect or empty it */
	VMA_LOCKED = 1u << 5,       /* its pages stay in memory: mm/space/mlock.h */
	VMA_CHARGED = 1u << 4,      /* private, and writable at some time: each page may need a frame or a slot of its own */
};

#define VMA_FAST_CACHED 0x80u

struct backing;
struct object;

/* The part of a VMA that mm/space/vma_tree.c uses. */
struct vma_node {
	struct vma *child[2];       /* the subtrees below and above; &vma_nil: empty */
	struct vma *parent;         /* NULL: the root */
	vaddr_t hole;               /* bytes of the largest hole below a VMA of this subtree */
	uint8_t height;             /* of the subtree; 1: a leaf */
};

struct vma {
	struct list link;
	struct aspace *as;
	vaddr_t first, last;        /* page aligned; last is inclusive: the last byte */
	struct vma_node tree;
	prot_t prot;                /* PROT_R|W|X|U, GLOBAL for the kernel's, cache kind: vma_set_prot() */
	prot_t most;                /* the rights that vma_protect() can give it (Linux: VM_MAYREAD, VM_MAYWRITE, VM_MAYEXEC) */
	pte_t leaf[2];              /* PTE templates for frame 0: [0] without W, [1] with `prot`; 0: not expressible */
	unsigned flags;
	const struct backing *backing;
	struct object *object;      /* of the backing: the file's, the section's (mm/space/object.h); NULL for anonymous memory */
	struct list mapping;        /* in object->vmas */
	uint64_t offset;            /* of first in object, bytes */
	const char *name;           /* mm/space/vma_name.h */
	uint8_t fast;               /* bit n: fault_fast() may handle access n; or VMA_FAST_CACHED: reads of pages of `object` */
	pte_t zero_leaf;            /* fast: the read-only PTE of the shared zero frame */
};

/* Result of backing.fill(): the page to map. */
struct filling {
	pfn_t pfn;                  /* frame, with one reference that passes to the PTE */
	bool writable;              /* map it writable, if the VMA is */
	enum fault_action action;
};

/* Operations of one kind of memory. A new kind is one file that defines one such struct, as mm/backing/anon.c. */
struct backing {
	const char *name;           /* "anon", "file", "section", "phys" */
	/* Finds the page for the empty PTE of `va`. Called only for an access that the VMA permits.
	 * FAULT_FIXED: *out is valid. FAULT_RETRY: the page has to be read from a slot first. */
	enum fault_result (*fill)(struct vma *vma, vaddr_t va, bool write, struct filling *out);
	/* Called when a VMA on the object is created (also by split and fork) / removed. NULL: not reference-counted. */
	void (*open)(struct vma *vma);
	void (*close)(struct vma *vma);
	/* No mapping writes the object's frames: a shared VMA never gets W. */
	bool read_only;
	/* True if `prot` would make a frame of the object writable at one address and executable at another. The VMA itself is
	 * not counted. NULL: frames of the object are never both. */
	bool (*conflicts)(const struct vma *vma, prot_t prot);
	/* Adds (by 1) or removes (by -1) the VMA's rights from the object's counts. NULL: no counts. */
	void (*count_rights)(const struct vma *vma, int by);
};
extern const struct backing backing_anon;   /* guard ranges have no backing: VMA_GUARD */

/* Counts the frames of this VMA that are part of aspace_counts().committed. */
uint64_t vma_committed(const struct vma *vma);

/* Adds [first, first+len): ERR_INVALID misaligned, ERR_EXISTS overlaps, ERR_NO_MEMORY, ERR_ACCESS: rights that a program's
 * VMA must not have. Calls backing->open(). */
MUST_USE err_t vma_add(struct aspace *as, uint64_t first, uint64_t len, prot_t prot, unsigned flags,
                       const struct backing *backing, void *object, uint64_t offset, const char *name,
                       struct vma **out);
/* fork: adds a copy of `vma` to `to`, which has copies of all VMAs below it and no other VMA. ERR_NO_MEMORY. */
MUST_USE err_t vma_copy(struct aspace *to, const struct vma *vma);
/* The VMA that holds va, or NULL. */
struct vma *vma_search(struct aspace *as, uint64_t va);
static inline struct vma *vma_find(struct aspace *as, uint64_t va)
{
	struct vma *v = as->hint;
	vaddr_t at = (vaddr_t)va;

	return v && at == va && at >= v->first && at <= v->last ? v : vma_search(as, va);
}
/* False if a VMA without PROT_R covers a part of [va, va + n). The kernel calls it before it reads user memory, because the pages
 * of such a VMA stay mapped for the kernel. Addresses outside all VMAs are not checked here: reading them faults. */
bool vma_may_read(struct aspace *as, uint64_t va, uint64_t n);
/* Sets the rights for the next faults; existing entries stay unchanged. */
void vma_set_prot(struct vma *vma, prot_t prot);
/* Extends the VMA_GROWS_DOWN VMA above `va` down to the page of `va`: at most VMA_STACK_LIMIT bytes in total, and one page
 * above its neighbour. Returns the VMA, or NULL. */
#define VMA_STACK_LIMIT (8u << 20)
struct vma *vma_grow(struct aspace *as, uint64_t va);
/* Limit of VMAs of one program (Linux: 65,530); it bounds the kernel heap that a program can use. */
#define VMA_MAX 0x11000u
/* Unmaps its pages (the flush comes before the free), frees the tables that no neighbour uses, and frees the VMA. */
void vma_remove(struct vma *vma);
/* Frees all VMAs; their pages are unmapped already. */
void vma_forget_all(struct aspace *as);
/* True if a VMA_SEALED VMA covers a part of [first, first+len). */
bool vma_is_sealed(struct aspace *as, uint64_t first, uint64_t len);
/* Removes [first, first+len) from all VMAs, splitting them at the ends. ERR_NO_MEMORY: nothing changed. */
MUST_USE err_t vma_unmap(struct aspace *as, uint64_t first, uint64_t len);
/* Changes the rights of [first, first+len), which VMAs must cover completely; splits at the ends and changes the entries.
 * ERR_ACCESS: a VMA must not have these rights; nothing changed. */
MUST_USE err_t vma_protect(struct aspace *as, uint64_t first, uint64_t len, prot_t prot);
/* Reduces the rights of the entries of [first, first+len), a part of the VMA, to those of the VMA. Cannot fail for small pages. */
MUST_USE err_t vma_protect_entries(struct vma *vma, uint64_t first, uint64_t len);
/* True if VMAs cover all of [first, last]. */
bool vma_covers(struct aspace *as, uint64_t first, uint64_t last);
/* Splits VMAs so that none crosses `first` or ends after `last`. ERR_NO_MEMORY: nothing changed. */
MUST_USE err_t vma_split_ends(struct aspace *as, uint64_t first, uint64_t last);
/* Finds the lowest hole of `len` bytes in [first, last]. ERR_NO_MEMORY. */
MUST_USE err_t vma_find_hole(struct aspace *as, uint64_t first, uint64_t last, uint64_t len, uint64_t *out);
