/* mm/reclaim/pages.h - frames that no PTE maps: the modified and the standby list, and the moves between states.
 * SPDX-License-Identifier: MIT
 *
 *   active      mapped by a PTE, or about to be
 *   modified    not mapped; no slot has the same bytes. The writer writes it.
 *   standby     not mapped; its slot, or the file of which it is a page, has the same bytes, so it can become free at once
 *   transition  a transfer is in flight (busy)
 *
 * References of a frame: one for each PTE (maps), one for each transition entry (transitions), and one for the list or the
 * transfer. The prototype entry of an object's page counts as a transition entry also while it is a leaf. A frame whose
 * record names a slot and which is not stale has the same bytes as the slot, or they are being written: no writable PTE maps it.
 */
#pragma once
#include "arch/mmu.h"
#include "mm/phys/frame.h"
#include "mm/space/aspace.h"
#include "mm/space/object.h"
#include "paging/soft.h"

/* First in, first out: the writer and the allocator take the oldest frame. */
struct page_list { uint32_t head, tail, count; };
extern struct page_list modified_pages, standby_pages;

/* The oldest frame of the list, NULL: empty. It stays on the list. */
struct frame *page_oldest(const struct page_list *list);
/* Takes a listed frame off its list. The list's reference passes to the caller. */
void page_unlist(struct frame *f);
/* Decides what becomes of a frame of which the caller holds a reference, which passes on: mapped: active. Named by entries: on the
 * list that fits. Its slot is named by entries: standby. Otherwise it is free. */
void page_settle(struct frame *f);
/* A page of a file: never modified, unless it was written by its physical address. */
static inline bool page_is_filed(const struct frame *f)
{
	const struct object *o = object_of(f);

	return o && o->filed;
}
/* Drops the slot of the frame's record: the bytes are no longer the same. */
void page_forget_slot(struct frame *f);
/* Lets the frame's record name slot `id`, with a new reference to the slot. */
void page_name_slot(struct frame *f, uint32_t id);
/* Drops an entry's reference to a slot; frees the frame that only kept a copy of it. */
void page_put_slot(uint32_t id);
/* True if all references to the frame are counted as PTEs and entries: no device, no command holds it. */
bool page_is_ours(const struct frame *f);

/* Calls fn for each entry that maps the frame or is a transition entry for it. An anonymous frame: at its address, in the spaces
 * of its family. A page of an object: in the VMAs on the object; its prototype entry is not among them. fn may store another entry
 * at slot->entry_pa. */
void page_each_entry(const struct frame *f, void (*fn)(void *ctx, struct aspace *as, uint64_t va, const struct pt_slot *slot),
                     void *ctx);
/* The entry of `va` in `as` was changed. Between the store and the flush nothing but the kernel runs; before the frame is written
 * to a disk or used again, no TLB may translate to it. Only the loaded space can have entries in the TLB: loading a root flushes
 * those of the others. It can share the table, if it is of the same family. */
static inline void page_flush(const struct aspace *as, uint64_t va)
{
	if (as->family == current_aspace->family)
		arch_tlb_flush_page((vaddr_t)va);
}
/* Frees the frame of a standby page: its transition entries become page-file entries, the prototype entry of a file's page becomes
 * empty. False: it cannot be. */
bool page_release(struct frame *f);
/* Frees up to n standby frames, the oldest first. Allocates nothing and waits for nothing. Returns their number. */
unsigned pages_release(unsigned n);
