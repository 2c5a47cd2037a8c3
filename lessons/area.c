/* lessons/area.c - pages of the kernel's half that belong to a lesson, with frames of its own.
 * SPDX-License-Identifier: MIT
 */
#include "lessons/area.h"
#include "arch/mmu.h"
#include "arch/trap.h"
#include "mm/phys/frame.h"
#include "mm/phys/kmap.h"
#include "mm/phys/memmap.h"
#include "mm/phys/table.h"
#include "mm/space/aspace.h"
#include "mm/space/vmalloc.h"

struct lesson_area lesson_area;

/* ---- making and freeing ---- */

static err_t make_frames(unsigned frames)
{
	for (unsigned i = 0; i < frames; i++) {
		uint8_t mark = area_mark(i);
		err_t err = frame_alloc(FRAME_ZERO, FRAME_KERNEL, &lesson_area.frame[i]);

		if (err == OK)
			err = phys_write(pfn_base(lesson_area.frame[i]), &mark, 1);
		if (err != OK)
			return err;
		lesson_area.frames++;
	}
	return OK;
}

/* The tables of every page, also in the root that is loaded. */
static err_t make_tables(void)
{
	paddr_t at;
	err_t err = OK;

	for (unsigned i = 0; i < AREA_PAGES && err == OK; i++) {
		uint64_t va = lesson_area.va + (uint64_t)i * PAGE_SIZE;

		err = pt_ensure(&kernel_aspace.space, va, 0, NULL, &at);
		/* A read copies the table into the loaded root: the fault of an empty entry is the only effect. */
		(void)arch_probe(va, ACCESS_READ, 0);
	}
	return err;
}

err_t area_make(unsigned frames)
{
	uint64_t va;
	err_t err;

	area_free();
	err = vmalloc_reserve(AREA_PAGES * PAGE_SIZE, "lesson", &va);
	if (err != OK)
		return err;
	lesson_area.va = va;
	err = make_frames(frames);
	if (err == OK)
		err = make_tables();
	if (err != OK)
		area_free();
	return err;
}

/* ---- a large page ---- */

static void lookup_large(uint64_t va, struct pt_slot *slot)
{
	struct target now = lesson_target();
	struct pt_space space = target_space(&now);

	(void)pt_lookup(&space, va, 1, slot);
}

/* The range has a place for at least one whole large page; its entry may already point to a table. */
static err_t find_large(uint64_t size)
{
	struct pt_slot slot;

	lesson_area.large_pa = PADDR(ALIGN_UP(pfn_base(memmap_first(&mm_ram)).v, size));
	for (uint64_t va = ALIGN_UP(lesson_area.range, size); va + size <= lesson_area.range + 4 * size; va += size) {
		lookup_large(va, &slot);
		if (slot.level == 1 && slot.kind == PT_EMPTY) {
			lesson_area.large = va;
			return OK;
		}
	}
	return ERR_UNSUPPORTED;
}

err_t area_make_large(void)
{
	const struct pt_mode *mode = kernel_aspace.space.half[0].mode;
	uint64_t size = pt_level_size(mode->format, 1), va;
	pte_t leaf;
	err_t err;

	area_free();
	if (!mode->format->level[1].leaf || mode->format->make_leaf(mode, 1, PADDR(0), PROT_R, &leaf) != OK)
		return ERR_UNSUPPORTED;
	err = vmalloc_reserve(4 * size, "lesson", &va);
	if (err != OK)
		return err;
	lesson_area.range = va;
	err = find_large(size);
	if (err != OK)
		area_free();
	return err;
}

static void free_large(void)
{
	struct pt_slot slot;

	if (lesson_area.large) {
		lookup_large(lesson_area.large, &slot);
		if (slot.level == 1)
			table_store(slot.entry_pa, kernel_aspace.space.half[0].mode->format->entry_bytes, slot.entry, PTE(0),
			            "lesson");
		arch_tlb_flush_all();
	}
	vfree((void *)(uintptr_t)lesson_area.range);
	lesson_area = (struct lesson_area){ 0 };
}

/* The entries are cleared and flushed before the frames are free: a stale translation must not reach a frame of another owner. */
void area_free(void)
{
	if (lesson_area.range)
		free_large();
	if (!lesson_area.va)
		return;
	for (unsigned i = 0; i < AREA_PAGES; i++)
		area_set(i, PTE(0));
	vfree((void *)(uintptr_t)lesson_area.va);
	while (lesson_area.frames > 0) {
		pfn_t frame = lesson_area.frame[--lesson_area.frames];

		frame_at(frame)->maps = 0;
		frame_put(frame);
	}
	lesson_area = (struct lesson_area){ 0 };
}

/* ---- entries ---- */

static uint64_t page_va(unsigned i)
{
	return lesson_area.va + (uint64_t)i * PAGE_SIZE;
}

pte_t area_entry(unsigned i, paddr_t *at)
{
	struct pt_slot slot;

	(void)pt_lookup(&kernel_aspace.space, page_va(i), 0, &slot);
	if (at)
		*at = slot.entry_pa;
	return slot.level == 0 ? slot.entry : PTE(0);
}

/* Without a table there is no entry to change: the student has removed it. */
void area_set(unsigned i, pte_t entry)
{
	struct pt_slot slot;

	if (pt_lookup(&kernel_aspace.space, page_va(i), 0, &slot) == OK && slot.level == 0)
		table_store(slot.entry_pa, kernel_aspace.space.half[0].mode->format->entry_bytes, slot.entry, entry, "lesson");
	arch_tlb_flush_page((vaddr_t)page_va(i));
}

void area_count_mapping(unsigned frame)
{
	frame_at(lesson_area.frame[frame])->maps = 1;
}

pte_t area_leaf(unsigned frame, prot_t prot)
{
	const struct pt_mode *mode = lesson_mode(lesson_area.va);
	pte_t leaf = PTE(0);

	if (mode->format->make_leaf(mode, 0, pfn_base(lesson_area.frame[frame]), prot | PROT_ACCESSED | PROT_DIRTY, &leaf) != OK)
		return PTE(0);
	return leaf;
}

/* ---- what else was changed ---- */

struct summing { uint64_t sum; uint32_t except; };

static void add(uint64_t *sum, uint64_t value)
{
	*sum = (*sum ^ value) * 0x100000001B3;
}

/* The whole of an entry that is not present; what a present one means, without what the CPU sets in it. */
static bool sum_entry(void *ctx, const struct pt_visit_entry *e)
{
	struct summing *s = ctx;
	uint64_t page = (e->va - lesson_area.va) >> PAGE_SHIFT;

	if (e->level == 0 && e->va >= lesson_area.va && page < AREA_PAGES && (s->except >> page & 1))
		return true;
	add(&s->sum, e->va);
	add(&s->sum, e->level);
	add(&s->sum, e->kind);
	if (e->kind == PT_SOFT || e->kind == PT_BAD) {
		add(&s->sum, e->entry.v);
	} else {
		add(&s->sum, e->pa.v);
		add(&s->sum, e->prot & ~(prot_t)(PROT_ACCESSED | PROT_DIRTY));
	}
	return true;
}

uint64_t area_sum(uint32_t except)
{
	struct summing s = { 0, except };
	uint64_t size = pt_level_size(lesson_mode(lesson_area.va)->format, 1), first = ALIGN_DOWN(lesson_area.va, size);

	(void)pt_visit(&kernel_aspace.space, first, first + size - 1, PT_VISIT_LEAF | PT_VISIT_TABLE | PT_VISIT_SOFT | PT_VISIT_BAD,
	               sum_entry, &s);
	return s.sum;
}

static bool sum_upper(void *ctx, const struct pt_visit_entry *e)
{
	uint64_t *sum = ctx;

	if (e->level == 0 || (e->level == 1 && e->va == lesson_area.large))
		return true;
	add(sum, e->va);
	add(sum, e->pa.v);
	add(sum, e->kind == PT_LEAF || e->kind == PT_TABLE ? e->prot & PROT_RIGHTS : e->entry.v);
	return true;
}

uint64_t area_sum_large(void)
{
	const struct pt_format *f = kernel_aspace.space.half[0].mode->format;
	struct target now = lesson_target();
	struct pt_space space = target_space(&now);
	uint64_t reach = pt_level_size(f, 1) << f->level[1].bits, first = ALIGN_DOWN(lesson_area.large, reach), sum = 0;

	(void)pt_visit(&space, first < USER_END ? USER_END : first, first + reach - 1,
	               PT_VISIT_LEAF | PT_VISIT_TABLE | PT_VISIT_SOFT | PT_VISIT_BAD, sum_upper, &sum);
	return sum;
}

/* ---- what a mapping is ---- */

static bool complain_rights(struct out *out, uint64_t va, prot_t is, prot_t wants)
{
	static const struct { prot_t right; const char *word; } rights[] = {
		{ PROT_W, "writing" }, { PROT_X, "executing" }, { PROT_U, "access from user mode" }, { PROT_R, "reading" },
	};
	const struct pt_mode *mode = lesson_mode(va);

	for (size_t i = 0; i < ARRAY_LEN(rights); i++) {
		/* Without a bit for it every page is executable. */
		if (rights[i].right == PROT_X && !(mode->format->caps & PT_HAS_NX))
			continue;
		if (!((is ^ wants) & rights[i].right))
			continue;
		out_printf(out, "%llx is mapped, but its entries %s %s\n", (unsigned long long)va,
		           is & rights[i].right ? "allow" : "forbid", rights[i].word);
		return true;
	}
	return false;
}

static const char *const ends[] = {
	[PT_EMPTY] = "is zero", [PT_SOFT] = "is not present: its valid bit is clear", [PT_TABLE] = "points to a table",
	[PT_BAD] = "has a reserved bit set, or a type that does not exist at this level",
};

bool area_complain(struct out *out, uint64_t va, unsigned level, uint64_t pa, prot_t prot)
{
	struct task_walk w;
	const struct pt_mode *mode = lesson_mode(va);

	lesson_walk(va, &w);
	if (w.walk.outcome != PT_LEAF)
		out_printf(out, "the %s of %llx %s\n", mode->format->level[w.walk.last.level].vendor, (unsigned long long)va,
		           ends[w.walk.outcome]);
	else if (w.walk.last.level != level)
		out_printf(out, "%llx is mapped by a %s, not by a %s\n", (unsigned long long)va,
		           mode->format->level[w.walk.last.level].vendor, mode->format->level[level].vendor);
	else if (w.walk.pa.v != pa)
		out_printf(out,
		           "%llx maps physical %llx, not %llx%s\n", (unsigned long long)va, (unsigned long long)w.walk.pa.v,
		           (unsigned long long)pa, w.walk.pa.v == lesson_direct(PADDR(pa)) ? ": an entry has a physical address" :
		           w.walk.pa.v == pa >> PAGE_SHIFT ? ": an entry has an address, no frame number" : "");
	else
		return complain_rights(out, va, w.walk.prot, prot);
	return true;
}
