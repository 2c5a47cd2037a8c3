/* mm/fault.c - one fault: who may, what is there, what to do about it.
 * SPDX-License-Identifier: MIT
 *
 * The order of the questions (DESIGN 6):
 *   kernel part?  user mode may not; an entry that only the reference has is copied (vmalloc)
 *   VMA?          none: nobody promised this address
 *   allowed?      by the VMA, not by the entry: entries are a cache
 *   entry?        empty: the backing fills it; read-only and written to: copy, reuse, or set W;
 *                 not accessed: set A where the CPU does not; permitting: the TLB was stale
 */
#include "mm/fault.h"
#include "arch/mmu.h"
#include "kernel/string.h"
#include "mm/cow.h"
#include "mm/direct.h"
#include "mm/fault_log.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/rmap.h"
#include "mm/vmalloc.h"

/* One fault on its way. */
struct walk {
	struct aspace *as;          /* whose tables: the kernel's for kernel addresses */
	struct fault_record *r;     /* the fault, and what the walk found */
	struct vma *vma;
};

static enum fault_result done(struct fault_record *r, enum fault_action action, enum fault_result result)
{
	r->action = action;
	return r->result = result;
}

static const struct pt_format *format_of(const struct walk *w)
{
	return w->as->space.mode->format;
}

/* mm_env.store() without the call. */
static inline void store_entry(paddr_t at, unsigned bytes, pte_t old, pte_t new, const char *why)
{
	journal_add(at, bytes, old, new, why);
	arch_entry_store(phys_to_virt(at), bytes, old.v, new.v);
}

/* ---- the kernel's part ---- */

/* Copies the entry of the sync level from the reference into this root, when only the reference has it. */
static bool sync_kernel_entry(struct aspace *as, vaddr_t va, struct fault_record *r)
{
	const struct pt_format *f = as->space.mode->format;
	struct pt_slot reference, own;

	if (as == &kernel_aspace || pt_find(&kernel_aspace.space, va, f->sync_level, &reference) != OK ||
	    pt_find(&as->space, va, f->sync_level, &own) != OK)
		return false;
	if (reference.level != own.level || own.entry.v || reference.kind != PT_TABLE)
		return false;
	store_entry(own.entry_pa, f->entry_bytes, own.entry, reference.entry, "sync");
	as->synced++;
	*r = (struct fault_record){ .sequence = r->sequence, .fault = r->fault, .aspace = as->id, .found = own,
	                            .after = reference.entry };
	return true;
}

/* ---- filling and changing level 0 ---- */

static enum fault_result make_tables(struct walk *w)
{
	paddr_t place;

	if (pt_ensure(&w->as->space, w->r->fault.va, 0, NULL, &place) != OK)
		return FAULT_NO_MEMORY;
	return pt_find(&w->as->space, w->r->fault.va, 0, &w->r->found) == OK ? FAULT_FIXED : FAULT_CORRUPT;
}

/* Puts leaf into va's entry of level 0, whose table is made when there is none. */
static inline enum fault_result store_leaf(struct walk *w, pte_t leaf, const char *why)
{
	const struct pt_slot *at = &w->r->found;
	enum fault_result result = at->level > 0 ? make_tables(w) : FAULT_FIXED;

	if (result != FAULT_FIXED)
		return result;
	store_entry(at->entry_pa, format_of(w)->entry_bytes, at->entry, leaf, why);
	w->r->after = leaf;
	return FAULT_FIXED;
}

/* A device may be where this format's entries do not reach. */
static bool within_reach(const struct pt_mode *mode, pfn_t pfn)
{
	pte_t leaf;

	return mode->format->make_leaf(mode, 0, pfn_base(pfn), PROT_R, &leaf) == OK;
}

/* Maps a page, whose record is f if it has one, as the range says. */
static enum fault_result map_page(struct walk *w, pfn_t pfn, const struct frame *f, bool writable, const char *why)
{
	pte_t leaf = w->vma->leaf[writable];

	if (!leaf.v || (!f && !within_reach(w->as->space.mode, pfn)))
		return FAULT_CORRUPT;
	if (w->vma->prot & PROT_X)
		kmap_sync_code(pfn);
	return store_leaf(w, pt_leaf_of(leaf, pfn), why);
}

static enum fault_result fill(struct walk *w)
{
	enum fault_action action = w->r->action;
	enum fault_result result;
	struct filling in;
	struct frame *f;

	result = (enum fault_result)w->vma->backing->fill(w->vma, w->r->fault.va, w->r->fault.access == ACCESS_WRITE, &in);
	if (result != FAULT_FIXED)
		return done(w->r, ACT_NONE, result);
	if (action != ACT_STACK_GROWTH)
		action = (enum fault_action)in.action;
	f = frame_counted(in.pfn);
	result = map_page(w, in.pfn, f, in.writable, fault_action_text((enum fault_action)in.action));
	if (result == FAULT_FIXED)
		rmap_count(w->as, w->r->fault.va, f);
	else if (f)
		frame_put(in.pfn);
	return done(w->r, action, result);
}

/* A write met an entry without W in a range that may be written. */
static enum fault_result break_write(struct walk *w)
{
	pfn_t old = pfn_of(w->r->found.page), new = old;
	struct frame *from = frame_counted(old), *to = from;
	enum fault_action action = cow_decide(w->vma, from);
	enum fault_result result;

	if (action != ACT_REUSE) {
		if (cow_copy(old, action, &new) != OK)
			return done(w->r, action, FAULT_NO_MEMORY);
		to = frame_at(new);
	}
	result = map_page(w, new, to, true, fault_action_text(action));
	arch_tlb_flush_page(w->r->fault.va);
	if (action == ACT_REUSE)
		return done(w->r, action, result);
	if (result != FAULT_FIXED) {
		frame_put(new);     /* the entry still names the old one */
		return done(w->r, action, result);
	}
	if (rmap_drop(w->as, w->r->fault.va, w->r->found.entry, from))
		frame_put(old);
	rmap_count(w->as, w->r->fault.va, to);
	return done(w->r, action, result);
}

/* ---- an entry is there ---- */

/* What the hardware checks on top of the entries' rights, for an access that the entries permit. */
static bool mode_denies(const struct walk *w, prot_t prot)
{
	const struct pt_mode *mode = w->as->space.mode;

	if (w->r->fault.from_user)
		return !(prot & PROT_U);
	return (prot & PROT_U) && (w->r->fault.access == ACCESS_EXECUTE ? mode->smep : mode->smap);
}

/* Everything permits what was refused: the TLB held something older. Twice in a row at the same instruction it is not
 * that, and going on would fault for ever. */
static enum fault_result stale(struct walk *w)
{
	static vaddr_t last_va, last_pc;
	static uint64_t last_sequence;
	bool again = last_va == w->r->fault.va && last_pc == w->r->fault.pc && last_sequence + 1 == w->r->sequence;

	last_va = w->r->fault.va;
	last_pc = w->r->fault.pc;
	last_sequence = w->r->sequence;
	arch_tlb_flush_page(w->r->fault.va);
	w->r->after = w->r->found.entry;
	return done(w->r, ACT_STALE_TLB, again ? FAULT_CORRUPT : FAULT_FIXED);
}

static bool permits(enum access access, prot_t prot)
{
	static const prot_t needs[] = {
		[ACCESS_READ] = PROT_R, [ACCESS_WRITE] = PROT_W, [ACCESS_EXECUTE] = PROT_X,
	};

	return prot & needs[access];
}

/* Where the CPU does not set A itself, an entry without it faults. With the entry's own rights: what the tables above take
 * away is theirs to give back. */
static enum fault_result set_accessed(struct walk *w)
{
	const struct pt_mode *mode = w->as->space.mode;
	const struct pt_slot *found = &w->r->found;
	prot_t own = (format_of(w)->prot(mode, 0, found->entry) & ~(prot_t)PROT_DIRTY) | PROT_ACCESSED;
	enum fault_result result;
	pte_t leaf;
	pfn_t pfn;

	own |= own & PROT_W ? PROT_DIRTY : 0;
	if (!format_of(w)->page(mode, found->entry, w->r->fault.va, &pfn) ||
	    format_of(w)->make_leaf(mode, 0, pfn_base(pfn), own, &leaf) != OK)
		return done(w->r, ACT_NONE, FAULT_CORRUPT);
	if (own & PROT_X)
		kmap_sync_code(pfn);
	result = store_leaf(w, leaf, "accessed");
	arch_tlb_flush_page(w->r->fault.va);
	return done(w->r, ACT_ACCESSED, result);
}

static bool lacks_accessed(const struct walk *w)
{
	return w->r->found.level == 0 && !(format_of(w)->caps & PT_HW_ACCESSED) &&
	       !(format_of(w)->prot(w->as->space.mode, 0, w->r->found.entry) & PROT_ACCESSED);
}

/* The commonest leaf to fault: a page of a writable range that nobody has written yet. */
static bool is_first_write(const struct walk *w)
{
	pte_t entry = w->r->found.entry;

	if (w->r->fault.access != ACCESS_WRITE || w->r->found.level > 0 || !w->vma || !(w->vma->prot & PROT_W))
		return false;
	/* An entry without W is what it is without W. */
	return !w->r->fault.reserved_bit && format_of(w)->write_protect(w->as->space.mode, 0, entry).v == entry.v;
}

static enum fault_result leaf_fault(struct walk *w)
{
	struct pt_walk walk;

	if (is_first_write(w))
		return break_write(w);
	pt_walk(&w->as->space, w->r->fault.va, &walk);
	if (walk.outcome != PT_LEAF)
		return done(w->r, ACT_NONE, FAULT_CORRUPT);
	if (lacks_accessed(w))
		return set_accessed(w);
	if (permits(w->r->fault.access, walk.prot) && !mode_denies(w, walk.prot) && !w->r->fault.reserved_bit)
		return stale(w);
	return done(w->r, ACT_NONE, FAULT_DENIED);
}

/* ---- the whole ---- */

static bool vma_permits(const struct walk *w)
{
	if (!w->vma || (w->vma->flags & VMA_GUARD) || !permits(w->r->fault.access, w->vma->prot))
		return false;
	return !w->r->fault.from_user || (w->vma->prot & PROT_U);
}

/* What each fault copies is copied in words. */
#define WORDS(p) __builtin_assume_aligned(p, sizeof(uint32_t))

static inline void find(struct walk *w)
{
	struct fault_record *r = w->r;
	const struct vma *v = w->vma = vma_find(w->as, w->r->fault.va);

	(void)pt_find(&w->as->space, w->r->fault.va, 0, &r->found);      /* where no table could be read, its kind says so */
	r->aspace = w->as->id;
	r->after = r->found.entry;
	r->vma_first = v ? v->first : 0;
	r->vma_last = v ? v->last : 0;
	r->vma_prot = v ? v->prot : 0;
	if (v)
		__builtin_memcpy(WORDS(r->vma_name), WORDS(v->name), sizeof(r->vma_name));
	else
		r->vma_name[0] = 0;
}

/* An address below a range that grows downwards extends it, page by page to where it was touched. */
static void grow_stack(struct walk *w)
{
	if (w->vma || w->r->found.kind > PT_SOFT)
		return;
	w->vma = vma_grow(w->as, w->r->fault.va);
	if (w->vma)
		w->r->action = ACT_STACK_GROWTH;
}

static enum fault_result resolve(struct walk *w)
{
	enum pt_kind kind;

	find(w);
	kind = w->r->found.kind;
	if (kind == PT_BAD)
		return done(w->r, ACT_NONE, FAULT_CORRUPT);
	grow_stack(w);
	/* The kernel's own mappings have no VMA; and where the CPU sets A, it asks none. */
	if (kind == PT_LEAF && (!w->vma || lacks_accessed(w)))
		return leaf_fault(w);
	if (!w->vma)
		return done(w->r, ACT_NONE, FAULT_NO_VMA);
	if (!vma_permits(w))
		return done(w->r, ACT_NONE, FAULT_DENIED);
	if (kind == PT_LEAF)
		return leaf_fault(w);
	/* A software entry other than demand-zero says that the page is somewhere else; nobody here puts one there
	 * yet. */
	if (kind == PT_SOFT && !soft_is_empty(w->as->space.mode, w->r->found.level, w->r->found.entry))
		return done(w->r, ACT_NONE, FAULT_CORRUPT);
	return fill(w);
}

/* Apart from the rest, which is on the way of every program's fault. */
static __attribute__((noinline)) enum fault_result resolve_kernel(struct aspace *as, struct fault_record *r)
{
	struct walk w = { .as = as, .r = r };
	enum fault_result result;

	fault_log_forget(r);
	if (!pt_va_valid(as->space.mode, r->fault.va))
		return done(r, ACT_NONE, FAULT_NO_VMA);
	if (r->fault.from_user) {
		find(&w);
		return done(r, ACT_NONE, FAULT_DENIED);
	}
	if (sync_kernel_entry(as, r->fault.va, r))
		return done(r, ACT_SYNC, FAULT_FIXED);
	w.as = &kernel_aspace;
	result = resolve(&w);
	/* A page that is new in the reference is one that this root needs as well: one fault instead of two. */
	if (result == FAULT_FIXED && as != &kernel_aspace) {
		struct fault_record unused = { .sequence = 0 };

		sync_kernel_entry(as, r->fault.va, &unused);
	}
	return result;
}

enum fault_result mm_fault(struct aspace *as, struct fault_record *r)
{
	struct walk w = { .as = as, .r = r };

	as->faults++;
	if (r->fault.va < USER_END)
		resolve(&w);
	else
		resolve_kernel(as, r);
	fault_log_count(r);
	return r->result;
}

enum fault_result mm_fault_repair(struct aspace *as, struct fault_record *r)
{
	const struct fault *fault = &r->fault;
	struct walk w = { .as = fault->va >= USER_END ? &kernel_aspace : as, .r = r };

	if (fault->va >= USER_END && !fault->from_user && sync_kernel_entry(as, fault->va, r)) {
		done(r, ACT_SYNC, FAULT_FIXED);
	} else {
		find(&w);
		w.vma = NULL;       /* no copy, no reuse here */
		if (r->found.kind == PT_LEAF)
			leaf_fault(&w);
		else
			done(r, ACT_NONE, FAULT_NO_VMA);
	}
	fault_log_count(r);
	return r->result;
}
