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
#include "mm/fault_log.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/rmap.h"
#include "mm/vmalloc.h"

/* One fault on its way: what was found so far. */
struct walk {
	struct aspace *as;          /* whose tables: the kernel's for kernel addresses */
	const struct fault *fault;
	struct fault_record *r;
	struct vma *vma;
	unsigned level;
	pte_t entry;
	enum pt_kind kind;
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

/* ---- the kernel's part ---- */

/* Copies the entry of the sync level from the reference into this root, when only the reference has it. */
static bool sync_kernel_entry(struct aspace *as, uint64_t va, struct fault_record *r)
{
	const struct pt_format *f = as->space.mode->format;
	unsigned level = f->sync_level, theirs = f->sync_level;
	paddr_t from, at;
	pte_t reference, own;

	if (as == &kernel_aspace || pt_slot(&kernel_aspace.space, va, &level, &from, &reference) != OK ||
	    pt_slot(&as->space, va, &theirs, &at, &own) != OK)
		return false;
	if (level != theirs || own.v || f->kind(as->space.mode, level, reference) != PT_TABLE)
		return false;
	mm_env.store(NULL, at, f->entry_bytes, own, reference, "sync");
	as->synced++;
	*r = (struct fault_record){ .sequence = r->sequence, .fault = r->fault, .aspace = as->id, .level = (uint8_t)level,
	                            .entry_pa = at, .before = own, .after = reference };
	return true;
}

/* ---- filling and changing level 0 ---- */

static enum fault_result store_leaf(struct walk *w, pfn_t pfn, prot_t prot, const char *why)
{
	const struct pt_mode *mode = w->as->space.mode;
	prot_t state = PROT_ACCESSED | (prot & PROT_W ? PROT_DIRTY : 0);
	pte_t leaf;
	paddr_t at = w->r->entry_pa;

	if (format_of(w)->make_leaf(mode, 0, pfn_base(pfn), prot | state, &leaf) != OK)
		return FAULT_CORRUPT;
	if (w->level > 0) {
		pte_t now;

		if (pt_ensure(&w->as->space, w->fault->va, 0, NULL, &at) != OK)
			return FAULT_NO_MEMORY;
		if (mm_env.read(NULL, at, format_of(w)->entry_bytes, &now) != OK)
			return FAULT_CORRUPT;
		w->entry = w->r->before = now;
		w->r->entry_pa = at;
		w->r->level = 0;
	}
	if (prot & PROT_X)
		kmap_sync_code(pfn);
	mm_env.store(NULL, at, format_of(w)->entry_bytes, w->entry, leaf, why);
	w->r->after = leaf;
	return FAULT_FIXED;
}

static enum fault_result fill(struct walk *w)
{
	bool grew = w->r->action == ACT_STACK_GROWTH;
	int action = ACT_NONE;
	prot_t prot;
	pfn_t pfn;
	enum fault_result result = (enum fault_result)w->vma->backing->fill(
		w->vma, w->fault->va, w->fault->access == ACCESS_WRITE, &pfn, &prot, &action);

	if (result != FAULT_FIXED)
		return done(w->r, ACT_NONE, result);
	result = store_leaf(w, pfn, prot, fault_action_text((enum fault_action)action));
	if (result == FAULT_FIXED)
		rmap_add(w->as, w->fault->va, pfn);
	else if (frame_counted(pfn))
		frame_put(pfn);
	return done(w->r, grew ? ACT_STACK_GROWTH : (enum fault_action)action, result);
}

/* A write met an entry without W in a range that may be written. */
static enum fault_result break_write(struct walk *w)
{
	pfn_t old = pfn_of(format_of(w)->target(w->as->space.mode, 0, w->entry, w->fault->va).pa), new = old;
	enum fault_action action = cow_decide(w->vma, old);
	enum fault_result result = FAULT_FIXED;

	if (action != ACT_REUSE && cow_copy(old, action, &new) != OK)
		return done(w->r, action, FAULT_NO_MEMORY);
	result = store_leaf(w, new, w->vma->prot, fault_action_text(action));
	arch_tlb_flush_page(w->fault->va);
	if (new.v == old.v)
		return done(w->r, action, result);
	if (result != FAULT_FIXED) {
		frame_put(new);     /* the entry still names the old one */
		return done(w->r, action, result);
	}
	if (rmap_drop(w->as, w->fault->va, w->entry, old))
		frame_put(old);
	rmap_add(w->as, w->fault->va, new);
	return done(w->r, action, result);
}

/* ---- an entry is there ---- */

/* What the hardware checks on top of the entries' rights, for an access that the entries permit. */
static bool mode_denies(const struct walk *w, prot_t prot)
{
	const struct pt_mode *mode = w->as->space.mode;

	if (w->fault->from_user)
		return !(prot & PROT_U);
	return (prot & PROT_U) && (w->fault->access == ACCESS_EXECUTE ? mode->smep : mode->smap);
}

/* Everything permits what was refused: the TLB held something older. Twice in a row at the same instruction it is not
 * that, and going on would fault for ever. */
static enum fault_result stale(struct walk *w)
{
	static uint64_t last_va, last_pc, last_sequence;
	bool again = last_va == w->fault->va && last_pc == w->fault->pc && last_sequence + 1 == w->r->sequence;

	last_va = w->fault->va;
	last_pc = w->fault->pc;
	last_sequence = w->r->sequence;
	arch_tlb_flush_page(w->fault->va);
	w->r->after = w->entry;
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
	prot_t own = format_of(w)->prot(mode, 0, w->entry);
	enum fault_result result;
	pfn_t pfn;

	if (!format_of(w)->page(mode, w->entry, w->fault->va, &pfn))
		return done(w->r, ACT_NONE, FAULT_CORRUPT);
	result = store_leaf(w, pfn, own & ~(prot_t)PROT_DIRTY, "accessed");
	arch_tlb_flush_page(w->fault->va);
	return done(w->r, ACT_ACCESSED, result);
}

static bool lacks_accessed(const struct walk *w)
{
	return w->level == 0 && !(format_of(w)->caps & PT_HW_ACCESSED) &&
	       !(format_of(w)->prot(w->as->space.mode, 0, w->entry) & PROT_ACCESSED);
}

/* The commonest leaf to fault: a page of a writable range that nobody has written yet. */
static bool is_first_write(const struct walk *w)
{
	return w->fault->access == ACCESS_WRITE && w->level == 0 && w->vma && (w->vma->prot & PROT_W) &&
	       !w->fault->reserved_bit && !(format_of(w)->prot(w->as->space.mode, 0, w->entry) & PROT_W);
}

static enum fault_result leaf_fault(struct walk *w)
{
	struct pt_walk walk;

	if (is_first_write(w))
		return break_write(w);
	pt_walk(&w->as->space, w->fault->va, &walk);
	if (walk.outcome != PT_LEAF)
		return done(w->r, ACT_NONE, FAULT_CORRUPT);
	if (lacks_accessed(w))
		return set_accessed(w);
	if (permits(w->fault->access, walk.prot) && !mode_denies(w, walk.prot) && !w->fault->reserved_bit)
		return stale(w);
	return done(w->r, ACT_NONE, FAULT_DENIED);
}

/* ---- the whole ---- */

static bool vma_permits(const struct walk *w)
{
	if (!w->vma || (w->vma->flags & VMA_GUARD) || !permits(w->fault->access, w->vma->prot))
		return false;
	return !w->fault->from_user || (w->vma->prot & PROT_U);
}

static void find(struct walk *w)
{
	struct fault_record *r = w->r;

	w->vma = vma_find(w->as, w->fault->va);
	w->level = 0;
	if (pt_slot(&w->as->space, w->fault->va, &w->level, &r->entry_pa, &w->entry) != OK)
		w->kind = PT_BAD;
	else
		w->kind = format_of(w)->kind(w->as->space.mode, w->level, w->entry);
	r->aspace = w->as->id;
	r->level = (uint8_t)w->level;
	r->before = r->after = w->entry;
	if (!w->vma)
		return;
	r->vma_first = w->vma->first;
	r->vma_last = w->vma->last;
	r->vma_prot = w->vma->prot;
	__builtin_memcpy(r->vma_name, w->vma->name, sizeof(r->vma_name));
}

/* An address below a range that grows downwards extends it, page by page to where it was touched. */
static void grow_stack(struct walk *w)
{
	if (w->vma || w->kind > PT_SOFT)
		return;
	w->vma = vma_grow(w->as, w->fault->va);
	if (w->vma)
		w->r->action = ACT_STACK_GROWTH;
}

static enum fault_result resolve(struct walk *w)
{
	find(w);
	if (w->kind == PT_BAD)
		return done(w->r, ACT_NONE, FAULT_CORRUPT);
	grow_stack(w);
	/* The kernel's own mappings have no VMA; and where the CPU sets A, it asks none. */
	if (w->kind == PT_LEAF && (!w->vma || lacks_accessed(w)))
		return leaf_fault(w);
	if (!w->vma)
		return done(w->r, ACT_NONE, FAULT_NO_VMA);
	if (!vma_permits(w))
		return done(w->r, ACT_NONE, FAULT_DENIED);
	if (w->kind == PT_LEAF)
		return leaf_fault(w);
	/* A software entry other than demand-zero says that the page is somewhere else; nobody here puts one there
	 * yet. */
	if (w->kind == PT_SOFT && !soft_is_empty(w->as->space.mode, w->level, w->entry))
		return done(w->r, ACT_NONE, FAULT_CORRUPT);
	return fill(w);
}

static enum fault_result fault_in(struct aspace *as, const struct fault *fault, struct fault_record *r)
{
	struct walk w = { .as = as, .fault = fault, .r = r };
	bool kernel_part = fault->va >= USER_END;
	enum fault_result result;

	if (!kernel_part)
		return resolve(&w);
	if (!pt_va_valid(as->space.mode, fault->va))
		return done(r, ACT_NONE, FAULT_NO_VMA);
	if (fault->from_user) {
		find(&w);
		return done(r, ACT_NONE, FAULT_DENIED);
	}
	if (sync_kernel_entry(as, fault->va, r))
		return done(r, ACT_SYNC, FAULT_FIXED);
	w.as = &kernel_aspace;
	result = resolve(&w);
	/* A page that is new in the reference is one that this root needs as well: one fault instead of two. */
	if (result == FAULT_FIXED && as != &kernel_aspace) {
		struct fault_record unused = { .sequence = 0 };

		sync_kernel_entry(as, fault->va, &unused);
	}
	return result;
}

enum fault_result mm_fault(struct aspace *as, const struct fault *fault)
{
	struct fault_record *r = fault_log_new(fault);

	as->faults++;
	fault_in(as, fault, r);
	fault_log_count(r);
	return r->result;
}

enum fault_result mm_fault_repair(struct aspace *as, const struct fault *fault)
{
	struct fault_record *r = fault_log_new(fault);
	struct walk w = { .as = fault->va >= USER_END ? &kernel_aspace : as, .fault = fault, .r = r };

	if (fault->va >= USER_END && !fault->from_user && sync_kernel_entry(as, fault->va, r)) {
		done(r, ACT_SYNC, FAULT_FIXED);
	} else {
		find(&w);
		w.vma = NULL;       /* no copy, no reuse here */
		if (w.kind == PT_LEAF)
			leaf_fault(&w);
		else
			done(r, ACT_NONE, FAULT_NO_VMA);
	}
	fault_log_count(r);
	return r->result;
}
