/* shell/live/spaces.c - spaces: the address spaces of programs as a picture, a cell for each page or block of pages.
 * SPDX-License-Identifier: MIT
 *
 * Only pages of VMAs have cells. A mapped page has the kind of its frame, as in `frames`; of a page that is not mapped, the PTE or
 * the prototype entry of its object says where it is. The mark is the accessed bit of the space's own PTE.
 * Sysinternals: VMMap. Linux: /proc/PID/pagemap.
 */
#include "mm/space/fault.h"
#include "mm/space/object.h"
#include "paging/soft.h"
#include "shell/command.h"
#include "shell/live/implicit_process.h"
#include "shell/live/page_kind.h"
#include "shell/live/space_pages.h"
#include "shell/live/watch.h"

/* One row of text, and two of the legend: ten kinds in columns of 13 characters, on LEAST_COLUMNS or more (watch.c). */
#define HEADING_ROWS 3

/* The processes in the picture: one, or the first `most` of all that have VMAs. */
static struct { uint32_t pid; unsigned most, count; } shown;

/* A VMA that is being drawn. */
struct spaces_view { struct cells *cells; uint64_t position; bool clear; };

/* ---- which ---- */

/* False also for tasks of the kernel, and for every other process while shown.pid is not 0. */
static bool has_vmas(const struct proc *p)
{
	return p->as && p->as != &kernel_aspace && !list_empty(&p->as->vmas) && (!shown.pid || p->pid == shown.pid);
}

static unsigned count_processes(void)
{
	unsigned n = 0;

	list_for_each(l, &procs)
		n += has_vmas(container_of(l, struct proc, link));
	return n;
}

/* For blocks_fit(): one row for the counts of each process, then its VMAs. draw_process() adds the same in the same order, so
 * that the picture has the size that was computed. */
static void add_processes(void *ctx, struct blocks *b)
{
	unsigned n = 0;

	(void)ctx;
	list_for_each(l, &procs) {
		const struct proc *p = container_of(l, struct proc, link);

		if (!has_vmas(p) || n++ >= shown.most)
			continue;
		blocks_section(b, 1);
		list_for_each(k, &p->as->vmas) {
			const struct vma *v = container_of(k, struct vma, link);

			(void)blocks_add(b, v->first >> PAGE_SHIFT, v->last >> PAGE_SHIFT);
		}
	}
}

/* As many processes as fit: each takes two rows at least. */
static void lay_out(struct cells *cells)
{
	shown.count = count_processes();
	shown.most = shown.count < cells_rows(cells) / 2 ? shown.count : cells_rows(cells) / 2;
	while (!blocks_fit(&cells->blocks, cells_rows(cells), cells_columns(cells), add_processes, NULL) && shown.most > 0)
		shown.most--;
}

/* ---- kinds of pages ---- */

/* An active frame in transition is in memory for its object; no PTE of this space maps it. PAGE_UNTOUCHED: the entry itself does
 * not locate the page. */
static enum page_kind kind_of_soft(const struct pt_mode *mode, pte_t entry)
{
	const struct frame *f;
	struct pt_soft soft;

	pt_soft_decode(mode, entry, &soft);
	f = soft.kind == SOFT_TRANSITION ? frame_at(soft.pfn) : NULL;
	if (f)
		return f->state == FRAME_ACTIVE ? PAGE_CACHED : page_kind_of_frame(f);
	return soft.kind == SOFT_PAGEFILE ? PAGE_PAGEFILE : PAGE_UNTOUCHED;
}

/* A page without an entry of its own: the prototype entry says where it is. */
static enum page_kind kind_in_object(const struct vma *v, uint64_t va)
{
	const struct object *o = v->object;
	uint32_t index = o ? object_index(v, va) : 0;
	pfn_t unused;

	if (!o || !o->table || index >= o->pages)
		return PAGE_UNTOUCHED;
	if (o->mode->format->page(o->mode, object_entry(o, index), 0, &unused))
		return PAGE_CACHED;
	return kind_of_soft(o->mode, object_entry(o, index));
}

/* slot->page is valid at level 0 only; of a large page output() has the frame of `va`. A frame without a record, or with that of
 * a hole, is one of device registers. */
static enum page_kind kind_of_leaf(const struct pt_mode *mode, uint64_t va, const struct pt_slot *slot)
{
	pfn_t pfn = slot->level ? pfn_of(mode->format->output(mode, slot->level, slot->entry, va).pa) : slot->page;
	const struct frame *f = frame_at(pfn);

	if (pfn.v == zero_frame.v)
		return PAGE_ZERO;
	return f && f->state != FRAME_BAD ? page_kind_of_frame(f) : PAGE_DEVICE;
}

/* The object comes last: an entry of the space takes precedence, since it can locate a private copy of the object's page. */
static enum page_kind kind_of_entry(const struct vma *v, uint64_t va, const struct pt_slot *slot)
{
	const struct pt_mode *mode = v->as->space.half[0].mode;
	enum page_kind kind;

	if (slot->kind == PT_BAD)
		return PAGE_UNREADABLE;
	if (slot->kind == PT_LEAF)
		return kind_of_leaf(mode, va, slot);
	if (v->flags & VMA_GUARD)
		return PAGE_GUARD;
	kind = slot->kind == PT_SOFT ? kind_of_soft(mode, slot->entry) : PAGE_UNTOUCHED;
	return kind == PAGE_UNTOUCHED ? kind_in_object(v, va) : kind;
}

/* The pages of an object differ also where there is no table. */
static void draw_pages(void *ctx, const struct vma *v, uint64_t va, uint64_t pages, const struct pt_slot *slot)
{
	uint64_t first = v->first >> PAGE_SHIFT, page = va >> PAGE_SHIFT;
	uint64_t step = v->object && slot->kind != PT_LEAF ? 1 : pages;
	struct spaces_view *view = ctx;
	struct cells *cells = view->cells;
	bool used;

	for (uint64_t i = 0; i < pages; i += step)
		cells_count(cells, view->position, first, page + i, step, kind_of_entry(v, va + i * PAGE_SIZE, slot));
	if (slot->kind != PT_LEAF)
		return;
	used = space_page_used(v->as, va, slot, view->clear);
	for (uint64_t b = blocks_of(&cells->blocks, page); b <= blocks_of(&cells->blocks, page + pages - 1); b++)
		cells_see(cells, view->position + b - blocks_of(&cells->blocks, first), used);
}

/* ---- a process ---- */

/* The number of its pages of each kind: what `cells` counted more than `before`. */
static void put_counts(struct cells *cells, unsigned row, const struct proc *p, const uint64_t *before)
{
	uint64_t mapped = 0, all = 0;
	unsigned column, kind = page_kind_of_process(p);

	for (unsigned k = 0; k < PAGE_KINDS; k++) {
		uint64_t n = cells->total[k] - before[k];

		all += n;
		mapped += k <= PAGE_SHARED || k == PAGE_ZERO || k == PAGE_DEVICE ? n : 0;
	}
	screen_put(cells->screen, row, 0, page_kinds[kind].letter, (enum ink)page_kinds[kind].ink);
	column = screen_printf(cells->screen, row, 2, INK_PLAIN, "%s [%x]: %llu of %llu pages mapped", p->name, (unsigned)p->pid,
	                       (unsigned long long)mapped, (unsigned long long)all);
	for (unsigned k = 0; k < PAGE_KINDS; k++) {
		if (cells->total[k] == before[k])
			continue;
		screen_put(cells->screen, row, column + 2, page_kinds[k].letter, (enum ink)page_kinds[k].ink);
		column = screen_printf(cells->screen, row, column + 4, INK_PLAIN, "%llu",
		                       (unsigned long long)(cells->total[k] - before[k]));
	}
}

/* `before`: cells->total counts all processes of the picture. blocks_section() left the row above the first cell for the counts. */
static void draw_process(struct cells *cells, const struct proc *p, bool clear)
{
	struct spaces_view view = { .cells = cells, .clear = clear };
	uint64_t before[CELLS_KINDS];
	unsigned row;

	for (unsigned k = 0; k < CELLS_KINDS; k++)
		before[k] = cells->total[k];
	blocks_section(&cells->blocks, 1);
	row = cells->top + (unsigned)(cells->blocks.next / cells->blocks.columns) - 1;
	list_for_each(l, &p->as->vmas) {
		const struct vma *v = container_of(l, struct vma, link);

		view.position = cells_range(cells, v->first >> PAGE_SHIFT, v->last >> PAGE_SHIFT);
		space_pages(v, draw_pages, &view);
	}
	cells_flush(cells);
	put_counts(cells, row, p, before);
}

/* The kinds of private pages are missing in the legend: put_counts() shows the letter beside the name of the process. */
static void put_heading(struct cells *cells, bool clear)
{
	static const uint8_t kinds[] = {
		PAGE_SHARED, PAGE_ZERO, PAGE_CACHED, PAGE_STANDBY, PAGE_MODIFIED, PAGE_TRANSFER, PAGE_PAGEFILE, PAGE_UNTOUCHED,
		PAGE_GUARD, PAGE_DEVICE,
	};
	uint64_t block = (uint64_t)1 << cells->blocks.shift;
	unsigned column = 0;

	if (shown.most < shown.count)
		column = screen_printf(cells->screen, 0, 0, INK_PLAIN, "%u of %u spaces, ", shown.most, shown.count);
	screen_printf(cells->screen, 0, column, INK_PLAIN, "%llu page%s a cell; %s", (unsigned long long)block,
	              block == 1 ? "" : "s", clear ? CELLS_LEGEND_AGES "; q ends" : CELLS_LEGEND_BITS);
	picture_legend(cells, 1, kinds, ARRAY_LEN(kinds), false);
}

/* At least 1. */
static unsigned hex_digits(uint64_t n)
{
	unsigned digits = 1;

	while (n >>= 4)
		digits++;
	return digits;
}

/* A draw_fn. All addresses have the digits of the largest user address, so that the rows of all processes are aligned. The heading
 * comes last: lay_out() chooses the size of a block. */
static void draw_spaces(struct call *c, struct cells *cells, bool clear)
{
	unsigned n = 0;

	page_digits_update();
	cells->kinds = page_kinds;
	cells->top = HEADING_ROWS;
	cells->digits = hex_digits(USER_END - 1);
	lay_out(cells);
	list_for_each(l, &procs) {
		const struct proc *p = container_of(l, struct proc, link);

		if (has_vmas(p) && n++ < shown.most)
			draw_process(cells, p, clear);
		call_pause(c);
	}
	put_heading(cells, clear);
	if (shown.count == 0)
		screen_printf(cells->screen, HEADING_ROWS, 0, INK_PLAIN, "no VMA to show; `run` starts a program");
}

static void spaces(struct call *c)
{
	const struct proc *p = c->arg[1].given ? call_process(c, 1) : NULL;

	if (c->arg[1].given && !p)
		return;
	shown.pid = p ? p->pid : 0;
	picture_run(c, 0, draw_spaces);
}
COMMAND(spaces) = {
	.name = "spaces", .schema = "oE", .synopsis = "spaces [-w] [PID]", .flags = CMD_READ_ONLY | CMD_EXAMPLE,
	.run = spaces,
	.what = "address spaces as a picture, a cell per page or block of pages",
	.help = "  kd> spaces\n"
	        "  For each process with VMAs a line and its pages, without the holes between VMAs. The letter of a cell is the\n"
	        "  kind of most of its pages: 1 to 9 private pages of that process (see frames), S shared or of a file, Z the\n"
	        "  zero frame; not mapped: C in memory as a page of a file or section, B standby, M modified, I in transfer,\n"
	        "  P in a page file, - never used, G guard. D is no memory. The mark is the accessed bit of the page used last.\n"
	        "  -w redraws the picture until q or Ctrl-C is typed, as frames does.\n"
	        "  Sysinternals: VMMap   Linux: /proc/PID/pagemap\n",
};
