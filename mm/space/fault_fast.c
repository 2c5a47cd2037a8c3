/* mm/space/fault_fast.c - the fast path of page faults: the most frequent faults of programs, in one function.
 * SPDX-License-Identifier: MIT
 *
 * They are accesses of user mode to private anonymous memory that is not executable, and translated by the level-0 table of the
 * fault before (struct leaf_table):
 *   first read      the entry is empty: maps the shared zero frame
 *   first write     the entry is empty: maps a zeroed frame
 *   copy on write   the entry maps a page read-only: maps a copy, or a zeroed frame in place of the shared one, or makes the page
 *                   writable
 * and reads of a page that is in the page cache: of a file, or of a section.
 * mm_fault() handles the same faults, with the same result, record and journal (tests/host/mm/test_space_fast.c compares them), and
 * all others. What makes this path fast is that nothing is handed from function to function in memory.
 */
#include "arch/mmu.h"
#include "lib/string.h"
#include "mm/phys/table.h"
#include "mm/space/cow.h"
#include "mm/space/fault_impl.h"
#include "mm/space/fault_log.h"
#include "mm/space/recording.h"
#include "mm/space/rmap.h"

uint64_t leaf_frame, leaf_varies, leaf_accessed, object_leaf[2];

static uint64_t frame_bits(const struct pt_mode *mode)
{
	uint64_t all = mode->pa_bits < 64 ? ((uint64_t)1 << mode->pa_bits) - 1 : ~(uint64_t)0;

	return all & ~(uint64_t)PAGE_MASK;
}

/* Bits by which an attribute changes a leaf. A clear A bit that the CPU does not set is a fault of its own. */
static uint64_t bits_of(const struct pt_mode *mode, prot_t attribute)
{
	const prot_t base = PROT_R | PROT_U | PROT_ACCESSED;
	pte_t with, without;

	if (mode->format->make_leaf(mode, 0, PADDR(0), base | attribute, &with) != OK ||
	    mode->format->make_leaf(mode, 0, PADDR(0), base & ~attribute, &without) != OK)
		return 0;
	return with.v ^ without.v;
}

void fault_fast_init(void)
{
	const struct pt_mode *mode = arch_pt_mode();

	leaf_frame = frame_bits(mode);
	leaf_varies = leaf_frame | bits_of(mode, PROT_DIRTY) | bits_of(mode, PROT_COW);
	leaf_accessed = mode->hw_accessed ? bits_of(mode, PROT_ACCESSED) : 0;
	leaf_varies |= leaf_accessed;
	object_leaf[false] = object_leaf_at(mode, false, PFN(0)).v;
	object_leaf[true] = object_leaf_at(mode, true, PFN(0)).v;
}

/* The VMA permits its program the access and a frame is all that a PTE of it lacks. */
static bool is_plain(const struct vma *v)
{
	return v->as != &kernel_aspace && (v->prot & (PROT_R | PROT_X | PROT_U)) == (PROT_R | PROT_U) &&
	       (v->as->space.half[0].mode->format->caps & PT_FRAME_IN_PLACE) && v->leaf[false].v;
}

static bool is_private_anon(const struct vma *v)
{
	return v->backing == &backing_anon && !(v->flags & (VMA_SHARED | VMA_GUARD)) && v->leaf[true].v && zero_frame.v;
}

void fault_fast_prepare(struct vma *v)
{
	v->fast = 0;
	if (!is_plain(v))
		return;
	if (is_private_anon(v)) {
		v->zero_leaf = pt_leaf_at(v->as->space.half[0].mode, v->leaf[false], zero_frame);
		v->fast = (uint8_t)(1u << ACCESS_READ | (v->prot & PROT_W ? 1u << ACCESS_WRITE : 0));
	} else if (v->object) {
		v->fast = VMA_FAST_CACHED;
	}
}

/* ---- the table ---- */

PT_INLINE bool is_kept(const struct leaf_table *t, vaddr_t va, unsigned bytes)
{
	return va - t->first < t->bytes && pt_entry_at(t->above_at, bytes).v == t->above.v && t->edits == table_edits;
}

/* Two faults in one table, one after the other: a single one says nothing about the next, and keeping a table takes a walk. */
static bool is_second_miss(struct leaf_table *t, const struct pt_format *f, vaddr_t va)
{
	vaddr_t before = t->last;

	t->last = va;
	return !((va ^ before) >> f->level[1].shift);
}

void leaf_table_keep(struct aspace *as, const struct vm_fault *f)
{
	const struct pt_mode *mode = as->space.half[0].mode;
	struct leaf_table *t = &as->leaf;
	struct pt_slot above;

	if (is_kept(t, f->fault.va, mode->format->entry_bytes))
		return;
	fault_log.counts.misses++;
	if (!is_second_miss(t, mode->format, f->fault.va))
		return;
	t->bytes = 0;
	/* A recorder has to see every fault. */
	if (as->recorded == RECORDED_FAULTS || !pt_is_one_tree(&as->space) ||
	    pt_lookup(&as->space, f->fault.va, 1, &above) != OK || above.kind != PT_TABLE)
		return;
	/* Below a shared table, a change needs a copy of it first. */
	if (share_forbids(as, above.entry))
		return;
	t->table_pa = pt_output(mode, 1, above.entry, f->fault.va).pa;
	t->table = phys_to_virt(t->table_pa);
	t->counts = counts_at(as, t->table_pa);
	t->above_at = phys_to_virt(above.entry_pa);
	t->above = above.entry;
	t->edits = table_edits;
	t->entry_bytes = mode->format->entry_bytes;
	t->bytes = (vaddr_t)pt_level_size(mode->format, 1);
	t->first = ALIGN_DOWN(f->fault.va, t->bytes);
	memcpy(t->upper, above.upper, sizeof(t->upper));
	t->upper[1] = above.entry;
}

/* ---- frames ---- */

/* A writable page in place of the read-only one of `from`. NULL: left to mm_fault(). */
PT_INLINE struct frame *writable_page(struct frame *from, enum fault_action action)
{
	pfn_t pfn;

	if (action == ACT_REUSE)
		return from->slotted ? NULL : from;
	if (action == ACT_REPLACE_ZERO)
		return fault_zeroed_frame();
	return cow_copy(frame_pfn(from), action, &pfn) == OK ? frame_at(pfn) : NULL;
}

/* ---- the whole ---- */

PT_INLINE void note(struct aspace *as, struct fault_record *r, const struct vma *v, enum fault_action action, unsigned bytes)
{
	const unsigned levels = bytes == sizeof(uint32_t) ? 2 : sizeof(uintptr_t) == sizeof(uint32_t) ? 3 : PT_MAX_LEVELS;

	r->sequence = ++fault_log.added;
	r->trap[0] = 0;
	r->brief = true;
	r->action = action;
	r->result = FAULT_FIXED;
	for (unsigned level = 1; level < levels; level++)
		r->found.upper[level] = as->leaf.upper[level];
	r->aspace = as->id;
	r->root = as->space.half[0].root;
	r->vma_first = v->first;
	r->vma_last = v->last;
	r->vma_prot = v->prot;
	r->vma_name = v->name;
	fault_log.counts.action[action]++;
	as->faults++;
}

/* Stores the new PTE, with its record and its place in the journal. */
PT_INLINE void finish(struct aspace *as, struct fault_record *r, const struct vma *v, char *at, pte_t old, pte_t new,
                      enum fault_action action, unsigned bytes)
{
	paddr_t pa = paddr_add(as->leaf.table_pa, (vaddr_t)(at - as->leaf.table));

	table_store_at(at, pa, bytes, old, new, fault_action_words[action]);
	r->found.entry_pa = pa;
	r->found.entry = old;
	r->after = new;
	note(as, r, v, action, bytes);
}

/* The entry of the fault is filled. */
PT_INLINE bool filled(struct aspace *as, const struct fault_record *r, const struct vma *v)
{
	if (fault_around > 1)
		fault_fill_around(as, v, r->fault.va, r->fault.access, r->found.entry_pa);
	return true;
}

PT_INLINE bool first_read(struct aspace *as, struct fault_record *r, const struct vma *v, char *at, unsigned bytes)
{
	struct frame *zero = zero_record;

	if (zero->refs == UINT32_MAX)
		return false;
	zero->refs++;
	zero->maps++;
	finish(as, r, v, at, PTE(0), v->zero_leaf, ACT_ZERO_PAGE, bytes);
	return filled(as, r, v);
}

PT_INLINE bool read_cached(struct aspace *as, struct fault_record *r, const struct vma *v, char *at, unsigned bytes)
{
	uint64_t frame;

	if (!fault_cached_frame(v->object, object_index(v, r->fault.va), bytes, &frame))
		return false;
	finish(as, r, v, at, PTE(0), PTE(v->leaf[false].v | frame), ACT_FILE_PAGE, bytes);
	return filled(as, r, v);
}

PT_INLINE bool first_write(struct aspace *as, struct fault_record *r, const struct vma *v, char *at, unsigned bytes)
{
	struct frame *f = fault_zeroed_frame();

	if (!f)
		return false;
	fault_own(as, as->leaf.counts, r->fault.va, f);
	finish(as, r, v, at, PTE(0), PTE(v->leaf[true].v | pfn_base(frame_pfn(f)).v), ACT_DEMAND_ZERO, bytes);
	return filled(as, r, v);
}

PT_INLINE bool break_write(struct aspace *as, struct fault_record *r, struct vma *v, char *at, pte_t old, unsigned bytes)
{
	struct frame *from = frame_counted(PFN((old.v & leaf_frame) >> PAGE_SHIFT)), *to;
	enum fault_action action;

	/* The entry must be that of a page of this VMA, present and read-only. */
	if ((old.v ^ v->leaf[false].v) & ~leaf_varies || !from || !from->maps)
		return false;
	action = cow_decide(v, from);
	to = writable_page(from, action);
	if (!to)
		return false;
	finish(as, r, v, at, old, PTE(v->leaf[true].v | pfn_base(frame_pfn(to)).v), action, bytes);
	/* The TLB may have the read-only entry: the write would fault again. */
	arch_tlb_flush_page(r->fault.va);
	if (to == from)
		return true;
	/* Only after the flush, because the last reference frees the frame. */
	from->maps--;
	if (!frame_is_object(from))
		as->leaf.counts->committed--;
	pageout_put(from);
	fault_own(as, as->leaf.counts, r->fault.va, to);
	return true;
}

/* Two copies of each function, so that the size of an entry is a constant. The kinds of faults are functions of their own, because
 * together they would need more registers than a 32-bit x86 has. */
#define FAST_PATH(bytes) \
	static __attribute__((noinline)) bool write_##bytes(struct aspace *as, struct fault_record *r, struct vma *v, char *at) \
	{ \
		return first_write(as, r, v, at, bytes); \
	} \
	static __attribute__((noinline)) bool break_##bytes(struct aspace *as, struct fault_record *r, struct vma *v, char *at) \
	{ \
		return break_write(as, r, v, at, pt_entry_at(at, bytes), bytes); \
	} \
	static bool fast_##bytes(struct aspace *as, struct fault_record *r, struct vma *v, vaddr_t va) \
	{ \
		char *at = as->leaf.table + ((va - as->leaf.first) >> PAGE_SHIFT) * (bytes); \
		if (!is_kept(&as->leaf, va, bytes)) \
			return false; \
		if (pt_entry_at(at, bytes).v) \
			return r->fault.access == ACCESS_WRITE && break_##bytes(as, r, v, at); \
		if (r->fault.access == ACCESS_WRITE) \
			return write_##bytes(as, r, v, at); \
		return first_read(as, r, v, at, bytes); \
	} \
	static bool cached_##bytes(struct aspace *as, struct fault_record *r, struct vma *v, vaddr_t va) \
	{ \
		char *at = as->leaf.table + ((va - as->leaf.first) >> PAGE_SHIFT) * (bytes); \
		return is_kept(&as->leaf, va, bytes) && !pt_entry_at(at, bytes).v && read_cached(as, r, v, at, bytes); \
	}
FAST_PATH(4)
FAST_PATH(8)

static __attribute__((noinline)) bool fast_cached(struct aspace *as, struct fault_record *r, struct vma *v)
{
	if (v->fast != VMA_FAST_CACHED || r->fault.access != ACCESS_READ || r->fault.reserved_bit)
		return false;
	if (as->leaf.entry_bytes == sizeof(uint32_t))
		return cached_4(as, r, v, r->fault.va);
	return cached_8(as, r, v, r->fault.va);
}

bool fault_fast(struct aspace *as, struct fault *at_place)
{
	struct fault_record *r = container_of(at_place, struct fault_record, fault);
	vaddr_t va = at_place->va;
	struct vma *v;

	if (va - as->leaf.first >= as->leaf.bytes)
		return false;
	v = vma_find(as, va);
	if (!v)
		return false;
	if (!(v->fast >> at_place->access & 1) || at_place->reserved_bit)
		return fast_cached(as, r, v);
	if (as->leaf.entry_bytes == sizeof(uint32_t))
		return fast_4(as, r, v, va);
	return fast_8(as, r, v, va);
}
