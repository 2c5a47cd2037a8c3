/* kernel/fsck.c - compares page tables with the frame database and the VMAs.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/fsck.h"
#include "kernel/console.h"
#include "kernel/live.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/space/cow.h"
#include "mm/space/fault.h"
#include "mm/space/vmalloc.h"

/* What an address space that uses a leaf table adds to `maps` of the table's frame: one word for each frame has to do, because fsck
 * runs also when nearly no frame is free. Fewer entries than this map a table, if any. */
#define ONE_SPACE (1u << 24)
STATIC_ASSERT(the_counts_of_spaces_fit, PROC_MAX < UINT32_MAX / ONE_SPACE);

struct check {
	struct out *out;
	struct aspace *as;          /* the process whose tables are read */
	const struct aspace *only;  /* report errors of this process only; NULL: of all */
	uint32_t *maps;             /* entries found so far for each frame, by record index; for a leaf table also ONE_SPACE each */
	uint64_t committed;     /* frames of c->as that count as committed, as found in its tables */
	unsigned complaints;    /* errors found; the result of fsck() */
};

/* The name of the process, which `exec` changes; an address space without a process has its own. */
static const char *name_of(const struct aspace *as)
{
	return as->owner ? ((const struct proc *)as->owner)->name : as->name;
}

/* Linux's print_bad_pte() lines. A frame outside the frame database (a device) has no second line.
 * Linux's mapcount is -1 for a page without mappings, hence maps - 1. */
static void put_bad_page(struct out *out, const struct aspace *as, uint64_t va, pte_t pte, pte_t upper, pfn_t pfn)
{
	const struct frame *f = frame_at(pfn);

	/* Linux: %08llx in every format (mm/memory.c, print_bad_pte). */
	out_printf(out, "BUG: Bad page map in process %s  pte:%08llx pmd:%08llx\n", name_of(as),
	           (unsigned long long)pte.v, (unsigned long long)upper.v);
	if (f)
		out_printf(out, "page:%0*llx count:%u mapcount:%d pfn:%llx state:%s\n", (int)live_va_digits(),
		           (unsigned long long)(uintptr_t)f, (unsigned)f->refs,
		           (int)f->maps - 1, (unsigned long long)pfn.v, frame_state_name((enum frame_state)f->state));
	out_printf(out, "addr:%0*llx index:%llx\n", (int)live_va_digits(), (unsigned long long)va,
	           (unsigned long long)(va >> PAGE_SHIFT));
}

/* Linux's check_mm() line. `value`: the counter minus what the tables contain, in pages; idx 1 is
 * MM_ANONPAGES. */
static void put_bad_count(struct out *out, const struct aspace *as, int64_t value)
{
	out_printf(out, "BUG: Bad rss-counter state mm:%0*llx idx:1 val:%lld\n", (int)live_va_digits(),
	           (unsigned long long)(uintptr_t)as, (long long)value);
}

/* The level-1 entry above `va`, for the "pmd" of Linux's line. */
static pte_t upper_entry(const struct aspace *as, uint64_t va)
{
	struct pt_slot slot;

	return pt_lookup(&as->space, va, 1, &slot) == OK ? slot.entry : PTE(0);
}

/* Reports a leaf, unless another process is checked. */
static void complain(struct check *c, const struct pt_visit_entry *e)
{
	if (c->only && c->only != c->as)
		return;
	c->complaints++;
	put_bad_page(c->out, c->as, e->va, e->entry, upper_entry(c->as, e->va), pfn_of(e->pa));
}

/* The rights of the entry; while a table is shared and has been copied, those of all levels. */
static prot_t rights_of(const struct aspace *as, const struct pt_visit_entry *e)
{
	const struct pt_mode *mode = as->space.half[0].mode;
	const struct frame *table = as->has_shared ? leaf_table_at(e->entry_pa) : NULL;

	return table && table->copied ? e->prot : mode->format->prot(mode, e->level, e->entry);
}

/* True if the entry permits writing although the VMA does not, or although the frame must be
 * copied first: in a private VMA, only a frame that no other entry or object uses may be writable. */
static bool is_wrongly_writable(const struct vma *v, const struct pt_visit_entry *e, const struct frame *f)
{
	return (rights_of(v->as, e) & PROT_W) && (!(v->prot & PROT_W) || !cow_may_write(v, f));
}

/* The entries found so far that map the frame. */
static uint32_t entries_found(const struct check *c, const struct frame *f)
{
	uint32_t n = c->maps[frame_index(f)];

	return f->use == FRAME_USE_TABLE ? n % ONE_SPACE : n;
}

/* Checks one leaf of a process: a VMA must cover it, and the frame must have counted it. Also counts the mappings of each frame,
 * for check_frames(). */
static bool check_leaf(void *ctx, const struct pt_visit_entry *e)
{
	struct check *c = ctx;
	pfn_t pfn = pfn_of(e->pa);
	const struct vma *v = vma_find(c->as, e->va);
	const struct frame *f = frame_at(pfn);

	if (!v) {
		complain(c, e);
		return true;
	}
	if (!f || f->state == FRAME_BAD)
		return true;                /* a device's */
	c->committed += frame_commits(pfn);
	c->maps[frame_index(f)]++;
	if (f->refs == 0 || entries_found(c, f) > f->maps || is_wrongly_writable(v, e, f))
		complain(c, e);
	return true;
}

/* The table cannot be what its record says: a write through one of the entries above it would change it for all, or would fault
 * although the address space is its only user. */
static void complain_about_table(struct check *c, const struct frame *f, uint64_t va, const char *what)
{
	if (c->only && c->only != c->as)
		return;
	c->complaints++;
	out_printf(c->out, "BUG: Bad page table in process %s: table %llx for %0*llx: %s\n", name_of(c->as),
	           (unsigned long long)frame_pfn(f).v, (int)live_va_digits(), (unsigned long long)va, what);
}

/* pt_env.again: true for a leaf table that another address space has shown. Its entries were counted there. */
static bool was_shown(void *ctx, uint64_t va, paddr_t table, unsigned level, prot_t above)
{
	struct frame *f = level == 0 ? leaf_table_at(table) : NULL;
	struct check *c = ctx;

	if (!f || !c->as->counts_in_tables)
		return false;
	if (f->sharers && (above & PROT_W))
		complain_about_table(c, f, va, "it is shared, and the entry above it permits writes");
	if (!f->sharers && !(above & PROT_W))
		complain_about_table(c, f, va, "it is not shared, and the entry above it forbids writes");
	c->maps[frame_index(f)] += ONE_SPACE;
	if (c->maps[frame_index(f)] / ONE_SPACE == 1)
		return false;
	c->committed += f->counts.committed;
	return true;
}

/* Compares the number of address spaces that use each leaf table with what was found. More counted than found: the table will never
 * be freed. Fewer: it is freed while an entry still points to it. A table that was never shared has 0 in its record, and one that
 * the other address spaces have left has 1; each has one user. */
static void check_sharers(struct check *c)
{
	for (uint32_t i = 0; i < frame_db.count; i++) {
		const struct frame *f = leaf_table_at(pfn_base(frame_pfn(&frame_db.record[i])));
		uint32_t spaces = c->maps[i] / ONE_SPACE;

		if (!f || spaces == f->sharers || (spaces == 1 && !f->sharers))
			continue;
		c->complaints++;
		out_printf(c->out, "BUG: Bad page table  pfn:%llx shared by %u, but %u address spaces use it\n",
		           (unsigned long long)frame_pfn(f).v, (unsigned)f->sharers, (unsigned)spaces);
	}
}

/* Checks all leaves of one process, and its count of committed frames. A leaf table that an address space before it uses as well is
 * not read again: one entry maps its frame once, however many use the table, and c->committed gets the count of the table's record,
 * which the first reading compared. */
static void check_tables(struct check *c)
{
	uint64_t counted = aspace_counts(c->as, NULL).committed;
	struct pt_env env = *c->as->space.env;
	struct pt_space space = c->as->space;

	env.again = was_shown;
	env.ctx = c;
	space.env = &env;
	c->committed = 0;
	if (pt_visit(&space, 0, USER_END - 1, PT_VISIT_LEAF, check_leaf, c) != OK) {
		c->complaints++;
		out_printf(c->out, "BUG: Bad page table in process %s: a table cannot be read\n", name_of(c->as));
	}
	if (c->committed == counted || (c->only && c->only != c->as))
		return;
	c->complaints++;
	put_bad_count(c->out, c->as, (int64_t)(counted - c->committed));
}

/* Counts one kernel mapping; check_tables() counted those of processes only. */
static bool count_kernel_leaf(void *ctx, const struct pt_visit_entry *e)
{
	struct check *c = ctx;
	const struct frame *f = frame_at(pfn_of(e->pa));

	if (f && f->state != FRAME_BAD)
		c->maps[frame_index(f)]++;
	return true;
}

/* Counts the mappings of vmalloc ranges and kernel stacks. The direct map is not counted in frame.maps. */
static void count_kernel(struct check *c)
{
	static const uint64_t range[][2] = {
		{ VMALLOC_START, (uint64_t)VMALLOC_END - 1 }, { KSTACK_START, (uint64_t)KSTACK_END - 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(range); i++)
		if (pt_visit(&kernel_aspace.space, range[i][0], range[i][1], PT_VISIT_LEAF, count_kernel_leaf, c) != OK)
			c->complaints++;
}

/* Compares each frame's count of mappings with the entries found in all tables. More mappings
 * counted than found: the frame will never be freed. Fewer: it is freed while an entry still maps
 * it. */
static void check_frames(struct check *c)
{
	for (uint32_t i = 0; i < frame_db.count; i++) {
		const struct frame *f = &frame_db.record[i];

		if (f->state == FRAME_BAD || f->maps == entries_found(c, f))
			continue;
		c->complaints++;
		out_printf(c->out, "BUG: Bad page state  pfn:%llx count:%u mapcount:%u, but %u entries map it, owner %llx\n",
		           (unsigned long long)frame_pfn(f).v, (unsigned)f->refs, (unsigned)f->maps,
		           (unsigned)entries_found(c, f), (unsigned long long)f->owner);
	}
}

/* All address spaces are read even for one process, because frame.maps counts the entries of all
 * of them. Frame totals and mm's own counters are checked only when everything is. */
unsigned fsck(struct out *out, const struct proc *p)
{
	struct check c = { .out = out, .only = p ? p->as : NULL };
	const char *what;
	void *maps;

	if (vmalloc((uint64_t)frame_db.count * sizeof(uint32_t), PROT_R | PROT_W, "fsck", &maps) != OK) {
		out_puts(out, "fsck: out of memory for its table of counts; nothing was checked\n");
		return 1;
	}
	c.maps = maps;
	list_for_each(l, &aspaces) {
		c.as = container_of(l, struct aspace, link);
		if (c.as != &kernel_aspace)
			check_tables(&c);
	}
	if (!p) {
		count_kernel(&c);
		check_frames(&c);
		check_sharers(&c);
	}
	vfree(maps);
	what = mm_check();
	if (what && !p) {
		c.complaints++;
		out_printf(out, "BUG: %s\n", what);
	}
	return c.complaints;
}

/* mm calls these two when it finds an inconsistency while it unmaps or frees an address space. */
static void bad_page(const struct aspace *as, uint64_t va, pte_t pte, pte_t upper, pfn_t pfn)
{
	put_bad_page(&console, as, va, pte, upper, pfn);
}

static void bad_count(const struct aspace *as, int64_t value)
{
	put_bad_count(&console, as, value);
}

void fsck_init(void)
{
	mm_bad_hooks.bad_page = bad_page;
	mm_bad_hooks.bad_count = bad_count;
}
