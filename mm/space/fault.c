/* mm/space/fault.c - page-fault handling: checks the access, then fills or changes the PTE.
 * SPDX-License-Identifier: MIT
 *
 * Order of the checks:
 *   kernel address   An access from user mode is denied. A table entry missing in this root (vmalloc) is copied from
 *                    kernel_aspace.
 *   corrupt entry    FAULT_CORRUPT.
 *   A bit clear      The handler sets it (accessed flag), on CPUs that do not (ARM).
 *   closed page      The handler gives the PTE its rights back, and a recorder sees the use (mm/space/recording.h).
 *   no VMA           FAULT_NO_VMA, unless the VMA above is VMA_GROWS_DOWN and can be extended.
 *   VMA forbids it   FAULT_DENIED. The VMA decides, not the PTE: PTEs are a cache of the VMAs.
 *   table shared     If an entry will change, the address space gets a table of its own first (mm/space/share.h).
 *   PTE read-only    A write copies the page or makes it writable.
 *   PTE permits it   The TLB entry was stale: flush it.
 *   PTE empty        The VMA's backing supplies the page.
 *
 * The fault in progress is the caller's struct vm_fault. The ring of past faults receives a copy at the end.
 */
#include "mm/space/fault.h"
#include "arch/mmu.h"
#include "lib/string.h"
#include "mm/phys/kmap.h"
#include "mm/phys/table.h"
#include "mm/space/cow.h"
#include "mm/space/fault_log.h"
#include "mm/space/pageout.h"
#include "mm/space/recording.h"
#include "mm/space/rmap.h"
#include "mm/space/sync.h"
#include "mm/space/vmalloc.h"

PT_INLINE enum fault_result done(struct vm_fault *f, enum fault_action action, enum fault_result result)
{
	f->action = action;
	return f->result = result;
}

PT_INLINE const struct pt_format *format_of(const struct vm_fault *f)
{
	return f->as->space.half[0].mode->format;
}

/* ---- filling and changing level 0 ---- */

static enum fault_result make_tables(struct vm_fault *f)
{
	paddr_t place;

	if (pt_ensure(&f->as->space, f->fault.va, 0, NULL, &place) != OK)
		return FAULT_NO_MEMORY;
	return pt_lookup(&f->as->space, f->fault.va, 0, &f->found) == OK ? FAULT_FIXED : FAULT_CORRUPT;
}

/* Stores `leaf` as the PTE of the faulting address. Allocates missing tables first. */
PT_INLINE enum fault_result store_leaf(struct vm_fault *f, pte_t leaf, const char *why)
{
	enum fault_result result = f->found.level > 0 ? make_tables(f) : FAULT_FIXED;

	if (result != FAULT_FIXED)
		return result;
	table_store(f->found.entry_pa, format_of(f)->entry_bytes, f->found.entry, leaf, why);
	f->after = leaf;
	return FAULT_FIXED;
}

/* True if an entry of this format can hold the frame's address. Device memory can lie above that limit. */
static bool within_reach(const struct pt_mode *mode, pfn_t pfn)
{
	pte_t leaf;

	return mode->format->make_leaf(mode, 0, pfn_base(pfn), PROT_R, &leaf) == OK;
}

/* Maps frame `pfn` with the VMA's rights, without W unless `writable`. `record`: the frame's, or NULL. For an executable
 * VMA, flushes the instruction cache before storing the PTE. */
PT_INLINE enum fault_result map_page(struct vm_fault *f, pfn_t pfn, const struct frame *record, bool writable,
                                     const char *why)
{
	pte_t leaf = f->vma->leaf[writable];

	if (!leaf.v || (!record && !within_reach(f->as->space.half[0].mode, pfn)))
		return FAULT_CORRUPT;
	if (f->vma->prot & PROT_X)
		kmap_flush_icache(pfn);
	return store_leaf(f, pt_leaf_at(f->as->space.half[0].mode, leaf, pfn), why);
}

static __attribute__((noinline, cold)) enum fault_result not_filled(struct vm_fault *f, enum fault_result result)
{
	return result == FAULT_RETRY ? pageout->read(f) : done(f, ACT_NONE, result);
}

/* The replacement policy may have to choose for the frame later. */
PT_INLINE void tell_policy(struct vm_fault *f, struct frame *record)
{
	if (page_mapped && record && record->maps == 1 && !frame_is_object(record) && f->as != &kernel_aspace)
		page_mapped(record);
}

/* Counts the new PTE of the frame. */
PT_INLINE void count_page(struct vm_fault *f, struct frame *record)
{
	rmap_count(f->as, f->found.entry_pa, f->fault.va, record);
	tell_policy(f, record);
}

PT_INLINE enum fault_result fill(struct vm_fault *f)
{
	enum fault_action action = f->action;
	enum fault_result result;
	struct filling in;
	struct frame *record;

	result = f->vma->backing->fill(f->vma, f->fault.va, f->fault.access == ACCESS_WRITE, &in);
	if (result != FAULT_FIXED)
		return not_filled(f, result);
	if (action != ACT_STACK_GROWTH)
		action = in.action;
	record = frame_counted(in.pfn);
	result = map_page(f, in.pfn, record, in.writable, fault_action_words[in.action]);
	if (result == FAULT_FIXED)
		count_page(f, record);
	else if (record)
		frame_put(in.pfn);
	return done(f, action, result);
}

enum fault_result fault_map_frame(struct vm_fault *f, struct frame *record, bool writable, enum fault_action action)
{
	enum fault_result result = map_page(f, frame_pfn(record), record, writable, fault_action_words[action]);

	if (result == FAULT_FIXED)
		count_page(f, record);
	return done(f, action, result);
}

/* Handles a write to a read-only PTE in a writable VMA: maps a copy of the page or, for ACT_REUSE, makes the page
 * writable. */
static enum fault_result break_write(struct vm_fault *f)
{
	pfn_t old = f->found.page, new = old;
	struct frame *from = frame_counted(old), *to = from;
	enum fault_action action = cow_decide(f->vma, from);
	enum fault_result result;

	if (action != ACT_REUSE) {
		if (cow_copy(old, action, &new) != OK)
			return done(f, action, FAULT_NO_MEMORY);
		to = frame_at(new);
	}
	result = map_page(f, new, to, true, fault_action_words[action]);
	arch_tlb_flush_page(f->fault.va);
	if (action == ACT_REUSE) {
		if (from && frame_slot(from) && result == FAULT_FIXED)
			pageout->written(from);
		return done(f, action, result);
	}
	if (result != FAULT_FIXED) {
		frame_put(new);     /* the PTE still maps the old frame */
		return done(f, action, result);
	}
	if (rmap_replace(f->as, f->found.entry_pa, f->fault.va, f->found.entry, from, to))
		pageout_put(from);
	tell_policy(f, to);
	return done(f, action, result);
}

/* ---- an entry is there ---- */

/* True if U, SMEP or SMAP forbids an access that R, W and X permit. */
static bool mode_denies(const struct vm_fault *f, prot_t prot)
{
	const struct pt_mode *mode = f->as->space.half[0].mode;

	if (f->fault.from_user)
		return !(prot & PROT_U);
	return (prot & PROT_U) && (f->fault.access == ACCESS_EXECUTE ? mode->smep : mode->smap);
}

/* The PTE permits the access, so the TLB entry was stale: flushes it. Two such faults in a row with the same address and pc
 * have another cause: returns FAULT_CORRUPT, because a retry would loop endlessly. */
static enum fault_result stale(struct vm_fault *f)
{
	struct last_stale *last = &f->as->last_stale;
	struct last_stale now = { .va = f->fault.va, .pc = f->fault.pc, .fault = f->as->faults };
	bool again = last->va == now.va && last->pc == now.pc && last->fault + 1 == now.fault;

	*last = now;
	arch_tlb_flush_page(f->fault.va);
	f->after = f->found.entry;
	return done(f, ACT_STALE_TLB, again ? FAULT_CORRUPT : FAULT_FIXED);
}

PT_INLINE bool permits(enum access access, prot_t prot)
{
	static const prot_t needs[] = {
		[ACCESS_READ] = PROT_R, [ACCESS_WRITE] = PROT_W, [ACCESS_EXECUTE] = PROT_X,
	};

	return prot & needs[access];
}

/* Sets A in the PTE, on CPUs that do not. Uses the rights of the PTE alone, not the effective rights: the restrictions of
 * upper levels stay in the upper levels. */
static enum fault_result set_accessed(struct vm_fault *f)
{
	const struct pt_mode *mode = f->as->space.half[0].mode;
	prot_t own = (format_of(f)->prot(mode, 0, f->found.entry) & ~(prot_t)PROT_DIRTY) | PROT_ACCESSED;
	enum fault_result result;
	pte_t leaf;
	pfn_t pfn;

	own |= own & PROT_W ? PROT_DIRTY : 0;
	if (!format_of(f)->page(mode, f->found.entry, f->fault.va, &pfn) ||
	    format_of(f)->make_leaf(mode, 0, pfn_base(pfn), own, &leaf) != OK)
		return done(f, ACT_NONE, FAULT_CORRUPT);
	if (own & PROT_X)
		kmap_flush_icache(pfn);
	result = store_leaf(f, leaf, "accessed");
	arch_tlb_flush_page(f->fault.va);
	return done(f, ACT_ACCESSED, result);
}

PT_INLINE bool lacks_accessed(const struct vm_fault *f)
{
	return f->found.level == 0 && !f->as->space.half[0].mode->hw_accessed &&
	       !(format_of(f)->prot(f->as->space.half[0].mode, 0, f->found.entry) & PROT_ACCESSED);
}

/* Fast check for the most frequent fault on a leaf: a write that the VMA permits, to a read-only PTE. */
PT_INLINE bool is_first_write(const struct vm_fault *f)
{
	pte_t entry = f->found.entry;

	if (f->fault.access != ACCESS_WRITE || f->found.level > 0 || f->fault.reserved_bit)
		return false;
	/* write_protect() does not change a read-only entry. */
	return format_of(f)->write_protect(f->as->space.half[0].mode, 0, entry).v == entry.v;
}

/* Opens a page that a recorder has closed (mm/space/recording.h). The VMA permits the access. */
static bool open_closed(struct vm_fault *f)
{
	struct pt_slot now;

	if (f->as->recorded != RECORDED_FAULTS || !f->vma || f->found.level > 0 || !page_open(f->as, f->fault.va))
		return false;
	if (pt_lookup(&f->as->space, f->fault.va, 0, &now) == OK)
		f->after = now.entry;
	return true;
}

static enum fault_result leaf_fault(struct vm_fault *f)
{
	struct pt_walk walk;

	pt_walk(&f->as->space, f->fault.va, &walk, NULL, 0);
	if (walk.outcome != PT_LEAF)
		return done(f, ACT_NONE, FAULT_CORRUPT);
	if (lacks_accessed(f))
		return set_accessed(f);
	if (open_closed(f))
		return done(f, ACT_OPENED, FAULT_FIXED);
	if (permits(f->fault.access, walk.prot) && !mode_denies(f, walk.prot) && !f->fault.reserved_bit)
		return stale(f);
	return done(f, ACT_NONE, FAULT_DENIED);
}

/* ---- the whole ---- */

PT_INLINE bool vma_permits(const struct vm_fault *f)
{
	if (!f->vma || (f->vma->flags & VMA_GUARD) || !permits(f->fault.access, f->vma->prot))
		return false;
	return !f->fault.from_user || (f->vma->prot & PROT_U);
}

PT_INLINE void find(struct vm_fault *f)
{
	f->vma = vma_find(f->as, f->fault.va);
	(void)pt_lookup(&f->as->space, f->fault.va, 0, &f->found);        /* if a table cannot be read, found.kind is PT_BAD */
	f->after = f->found.entry;
}

/* If the address has no VMA, extends the VMA_GROWS_DOWN VMA above it, if there is one, down to the page of the address. */
PT_INLINE void grow_stack(struct vm_fault *f)
{
	if (f->vma || f->found.kind > PT_SOFT)
		return;
	f->vma = vma_grow(f->as, f->fault.va);
	if (f->vma)
		f->action = ACT_STACK_GROWTH;
}

/* True for a software entry that is handled as an empty one: the VMA's backing supplies the page. */
static __attribute__((noinline)) bool is_fillable(const struct vm_fault *f)
{
	struct pt_soft soft;

	pt_soft_decode(f->as->space.half[0].mode, f->found.entry, &soft);
	return soft.kind == SOFT_ZERO || soft.kind == SOFT_DEMAND_ZERO || object_is_named(f->vma, f->fault.va, &soft);
}

/* The entry above forbids writes. A read of a mapped page changes no entry. FAULT_RETRY: go on with the entry in f->found. */
static __attribute__((noinline, cold)) enum fault_result end_sharing(struct vm_fault *f)
{
	const struct pt_mode *mode = f->as->space.half[0].mode;

	if ((f->found.kind == PT_LEAF && f->fault.access != ACCESS_WRITE) || !share_is_below(f->as, f->found.entry_pa))
		return FAULT_RETRY;
	if (share_end(f->as, f->fault.va) != OK)
		return done(f, ACT_NONE, FAULT_NO_MEMORY);
	(void)pt_lookup(&f->as->space, f->fault.va, 0, &f->found);
	f->after = f->found.entry;
	/* The other spaces had left: the PTE has been writable all the time. */
	if (f->found.kind == PT_LEAF && mode->format->write_protect(mode, 0, f->found.entry).v != f->found.entry.v)
		return done(f, ACT_OWN_TABLE, FAULT_FIXED);
	return FAULT_RETRY;
}

PT_INLINE enum fault_result resolve(struct vm_fault *f)
{
	enum fault_result result;
	enum pt_kind kind;

	find(f);
	kind = f->found.kind;
	if (kind == PT_BAD)
		return done(f, ACT_NONE, FAULT_CORRUPT);
	grow_stack(f);
	/* The kernel's own mappings have no VMA. A clear A bit needs none either. */
	if (kind == PT_LEAF && (!f->vma || lacks_accessed(f)))
		return leaf_fault(f);
	if (!f->vma)
		return done(f, ACT_NONE, FAULT_NO_VMA);
	if (!vma_permits(f))
		return done(f, ACT_NONE, FAULT_DENIED);
	if (f->as->has_shared && f->found.level == 0 && share_forbids(f->as, f->found.upper[1])) {
		result = end_sharing(f);
		if (result != FAULT_RETRY)
			return result;
		kind = f->found.kind;
	}
	if (kind == PT_LEAF)
		return is_first_write(f) ? break_write(f) : leaf_fault(f);
	if (kind == PT_SOFT && !is_fillable(f))
		return pageout ? pageout->fault(f) : done(f, ACT_NONE, FAULT_CORRUPT);
	return fill(f);
}

/* A separate function: no fault of a program comes here. */
static __attribute__((noinline)) void resolve_kernel(struct aspace *as, struct vm_fault *f)
{
	struct pt_slot own;
	enum sync sync;
	pte_t copied;

	if (!pt_va_valid(as->space.half[0].mode, f->fault.va)) {
		f->found.level = PT_MAX_LEVELS;
		done(f, ACT_NONE, FAULT_NO_VMA);
		return;
	}
	if (f->fault.from_user) {
		find(f);
		done(f, ACT_NONE, FAULT_DENIED);
		return;
	}
	sync = sync_kernel_entry(as, f->fault.va, &f->found, &f->after);
	if (sync == SYNC_COPIED) {
		done(f, ACT_SYNC, FAULT_FIXED);
		return;
	}
	f->as = &kernel_aspace;
	/* A table that is new in the reference is one that this root needs as well: one fault instead of two. */
	if (resolve(f) == FAULT_FIXED) {
		if (sync != SYNC_SAME)
			sync_kernel_entry(as, f->fault.va, &own, &copied);
		return;
	}
	/* A report shows the tables that the CPU walked. */
	f->as = as;
	(void)pt_lookup(&as->space, f->fault.va, 0, &f->found);
}

/* ---- the record ---- */

/* Copied in words. */
#define WORDS(p) __builtin_assume_aligned(p, sizeof(uint32_t))

PT_INLINE void record_vma(struct fault_record *r, const struct vma *v)
{
	r->vma_first = v ? v->first : 0;
	r->vma_last = v ? v->last : 0;
	r->vma_prot = v ? v->prot : 0;
	r->vma_name = v ? v->name : "";
}

/* In pieces that every compiler copies without a call. */
PT_INLINE void copy_outcome(char *to, const char *from)
{
	enum { PIECE = 64, SIZE = sizeof(FAULT_OUTCOME), REST = SIZE % PIECE };

	for (unsigned i = 0; i < SIZE - REST; i += PIECE)
		__builtin_memcpy(WORDS(to + i), WORDS(from + i), PIECE);
	__builtin_memcpy(WORDS(to + SIZE - REST), WORDS(from + SIZE - REST), REST);
}

PT_INLINE enum fault_result record(const struct vm_fault *f)
{
	struct fault_record *r = fault_log_next();

	copy_outcome((char *)r + offsetof(struct fault_record, fault), (const char *)f + offsetof(struct vm_fault, fault));
	r->aspace = f->as->id;
	r->root = f->as->space.half[0].root;
	record_vma(r, f->vma);
	fault_log.counts.slow++;
	if (f->result == FAULT_FIXED)
		fault_log.counts.action[f->action]++;
	else
		fault_log.counts.result[f->result]++;
	return f->result;
}

static void begin(struct aspace *as, struct vm_fault *f)
{
	f->as = as;
	f->vma = NULL;
	f->action = ACT_NONE;
	if (f->fault.va < USER_END)
		resolve(f);
	else
		resolve_kernel(as, f);
}

/* True: everything has to be looked up again, because the handler slept or because frames were freed. */
static __attribute__((noinline, cold)) bool again(struct vm_fault *f)
{
	if (f->result == FAULT_NO_MEMORY && pageout)
		f->result = pageout->make_room(f);
	return f->result == FAULT_RETRY;
}

/* A fault of a program has changed a level-0 entry: what the next faults need. */
static void prepare_next(struct aspace *as, const struct vm_fault *f)
{
	bool is_fill = f->action == ACT_ZERO_PAGE || f->action == ACT_DEMAND_ZERO || f->action == ACT_FILE_PAGE;

	if (fault_around > 1 && is_fill && f->found.kind == PT_EMPTY)
		fault_fill_around(as, f->vma, f->fault.va, f->fault.access, f->found.entry_pa);
	leaf_table_keep(as, f);
}

enum fault_result mm_fault(struct aspace *as, struct vm_fault *f)
{
	bool may_have_waited = false;

	as->faults++;
	for (;;) {
		begin(as, f);
		if (f->result == FAULT_FIXED)
			break;
		may_have_waited = true;
		if (!again(f))
			break;
	}
	if (may_have_waited && pageout)
		pageout->waited();
	if (as->recorded == RECORDED_FAULTS && f->result == FAULT_FIXED && f->fault.va < USER_END)
		recording->used(f);
	if (f->result == FAULT_FIXED && f->found.level == 0 && f->fault.va < USER_END)
		prepare_next(as, f);
	return record(f);
}

enum fault_result mm_fault_repair(struct aspace *as, struct vm_fault *f)
{
	f->as = as;
	f->vma = NULL;
	f->action = ACT_NONE;
	if (f->fault.va >= USER_END && !f->fault.from_user &&
	    sync_kernel_entry(as, f->fault.va, &f->found, &f->after) == SYNC_COPIED) {
		done(f, ACT_SYNC, FAULT_FIXED);
		return record(f);
	}
	f->as = f->fault.va >= USER_END ? &kernel_aspace : as;
	find(f);
	if (f->found.kind == PT_LEAF) {
		struct vma *v = f->vma;

		f->vma = NULL;          /* no copy, no reuse here */
		leaf_fault(f);
		f->vma = v;
	} else {
		done(f, ACT_NONE, FAULT_NO_VMA);
	}
	return record(f);
}
