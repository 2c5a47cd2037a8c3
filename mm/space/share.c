/* mm/space/share.c - leaf tables that several address spaces use after fork().
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/share.h"
#include "arch/mmu.h"
#include "mm/phys/env.h"
#include "mm/phys/table.h"
#include "mm/space/entries.h"
#include "mm/space/vma.h"

unsigned share_least = 16;

bool share_is_possible(const struct pt_mode *mode)
{
	return pt_can_forbid_writes(mode->format) && pt_table_bytes(mode->format, 0) == PAGE_SIZE;
}

static uint64_t reach_of(const struct aspace *as)
{
	return pt_level_size(as->space.half[0].mode->format, 1);
}

/* Finds the entry above the leaf table of `va`. NULL: there is no such table, or it was never shared. */
static struct frame *find(const struct aspace *as, uint64_t va, struct pt_slot *upper)
{
	struct frame *f;

	if (!as->has_shared || pt_lookup(&as->space, va, 1, upper) != OK || upper->level != 1 || upper->kind != PT_TABLE)
		return NULL;
	f = leaf_table_at(pt_output(as->space.half[0].mode, 1, upper->entry, va).pa);
	return f && f->sharers ? f : NULL;
}

err_t share_table(struct aspace *from, struct aspace *to, uint64_t va, bool *changed)
{
	const struct pt_mode *mode = from->space.half[0].mode;
	struct pt_slot upper;
	struct frame *f;
	paddr_t at;
	pte_t shared;
	err_t err = pt_lookup(&from->space, va, 1, &upper);

	if (err == OK)
		err = pt_ensure(&to->space, va, 1, NULL, &at);
	if (err != OK)
		return err;
	f = leaf_table_at(pt_output(mode, 1, upper.entry, va).pa);
	ASSERT(f != NULL);
	shared = pt_table_read_only(mode->format, upper.entry);
	if (!f->sharers) {
		table_store(upper.entry_pa, mode->format->entry_bytes, upper.entry, shared, "fork: read-only");
		f->sharers = 1;
		*changed = true;
	}
	table_store(at, mode->format->entry_bytes, PTE(0), shared, "fork");
	f->sharers++;
	to->tables[0]++;
	from->has_shared = to->has_shared = true;
	return OK;
}

/* ---- the end of sharing ---- */

/* Takes W from all entries of a table, before the entry above it permits writes. No TLB has a translation that permits them. */
static void protect_table(struct aspace *as, uint64_t va, paddr_t table)
{
	const struct pt_mode *mode = as->space.half[0].mode;
	unsigned bytes = mode->format->entry_bytes, n;

	for (unsigned i = 0; (n = pte_batch(table, &i, pt_level_entries(mode->format, 0))) > 0; i += n) {
		const char *from = (const char *)entries_at(table) + i * bytes;
		uint64_t row[PTE_BATCH_MAX];
		uint32_t frame[PTE_BATCH_MAX];

		if (mode->format->share(mode, from, row, n, va + (uint64_t)i * PAGE_SIZE, frame))
			table_store_row(paddr_add(table, (uint64_t)i * bytes), bytes, row, n, "own table: read-only");
	}
}

/* The original's entries stay as they are: the entries above it forbid writes. */
static err_t copy_table(struct aspace *as, uint64_t va, paddr_t from, paddr_t *to)
{
	err_t err = env_table_to_fill(to);

	if (err == OK)
		entries_copy(as, counts_at(as, *to), va, entries_at(from), *to, "own table");
	return err;
}

/* Only the loaded space can have entries in the TLB. After a copy, all of them are flushed: a CPU may use the address of the table
 * from which it has read an entry (to set flags in it), and the table is freed when the other spaces leave it. */
static void flush(const struct aspace *as, uint64_t va, bool copied)
{
	if (as != current_aspace)
		return;
	if (copied)
		arch_tlb_flush_all();
	else
		arch_tlb_flush_page((vaddr_t)va);
	if (!copied && arch_selfmap_base())
		arch_tlb_flush_page(pt_selfmap_entry(as->space.half[0].mode, arch_selfmap_base(), va, 0));
}

/* The table of which `as` is the last user. */
static void keep_table(struct aspace *as, uint64_t va, struct frame *f)
{
	if (f->copied)
		protect_table(as, va, pfn_base(frame_pfn(f)));
	f->copied = false;
}

err_t share_end(struct aspace *as, uint64_t va)
{
	const struct pt_mode *mode = as->space.half[0].mode;
	uint64_t first = ALIGN_DOWN(va, reach_of(as));
	struct pt_slot upper;
	struct frame *f = find(as, va, &upper);
	bool copies = f && f->sharers > 1;
	paddr_t table;
	err_t err;

	if (!f)
		return OK;
	table = pfn_base(frame_pfn(f));
	err = copies ? copy_table(as, first, table, &table) : OK;
	if (err != OK)
		return err;
	if (copies)
		f->copied = true;
	else
		keep_table(as, first, f);
	f->sharers--;
	table_store(upper.entry_pa, mode->format->entry_bytes, upper.entry, mode->format->make_table(mode, 1, table, va),
	            "own table");
	flush(as, va, copies);
	/* Which space stored prototype entries in the table is not known. */
	as->has_prototypes = true;
	return OK;
}

err_t share_end_range(struct aspace *as, uint64_t first, uint64_t len)
{
	struct entries_part p = { .next = first };
	err_t err = OK;

	while (err == OK && as->has_shared && entries_part(&as->space, first + (len - 1), &p))
		err = share_end(as, p.va);
	return err;
}

/* True if the range contains all addresses that the leaf table of `va` translates. */
static bool contains_table(const struct aspace *as, uint64_t first, uint64_t len, uint64_t va)
{
	uint64_t base = ALIGN_DOWN(va, reach_of(as));

	return base >= first && base + (reach_of(as) - 1) <= first + (len - 1);
}

err_t share_end_bounds(struct aspace *as, uint64_t first, uint64_t len)
{
	const uint64_t bound[] = { first, first + (len - 1) };
	err_t err = OK;

	for (unsigned i = 0; err == OK && as->has_shared && i < ARRAY_LEN(bound); i++)
		if (!contains_table(as, first, len, bound[i]))
			err = share_end(as, bound[i]);
	return err;
}

bool share_leave(struct aspace *as, uint64_t va, const char *why)
{
	struct pt_slot upper;
	struct frame *f = find(as, va, &upper);

	if (!f || f->sharers < 2)
		return false;
	table_store(upper.entry_pa, as->space.half[0].mode->format->entry_bytes, upper.entry, PTE(0), why);
	f->sharers--;
	as->tables[0]--;
	return true;
}

void share_leave_range(struct aspace *as, uint64_t first, uint64_t len)
{
	struct entries_part p = { .next = first };
	bool left = false;

	while (as->has_shared && entries_part(&as->space, first + (len - 1), &p))
		if (contains_table(as, first, len, p.va))
			left |= share_leave(as, p.va, "unmap");
	if (left && as == current_aspace)
		arch_tlb_flush_all();
}

/* ---- counting ---- */

void share_keep_counts(struct aspace *as, paddr_t table)
{
	struct frame *f = as->counts_in_tables ? leaf_table_at(table) : NULL;

	if (!f || f->sharers > 1)
		return;
	as->counts.committed += f->counts.committed;
	as->counts.softs += f->counts.softs;
	f->counts = (struct page_counts){ 0 };
}

static void add(struct table_counts *n, const struct page_counts *counts)
{
	n->committed += counts->committed;
	n->softs += counts->softs;
}

struct table_counts aspace_counts(const struct aspace *as, struct table_counts *own)
{
	struct table_counts all = { .committed = as->counts.committed, .softs = as->counts.softs };
	const struct frame *last = NULL;

	if (own)
		*own = all;
	for (const struct list *l = as->vmas.next; as->counts_in_tables && l != &as->vmas; l = l->next) {
		const struct vma *v = container_of(l, struct vma, link);
		struct entries_part p = { .next = v->first };

		while (entries_part(&as->space, v->last, &p)) {
			const struct frame *f = leaf_table_at(p.pa);

			if (!f || f == last)
				continue;
			last = f;
			add(&all, &f->counts);
			all.shared += f->sharers > 1;
			if (own && f->sharers <= 1)
				add(own, &f->counts);
		}
	}
	return all;
}
