/* shell/live/frames.c - frames: physical memory as a picture, a cell for each frame or block of frames.
 * SPDX-License-Identifier: MIT
 *
 * A frame's kind follows from its record, as `pfn` prints it: page_kind.c. The accessed bits are those of the PTEs in the user
 * parts; frames of the kernel have none. -w clears them at each redraw, as `wss` does, so a mark says when a page was used.
 * Windows: RAMMap. Linux: /proc/kpageflags and the idle page bitmap.
 */
#include "mm/mm.h"
#include "shell/command.h"
#include "shell/live/page_kind.h"
#include "shell/live/space_pages.h"
#include "shell/live/watch.h"

/* One row of text, two of the legend (eight kinds in columns of 19 characters), one of processes. */
#define HEADING_ROWS 4
#define KIB_PER_FRAME (PAGE_SIZE >> 10)

/* The runs of RAM, or of the part that was asked for, in frames; the position of their first cells. */
static struct { uint64_t first, last, position; } shown_run[MEMMAP_MAX_RUNS];
static unsigned shown_runs;

struct frames_view { struct cells *cells; bool clear; };

/* Without an argument: all RAM. False: no frame is in the part. */
static bool choose_runs(uint64_t first, uint64_t last)
{
	shown_runs = 0;
	for (unsigned i = 0; i < mm_ram.n; i++) {
		uint64_t from = pfn_of(mm_ram.run[i].base).v, to = from + (mm_ram.run[i].len >> PAGE_SHIFT) - 1;

		if (to < first || from > last)
			continue;
		shown_run[shown_runs].first = from > first ? from : first;
		shown_run[shown_runs++].last = to < last ? to : last;
	}
	return shown_runs > 0;
}

/* For blocks_fit(): the ranges that draw_runs() draws, in the same order. */
static void add_runs(void *ctx, struct blocks *b)
{
	(void)ctx;
	for (unsigned i = 0; i < shown_runs; i++)
		(void)blocks_add(b, shown_run[i].first, shown_run[i].last);
}

/* Sets the positions that see_frame() needs. A frame without a record is drawn as a bad one. */
static void draw_runs(struct call *c, struct cells *cells)
{
	for (unsigned i = 0; i < shown_runs; i++) {
		uint64_t first = shown_run[i].first;

		shown_run[i].position = cells_range(cells, first, shown_run[i].last);
		for (uint64_t n = first; n <= shown_run[i].last; n++) {
			const struct frame *f = frame_at(PFN(n));

			cells_count(cells, shown_run[i].position, first, n, 1, f ? page_kind_of_frame(f) : PAGE_BAD);
		}
		call_pause(c);
	}
	cells_flush(cells);
}

/* ---- accessed bits ---- */

/* A frame outside the runs has no cell: device registers, or RAM that is not shown. */
static void see_frame(struct cells *cells, uint64_t pfn, bool used)
{
	for (unsigned i = 0; i < shown_runs; i++)
		if (pfn >= shown_run[i].first && pfn <= shown_run[i].last)
			cells_see(cells, shown_run[i].position + blocks_of(&cells->blocks, pfn) -
			          blocks_of(&cells->blocks, shown_run[i].first), used);
}

/* For space_pages(). A frame that several entries map is seen several times; cells_see() keeps a use once it saw one. */
static void see_page(void *ctx, const struct vma *v, uint64_t va, uint64_t pages, const struct pt_slot *slot)
{
	const struct pt_mode *mode = v->as->space.half[0].mode;
	struct frames_view *view = ctx;
	uint64_t pfn;
	bool used;

	if (slot->kind != PT_LEAF)
		return;
	pfn = slot->level ? pfn_of(mode->format->output(mode, slot->level, slot->entry, va).pa).v : slot->page.v;
	used = space_page_used(v->as, va, slot, view->clear);
	for (uint64_t i = 0; i < pages; i++)
		see_frame(view->cells, pfn + i, used);
}

static void see_spaces(struct cells *cells, bool clear)
{
	struct frames_view view = { cells, clear };

	list_for_each(l, &aspaces) {
		const struct aspace *as = container_of(l, struct aspace, link);

		if (as == &kernel_aspace)
			continue;
		list_for_each(k, &as->vmas)
			space_pages(container_of(k, struct vma, link), see_page, &view);
	}
}

/* ---- the heading ---- */

/* p NULL: the kind has a name of its own. The PID is printed only where the digit differs from it. Returns the column of the
 * next entry, which can be outside the screen: screen_put() then draws nothing. */
static unsigned put_process(struct cells *cells, unsigned column, unsigned kind, const struct proc *p)
{
	screen_put(cells->screen, HEADING_ROWS - 1, column, cells->kinds[kind].letter, (enum ink)cells->kinds[kind].ink);
	if (p && p->pid != kind - PAGE_PROCESS + 1)
		column = screen_printf(cells->screen, HEADING_ROWS - 1, column + 2, INK_PLAIN, "%s [%x] %llu", p->name,
		                       (unsigned)p->pid, (unsigned long long)cells->total[kind]);
	else
		column = screen_printf(cells->screen, HEADING_ROWS - 1, column + 2, INK_PLAIN, "%s %llu",
		                       p ? p->name : cells->kinds[kind].name, (unsigned long long)cells->total[kind]);
	return column + 2;
}

/* Processes that have frames, and bad frames if there are any: in one row, what fits. */
static void put_processes(struct cells *cells)
{
	unsigned column = 0;

	if (cells->total[PAGE_BAD])
		column = put_process(cells, column, PAGE_BAD, NULL);
	if (cells->total[PAGE_OTHER])
		column = put_process(cells, column, PAGE_OTHER, NULL);
	for (unsigned digit = 0; digit < PAGE_DIGITS; digit++)
		if (cells->total[PAGE_PROCESS + digit])
			column = put_process(cells, column, PAGE_PROCESS + digit, page_digit_process(digit));
}

static void put_heading(struct cells *cells, bool clear)
{
	static const uint8_t kinds[] = {
		PAGE_KERNEL, PAGE_TABLE, PAGE_SHARED, PAGE_ZEROED, PAGE_FREE, PAGE_STANDBY, PAGE_MODIFIED, PAGE_TRANSFER,
	};
	uint64_t frames = 0, block = (uint64_t)1 << cells->blocks.shift;

	for (unsigned k = 0; k < PAGE_KINDS; k++)
		frames += cells->total[k];
	screen_printf(cells->screen, 0, 0, INK_PLAIN, "%llu KiB, %llu frame%s a cell; %s",
	              (unsigned long long)frames * KIB_PER_FRAME, (unsigned long long)block, block == 1 ? "" : "s",
	              clear ? CELLS_LEGEND_AGES "; q ends" : CELLS_LEGEND_BITS);
	picture_legend(cells, 1, kinds, ARRAY_LEN(kinds), true);
	put_processes(cells);
}

/* A draw_fn. An address has 8 digits, more if RAM is above 4 GiB. The order matters: see_spaces() needs the positions that
 * draw_runs() sets, and put_heading() prints its totals. */
static void draw_frames(struct call *c, struct cells *cells, bool clear)
{
	page_digits_update();
	cells->kinds = page_kinds;
	cells->top = HEADING_ROWS;
	cells->digits = 8;
	while (shown_run[shown_runs - 1].last >> (cells->digits * 4 - PAGE_SHIFT))
		cells->digits++;
	(void)blocks_fit(&cells->blocks, cells_rows(cells), cells_columns(cells), add_runs, NULL);
	draw_runs(c, cells);
	see_spaces(cells, clear);
	put_heading(cells, clear);
}

static void frames(struct call *c)
{
	uint64_t first = c->arg[1].value, most = UINT64_MAX - first, count;

	if (!call_range(c, 1, 1, most, &count))
		return;
	if (count > 0 && choose_runs(first, first + (count < most ? count - 1 : most)))
		picture_run(c, 0, draw_frames);
	else
		call_fail(c, 1, "no RAM is there");
}
COMMAND(frames) = {
	.name = "frames", .schema = "oUR", .synopsis = "frames [-w] [FRAME [L COUNT]]",
	.flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = frames,
	.what = "physical memory as a picture, a cell per frame or block of frames",
	.help = "  kd> frames\n"
	        "  A cell is a letter and a mark. The letter is the use of most frames of the block: K kernel, T page table,\n"
	        "  1 to 9 the private pages of a process (+ of the others), S shared pages and pages of files, Z zeroed, . free,\n"
	        "  B standby, M modified, I in transfer. The counts are those of memusage; K has the active frames of the\n"
	        "  kernel, too. The mark is the accessed bit of the page used last; no mark: no user PTE maps the block.\n"
	        "  -w redraws the picture until q or Ctrl-C is typed; Ctrl-L asks for the terminal's size again. It clears the\n"
	        "  accessed bits each time. Output of programs scrolls above the picture. FRAME: only frames from there on.\n"
	        "  Windows: RAMMap   Linux: /proc/kpageflags\n",
};
