/* mm/space/aspace.c - address spaces: created with the kernel half, loaded, destroyed.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/aspace.h"
#include "lib/string.h"
#include "mm/phys/direct.h"
#include "mm/phys/env.h"
#include "mm/phys/slab.h"
#include "mm/phys/table.h"
#include "mm/space/entries.h"
#include "mm/space/recording.h"
#include "mm/space/rmap.h"
#include "mm/space/vma_tree.h"
#include "paging/bulk.h"

struct aspace kernel_aspace;
struct aspace *current_aspace = &kernel_aspace;
struct list aspaces = LIST_INIT(aspaces);

static struct slab_cache cache;
static uint32_t next_id;

/* Unused roots with their kernel half, kept for the next aspace_create(): often a process
 * starts soon after another has exited. A fault synchronises their vmalloc entries, as in the roots in use. */
#define IDLE_SPACES 2
static struct list idle = LIST_INIT(idle);
static unsigned idle_count;

static struct vma *vma_of(struct list *l)
{
	return container_of(l, struct vma, link);
}

static void enter(struct aspace *as, const char *name)
{
	as->name = name;
	as->id = next_id++;
	as->hint = NULL;
	as->owner = NULL;
	as->synced = as->faults = as->hand = 0;
	as->counts = (struct page_counts){ 0 };
	as->counts_in_tables = as != &kernel_aspace && share_is_possible(as->space.half[0].mode);
	memset(&as->leaf, 0, sizeof(as->leaf));
	memset(&as->ahead, 0, sizeof(as->ahead));
	memset(&as->crowded, 0, sizeof(as->crowded));
	as->family = as->id;
	as->ranges = 0;
	as->unreadable = as->may_write_code = as->has_prototypes = as->has_shared = false;
	as->recorded = RECORDED_NO;
	vma_tree_init(as);
	list_insert(&aspaces, &as->link);
}

void aspace_init(paddr_t root)
{
	kernel_aspace = (struct aspace){ .space = pt_space_of(arch_pt_mode(), &mm_env, root) };
	enter(&kernel_aspace, "kernel");
}

/* ---- the kernel's part ---- */

static uint64_t kernel_first(const struct pt_format *f)
{
	/* Where addresses are sign-extended the halves are equal. */
	return f->caps & PT_SIGN_EXTEND ? ~(pt_va_mask(f) >> 1) : USER_END;
}

/* Entries that are not copied to a new root: those of vmalloc, and the self-map, which has one entry of the sync level for each
 * of its tables. */
struct va_range { uint64_t first, last; };

static struct va_range selfmap_range(const struct pt_format *f)
{
	uint64_t base = arch_selfmap_base(), tables;

	if (!base)
		return (struct va_range){ 1, 0 };
	tables = f->shared_level + 1u < f->levels ? pt_level_entries(f, f->shared_level + 1u) : 1;
	return (struct va_range){ base, base + (tables << f->level[f->shared_level].shift) - 1 };
}

/* True if an entry of `size` bytes for `va` at the sync level is not copied to new roots: it translates only vmalloc or self-map
 * addresses. */
static bool is_own(struct va_range selfmap, uint64_t va, uint64_t size)
{
	uint64_t last = va + (size - 1);

	return (va >= VMALLOC_START && last <= (uint64_t)VMALLOC_END - 1) || (va >= selfmap.first && last <= selfmap.last);
}

/* Copies the reference's entries of one sync-level table, from that of `va` to the last, to a table that no CPU walks yet. Most of
 * them are empty, and each fork comes here. */
static void copy_table(struct aspace *as, uint64_t va, paddr_t from, paddr_t to)
{
	const struct pt_format *f = as->space.half[0].mode->format;
	unsigned count = pt_level_entries(f, f->shared_level) - pt_index(f, f->shared_level, va), bytes = f->entry_bytes;
	const uint64_t size = pt_level_size(f, f->shared_level);
	const struct va_range selfmap = selfmap_range(f);
	uint64_t row[JOURNAL_ROW_MAX];

	for (unsigned i = 0, n; (n = pte_batch(from, &i, count)) > 0; i += n) {
		bool any = false;

		memcpy(row, (const char *)phys_to_virt(from) + i * bytes, n * bytes);
		for (unsigned k = 0; k < n; k++) {
			if (!pt_load(row, bytes, k).v)
				continue;
			if (is_own(selfmap, va + (i + k) * size, size))
				pt_put(row, bytes, k, PTE(0));
			else
				any = true;
		}
		if (any)
			table_fill_row(paddr_add(to, (uint64_t)i * bytes), bytes, row, n, true, "kernel part");
	}
}

static err_t copy_kernel_part(struct aspace *as)
{
	const struct pt_format *f = as->space.half[0].mode->format;
	uint64_t reach = pt_level_size(f, f->shared_level) << f->level[f->shared_level].bits;
	uint64_t va = kernel_first(f), last = pt_va_canonical(as->space.half[0].mode, pt_va_mask(f));

	for (;;) {
		paddr_t from, to;
		err_t err = pt_ensure(&kernel_aspace.space, va, f->shared_level, NULL, &from);

		if (err == OK)
			err = pt_ensure(&as->space, va, f->shared_level, NULL, &to);
		if (err != OK)
			return err;
		copy_table(as, va, from, to);
		va = ALIGN_DOWN(va, reach);
		if (last - va < reach)
			return OK;
		va += reach;
	}
}

/* PAE: the CPU keeps the top entries in registers, so all of them are set now and never change. */
static err_t make_top(struct aspace *as)
{
	const struct pt_format *f = as->space.half[0].mode->format;
	unsigned top = as->space.half[0].mode->levels - 1u;
	paddr_t at;
	err_t err = OK;

	for (unsigned i = 0; err == OK && (f->caps & PT_RELOAD_ROOT) && i < pt_level_entries(f, top); i++)
		err = pt_ensure(&as->space, (uint64_t)i << f->level[top].shift, top - 1, NULL, &at);
	return err;
}

static err_t build(struct aspace *as)
{
	paddr_t root;
	err_t err = mm_env.table_alloc(NULL, pt_root_bytes(as->space.half[0].mode), &root);

	if (err != OK)
		return err;
	pt_set_root(&as->space, root);
	err = make_top(as);
	if (err == OK)
		err = copy_kernel_part(as);
	if (err == OK && arch_selfmap_base())
		err = pt_selfmap_install(&as->space, arch_selfmap_base(), NULL);
	return err;
}

/* ---- giving back ---- */

/* Frees the pages of a VMA. No CPU has loaded the root, so no TLB contains them and no flush is needed. */
static void drop_pages(struct aspace *as, uint64_t first, uint64_t last)
{
	unsigned bytes = as->space.half[0].mode->format->entry_bytes, n;
	struct entries_part p = { .next = first };

	while (entries_part(&as->space, last, &p)) {
		const char *at = share_is_in_use(as, p.pa) && share_leave(as, p.va, "exit") ? NULL : entries_at(p.pa);

		for (unsigned i = 0; at && (n = pte_batch(p.pa, &i, p.count)) > 0; i += n) {
			entries_drop(as, counts_at(as, p.pa), p.va + (uint64_t)i * PAGE_SIZE, at + i * bytes, n, NULL);
			table_fill_row(paddr_add(p.pa, (uint64_t)i * bytes), bytes, NULL, n, false, "exit");
		}
	}
}

/* Clears a table of the kernel half before its frame is freed, so that a replay of the journal agrees with memory. */
static void free_table(struct aspace *as, unsigned level, paddr_t table)
{
	const struct pt_format *f = as->space.half[0].mode->format;
	unsigned bytes = f->entry_bytes, count = level >= f->shared_level ? pt_level_entries(f, level) : 0, n;

	for (unsigned i = 0; (n = pte_batch(table, &i, count)) > 0; i += n)
		table_fill_row(paddr_add(table, (uint64_t)i * bytes), bytes, NULL, n, false, "exit");
	mm_env.table_free(NULL, table, pt_table_bytes(f, level));
}

/* Frees the tables to which entries of `level` for [first, last] point; they are empty already. */
static void free_tables(struct aspace *as, unsigned level, uint64_t first, uint64_t last)
{
	const struct pt_mode *mode = as->space.half[0].mode;
	const struct pt_format *f = mode->format;
	uint64_t end;

	for (uint64_t va = first; va <= last && va >= first; va = end + 1) {
		struct pt_slot slot;
		err_t err = pt_lookup(&as->space, va, level, &slot);
		paddr_t table;

		end = ALIGN_DOWN(va, pt_level_size(f, slot.level)) + (pt_level_size(f, slot.level) - 1);
		if (err != OK || slot.level > level || slot.kind != PT_TABLE)
			continue;
		table = pt_output(mode, level, slot.entry, va).pa;
		if (level == 1)
			share_keep_counts(as, table);
		/* A table that another VMA uses as well is freed by the first of the two. */
		table_store(slot.entry_pa, f->entry_bytes, slot.entry, PTE(0), "exit");
		free_table(as, level - 1, table);
		as->tables[level - 1]--;
	}
}

/* Frees pages first, then tables level by level, both found through the VMAs: the cost depends on the size of the VMAs, not of
 * the address space. Tables below the sync level belong to the user half only. */
static void free_user_part(struct aspace *as)
{
	const struct pt_format *f = as->space.half[0].mode->format;
	uint64_t last = (kernel_first(f) & pt_va_mask(f)) - 1;

	list_for_each(l, &as->vmas)
		drop_pages(as, vma_of(l)->first, vma_of(l)->last);
	leaf_table_forget(as);
	for (unsigned level = 1; level <= f->shared_level; level++) {
		list_for_each(l, &as->vmas)
			free_tables(as, level, vma_of(l)->first, vma_of(l)->last);
		if (!as->tables[level - 1])
			continue;
		/* A removed VMA shared a table with another one, or an entry was written outside all VMAs. */
		drop_pages(as, 0, last);
		free_tables(as, level, 0, last);
	}
}

/* Frees the tables that belong to this root only, after its user half: those above the sync level. Kernel tables at and below it
 * are shared by all roots. */
static void free_root(struct aspace *as)
{
	const struct pt_mode *mode = as->space.half[0].mode;

	for (unsigned level = mode->format->shared_level + 1u; level < mode->levels; level++)
		free_tables(as, level, 0, pt_mode_va_mask(mode));
	free_table(as, mode->levels - 1u, as->space.half[0].root);
}

/* True if an address space of the frame's family maps it where its owner field says. */
static bool is_found(const struct frame *f)
{
	struct pt_slot slot;

	list_for_each(l, &aspaces) {
		struct aspace *as = container_of(l, struct aspace, link);

		if (rmap_is_family(as, f) && pt_lookup(&as->space, rmap_va(as, f), 0, &slot) == OK && slot.kind == PT_LEAF &&
		    slot.level == 0 && slot.page.v == frame_pfn(f).v)
			return true;
	}
	return false;
}

/* Frees frames that are still counted as mapped although no entry maps them: an entry was replaced
 * by hand (setpte). Searches the whole frame database, but only in that case. */
static void reclaim_lost(struct aspace *as)
{
	if (mm_bad_hooks.bad_count)
		mm_bad_hooks.bad_count(as, (int32_t)as->counts.committed);
	for (uint32_t i = 0; i < frame_db.count; i++) {
		struct frame *f = &frame_db.record[i];

		if (f->refs != 1 || f->maps != 1 || f->owner == 0 || frame_is_object(f) || !rmap_is_family(as, f) || is_found(f))
			continue;
		f->maps = 0;
		frame_put(frame_pfn(f));
	}
}

static void free_space(struct aspace *as)
{
	if (as->space.half[0].root.v)
		free_root(as);
	slab_free(&cache, as);
}

unsigned aspace_shrink(void)
{
	unsigned n = idle_count;

	for (; idle_count > 0; idle_count--) {
		struct aspace *as = container_of(idle.next, struct aspace, link);

		list_remove(&as->link);
		free_space(as);
	}
	return n;
}

static err_t new_space(struct aspace **out)
{
	struct aspace *as;
	err_t err;

	if (!cache.size)
		slab_init(&cache, "aspace", sizeof(struct aspace), 16, 0);
	as = slab_alloc(&cache);
	if (!as)
		return ERR_NO_MEMORY;
	*as = (struct aspace){ .space = pt_space_of(arch_pt_mode(), &mm_env, PADDR(0)) };
	as->space.tables = as->tables;
	err = build(as);
	if (err != OK)
		free_space(as);
	else
		*out = as;
	return err;
}

err_t aspace_create(const char *name, struct aspace **out)
{
	err_t err = OK;

	if (idle_count > 0) {
		idle_count--;
		*out = container_of(idle.next, struct aspace, link);
		list_remove(&(*out)->link);
	} else {
		err = new_space(out);
	}
	if (err == OK)
		enter(*out, name);
	return err;
}

void aspace_destroy(struct aspace *as)
{
	ASSERT(as != &kernel_aspace && as != current_aspace);
	if (as->recorded)
		recording->gone(as);
	free_user_part(as);
	/* Objects go after the pages that showed them. */
	vma_forget_all(as);
	if (as->counts.committed)
		reclaim_lost(as);
	list_remove(&as->link);
	if (idle_count == IDLE_SPACES) {
		free_space(as);
		return;
	}
	idle_count++;
	list_insert(&idle, &as->link);
}

void aspace_load(struct aspace *as)
{
	if (as == current_aspace)
		return;
	current_aspace = as;
	arch_mmu_load_root(as->space.half[0].root);
}
