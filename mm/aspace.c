/* mm/aspace.c - roots: made with the kernel's part, loaded, given back.
 * SPDX-License-Identifier: MIT
 */
#include "mm/aspace.h"
#include "kernel/string.h"
#include "mm/direct.h"
#include "mm/entries.h"
#include "mm/mm.h"
#include "mm/rmap.h"
#include "mm/slab.h"

struct aspace kernel_aspace;
struct aspace *current_aspace = &kernel_aspace;
struct list aspaces = LIST_INIT(aspaces);

static struct slab_cache cache;
static uint32_t next_id;

static void enter(struct aspace *as, const char *name)
{
	as->name = name;
	as->id = next_id++;
	list_init(&as->vmas);
	list_insert(&aspaces, &as->link);
}

void aspace_init(paddr_t root)
{
	kernel_aspace = (struct aspace){ .space = { arch_pt_mode(), &mm_env, root } };
	enter(&kernel_aspace, "kernel");
}

/* ---- the kernel's part ---- */

static uint64_t kernel_first(const struct pt_format *f)
{
	/* Where addresses are sign-extended the halves are equal. */
	return f->caps & PT_SIGN_EXTEND ? ~(pt_va_mask(f) >> 1) : USER_END;
}

/* What a root does not take over: vmalloc's part, and the self-map, one entry of the sync level for each table of
 * it. */
struct stretch { uint64_t first, last; };

static struct stretch selfmap_stretch(const struct pt_format *f)
{
	uint64_t base = arch_selfmap_base(), tables;

	if (!base)
		return (struct stretch){ 1, 0 };
	tables = f->sync_level + 1u < f->levels ? pt_level_entries(f, f->sync_level + 1u) : 1;
	return (struct stretch){ base, base + (tables << f->level[f->sync_level].shift) - 1 };
}

/* Takes over the reference's entries in one table of the sync level, from va's to the last. The table is live
 * nowhere yet: plain copies. */
static void copy_table(struct aspace *as, uint64_t va, paddr_t from, paddr_t to)
{
	const struct pt_format *f = as->space.mode->format;
	uint64_t step = pt_level_size(f, f->sync_level);
	unsigned first = pt_index(f, f->sync_level, va), count = pt_level_entries(f, f->sync_level) - first;
	const struct stretch own[] = { { VMALLOC_START, (uint64_t)VMALLOC_END - 1 }, selfmap_stretch(f) };
	char *entry = phys_to_virt(to);

	if (first == 0 && (size_t)count * f->entry_bytes == PAGE_SIZE)
		arch_page_copy(entry, phys_to_virt(from));
	else
		memcpy(entry, phys_to_virt(from), (size_t)count * f->entry_bytes);
	for (unsigned i = 0; i < ARRAY_LEN(own); i++) {
		uint64_t lo = own[i].first > va ? own[i].first - va : 0;
		uint64_t hi = own[i].last >= va ? own[i].last - va + 1 : 0;

		/* An entry that covers more than that is everybody's: the directory behind it is shared. */
		lo = ALIGN_UP(lo, step) / step;
		hi = hi / step < count ? hi / step : count;
		if (lo < hi)
			memset(entry + lo * f->entry_bytes, 0, (size_t)(hi - lo) * f->entry_bytes);
	}
}

static err_t copy_kernel_part(struct aspace *as)
{
	const struct pt_format *f = as->space.mode->format;
	uint64_t reach = pt_level_size(f, f->sync_level) << f->level[f->sync_level].bits;
	uint64_t va = kernel_first(f), last = pt_va_canonical(as->space.mode, pt_va_mask(f));

	for (;;) {
		paddr_t from, to;
		err_t err = pt_ensure(&kernel_aspace.space, va, f->sync_level, NULL, &from);

		if (err == OK)
			err = pt_ensure(&as->space, va, f->sync_level, NULL, &to);
		if (err != OK)
			return err;
		copy_table(as, va, from, to);
		va = ALIGN_DOWN(va, reach);
		if (last - va < reach)
			return OK;
		va += reach;
	}
}

/* Formats whose top entries the CPU keeps in registers get all of them now, so that none changes later. */
static err_t make_top(struct aspace *as)
{
	const struct pt_format *f = as->space.mode->format;
	unsigned top = as->space.mode->levels - 1u;
	paddr_t at;
	err_t err = OK;

	for (unsigned i = 0; err == OK && (f->caps & PT_RELOAD_ROOT) && i < pt_level_entries(f, top); i++)
		err = pt_ensure(&as->space, (uint64_t)i << f->level[top].shift, top - 1, NULL, &at);
	return err;
}

static err_t build(struct aspace *as)
{
	const struct pt_format *f = as->space.mode->format;
	err_t err = mm_env.table_alloc(NULL, pt_table_bytes(f, as->space.mode->levels - 1u), &as->space.root);

	if (err != OK)
		return err;
	err = make_top(as);
	if (err == OK)
		err = copy_kernel_part(as);
	if (err == OK && arch_selfmap_base())
		err = pt_selfmap_install(&as->space, arch_selfmap_base(), NULL);
	return err;
}

/* ---- giving back ---- */

/* The pages of a level-0 table. The root is loaded nowhere, so no TLB has them and nothing waits for a flush. */
static void drop_pages(struct aspace *as, paddr_t table, uint64_t va)
{
	const struct pt_format *f = as->space.mode->format;
	const char *at = entries_at(table);
	unsigned n;

	for (unsigned i = 0; at && (n = entries_row(table, &i, pt_level_entries(f, 0))) > 0; i += n)
		entries_drop(as, va + ((uint64_t)i << f->level[0].shift), at + i * f->entry_bytes, n, NULL);
}

/* Everything that is this root's alone: pages and tables of the user half, and in the kernel half the tables above the
 * sync level. Recursion is bounded by the number of levels. */
static void free_tables(struct aspace *as, paddr_t table, unsigned level, uint64_t va)
{
	const struct pt_mode *mode = as->space.mode;
	const struct pt_format *f = mode->format;
	uint64_t own = ((kernel_first(f) & pt_va_mask(f)) - va) >> f->level[level].shift;
	unsigned count = level == 0 ? 0 : pt_level_entries(f, level);

	if (level == 0)
		drop_pages(as, table, va);
	/* From the sync level down the kernel's entries are everybody's. */
	if (level <= f->sync_level && own < count)
		count = (unsigned)own;
	for (unsigned i = 0; (i = pt_skip_empty(&mm_env, table, f->entry_bytes, i, count)) < count; i++) {
		paddr_t pa = paddr_add(table, (uint64_t)i * f->entry_bytes);
		uint64_t at = va + ((uint64_t)i << f->level[level].shift);
		pte_t entry;

		if (pt_read(&mm_env, pa, f->entry_bytes, &entry) == OK && entry.v && f->kind(mode, level, entry) == PT_TABLE)
			free_tables(as, f->target(mode, level, entry, at).pa, level - 1, at);
	}
	mm_env.table_free(NULL, table, pt_table_bytes(f, level));
}

/* Frames that still count for as though nothing maps them: an entry was replaced by hand. The whole database is
 * searched, but only then. */
static void reclaim_lost(struct aspace *as)
{
	if (mm_complaints.bad_count)
		mm_complaints.bad_count(as, (int64_t)as->committed);
	for (uint32_t i = 0; i < frame_db.count; i++) {
		struct frame *f = &frame_db.record[i];

		if (f->refs != 1 || f->maps != 1 || f->owner == 0 || frame_is_object(f) ||
		    f->owner >> OWNER_ID_SHIFT != (as->id & OWNER_ID_MASK))
			continue;
		f->maps = 0;
		frame_put(frame_pfn(f));
	}
}

static void give_back(struct aspace *as)
{
	if (as->space.root.v)
		free_tables(as, as->space.root, as->space.mode->levels - 1u, 0);
	/* Objects go after the pages that showed them. */
	vma_forget_all(as);
	if (as->committed)
		reclaim_lost(as);
	list_remove(&as->link);
	slab_free(&cache, as);
}

err_t aspace_create(const char *name, struct aspace **out)
{
	struct aspace *as;
	err_t err;

	if (!cache.size)
		slab_init(&cache, "aspace", sizeof(struct aspace), 16, 0);
	as = slab_alloc(&cache);
	if (!as)
		return ERR_NO_MEMORY;
	*as = (struct aspace){ .space = { arch_pt_mode(), &mm_env, PADDR(0) } };
	enter(as, name);
	err = build(as);
	if (err != OK)
		give_back(as);
	else
		*out = as;
	return err;
}

void aspace_destroy(struct aspace *as)
{
	ASSERT(as != &kernel_aspace && as != current_aspace);
	give_back(as);
}

void aspace_load(struct aspace *as)
{
	if (as == current_aspace)
		return;
	current_aspace = as;
	arch_mmu_load_root(as->space.root);
}
