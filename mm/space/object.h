/* mm/space/object.h - objects: the pages of a file or a section, each with a prototype entry.
 * SPDX-License-Identifier: MIT
 *
 * A prototype entry says where the page is, once for all PTEs that map it. It has the layout of the kernel's paging format, as
 * Windows' prototype PTEs, but no CPU walks it:
 *   leaf           the page is in a frame that PTEs map, are about to map, or mapped until memory is short (mm/reclaim/objects.c)
 *   transition     the frame is on the modified or the standby list, or is being written
 *   page file      the page is in a slot
 *   prototype      the page was not read from its file, or its frame was dropped (Windows: the subsection's address)
 *   demand-zero    the page has never been used
 * The entry holds one reference: to its frame (frame.transitions and frame.refs, also while it is a leaf), or to its slot. A PTE
 * that does not map the page is empty, or a prototype software entry with the address of the prototype entry, or, where the
 * format cannot hold that address, "ask the VAD". Such a PTE holds no reference: the VMA leads to the object. So one transfer
 * serves every mapping, and neither fork() nor unmapping has anything to count.
 *
 * Leaf tables and large pages: the prototype entries of OBJECT_TABLE bytes are together in one table, at the page's place in the
 * object, as the entries of a leaf table are. The PTEs of a page are found through the object's VMAs. A large
 * page would be a leaf of level 1 in place of a whole prototype table: object.table[] is the level above, and object_entry() the
 * one function that reads an entry.
 */
#pragma once
#include "mm/space/rmap.h"
#include "mm/space/vma.h"
#include "paging/soft.h"

/* Bytes of a prototype table: of 512 or 1,024 entries. */
#define OBJECT_TABLE_SHIFT PAGE_SHIFT
#define OBJECT_TABLE (1u << OBJECT_TABLE_SHIFT)

struct object {
	struct list vmas;           /* struct vma.mapping of the VMAs on it; NULL: it never had one */
	void **table;               /* the prototype tables, in the direct map; NULL: not initialised */
	const struct pt_mode *mode; /* the kernel's, whose layout the entries have */
	uint32_t pages;
	uint32_t id;                /* names it in frame.owner */
	uint32_t frames, slots;     /* prototype entries that name a frame, a slot */
	uint8_t entry_shift;        /* log2 of the bytes of an entry */
	bool filed;                 /* no page is ever modified: a frame can be dropped and read again from the file */
};

/* Sets up a zeroed object, with empty pages. ERR_NO_MEMORY. */
MUST_USE err_t object_init(struct object *o, uint64_t pages, bool filed);
/* Drops all frames and slots, then the tables. No VMA maps the object. */
void object_free(struct object *o);
/* Frees the frames that no PTE maps and no list of page-out contains. Returns their number. */
uint64_t object_drop(struct object *o);
/* Object number n, from 0 on, NULL: none has this number. For objects up to object_limit(). */
struct object *object_number(uint32_t n);
uint32_t object_limit(void);

/* The page's frame with one more reference, in *out with the action. `as`: the space that needs the page, whose read-ahead window
 * it may be in; NULL for a file's object, which has no slots. ERR_NOT_FOUND: the page is empty. ERR_BUSY: it has to be read from
 * its slot first. ERR_IO, ERR_CORRUPT. */
MUST_USE err_t object_get(struct object *o, uint32_t index, struct aspace *as, struct filling *out);
/* Makes a new frame the empty page's. The caller's reference passes to the prototype entry. */
void object_enter(struct object *o, uint32_t index, pfn_t pfn);
enum fault_result object_error(err_t err);
static inline enum fault_result object_result(err_t err)  { return err == OK ? FAULT_FIXED : object_error(err); }

/* ---- prototype entries ---- */

/* The address of the prototype entry. Shifts instead of divisions: each fault on a page of an object passes here. */
static inline void *object_entry_at(const struct object *o, uint32_t index)
{
	size_t at = (size_t)index << o->entry_shift;

	return (char *)o->table[at >> OBJECT_TABLE_SHIFT] + (at & (OBJECT_TABLE - 1));
}
/* The prototype entry of a page that is in memory, mapped or about to be. */
pte_t object_leaf_at(const struct pt_mode *mode, bool filed, pfn_t pfn);
pte_t object_entry(const struct object *o, uint32_t index);
/* Stores a leaf or a transition entry for the frame: the count of references does not change. */
void object_set_frame(struct object *o, uint32_t index, const struct frame *f, bool mapped);
/* The prototype entry of an empty page. */
pte_t object_empty(const struct object *o);
/* Stores what the prototype entry is without a frame: `slot`, or empty. */
void object_set_slot(struct object *o, uint32_t index, uint32_t file, uint64_t offset);
void object_set_empty(struct object *o, uint32_t index);
/* The software entry that a PTE of an unmapped page of v's object gets. */
pte_t object_soft_pte(const struct vma *v, uint64_t va);
/* True if the prototype software entry at `va` is one that object_soft_pte() makes, whatever its protection. */
bool object_is_named(const struct vma *v, uint64_t va, const struct pt_soft *soft);

/* ---- frames ---- */

static inline uint32_t object_key(const struct object *o) { return o->id << 1 | OWNER_OBJECT; }
static inline uint64_t owner_object(const struct object *o, uint32_t index)
{
	return (uint64_t)index << OWNER_INDEX_SHIFT | object_key(o);
}
static inline uint32_t owner_index(const struct frame *f) { return (uint32_t)(f->owner >> OWNER_INDEX_SHIFT); }
/* True if the frame is a page of the object; o may be NULL. */
bool object_has(const struct object *o, const struct frame *f);
/* The object of a frame. NULL: an anonymous frame, the zero frame, or the object no longer exists. */
struct object *object_of(const struct frame *f);

/* ---- VMAs ---- */

void object_attach(struct vma *v);
static inline void object_detach(struct vma *v) { list_remove(&v->mapping); }
static inline uint32_t object_index(const struct vma *v, uint64_t va)
{
	return (uint32_t)(((vaddr_t)va - v->first) >> PAGE_SHIFT) + (uint32_t)(v->offset >> PAGE_SHIFT);
}
/* The address of the page in the VMA. False: the VMA does not contain it. */
static inline bool object_va(const struct vma *v, uint32_t index, uint64_t *va)
{
	uint32_t first = (uint32_t)(v->offset >> PAGE_SHIFT);

	*va = v->first + ((uint64_t)(index - first) << PAGE_SHIFT);
	return index >= first && index - first <= (v->last - v->first) >> PAGE_SHIFT;
}
