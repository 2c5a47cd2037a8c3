/* inspect/ptdump.c - prints all mappings as ranges, with a marker at the start of each region.
 * SPDX-License-Identifier: MIT
 *
 * ---[ direct map ]---
 * 0xc0100000-0xc011ffff       128K   4K -G-DA--KREV pa 0000100000
 * start and inclusive end, size, page size, letters, the first page's physical address
 *
 * The letters are those of `pte`, but with the effective rights of all levels, as Linux's ptdump prints them.
 * The self-map, whose pages are the tables, is one line unless the range begins in it: otherwise almost every table would be
 * a line.
 *
 * Linux's ptdump merges pages with equal attributes. Here virtual and physical addresses must be consecutive too, so that
 * page n of a line is at pa + n * page size.
 */
#include "inspect/linux.h"
#include "lib/string.h"

#define NO_REGION   SIZE_MAX

struct dump {
	struct out *out;
	const struct target *t;
	const struct linux_marker *markers;
	size_t marker_count, next_marker;  /* the first that has not been printed */
	size_t region;                     /* of the pending range: an index, or NO_REGION */
	bool in_gap;                       /* the "no region" marker was printed */
	bool check;                        /* the mode can forbid execution at all */
	uint64_t wx_pages;
	const struct linux_select *select;
	bool selects;                      /* it leaves something out */
	bool ended;                        /* select->take ended the dump */
	uint64_t ranges, bytes;            /* that were selected */
	struct linux_range pending;        /* size 0: none */
	/* The last range that was printed or repeats it, how often it was repeated, and at which distance. */
	struct linux_range last;
	uint64_t repeats, distance;
	/* The self-map as one line; fold_last 0: one line per range, as for other regions. */
	uint64_t fold_first, fold_last, folded_pages, folded_wx;
};

/* 2M, 16K: the largest unit that divides size. */
static void put_size(struct out *out, uint64_t size, int width)
{
	static const char units[] = "KMGTPE";
	unsigned unit = 0;

	size >>= 10;
	while (size && (size & 1023) == 0 && units[unit + 1]) {
		size >>= 10;
		unit++;
	}
	out_printf(out, "%*llu%c", width, (unsigned long long)size, units[unit]);
}

static void put_bounds(struct out *out, const struct target *t, uint64_t va, uint64_t size)
{
	int digits = (int)target_va_digits(t);

	out_printf(out, "0x%0*llx-0x%0*llx ", digits, (unsigned long long)va, digits, (unsigned long long)(va + (size - 1)));
	put_size(out, size, 9);
}

static bool is_wx(const struct linux_range *r)
{
	return (r->rights & PROT_W) && (r->rights & PROT_X);
}

/* `size` in pages of level 0, which the half of `va` decides. */
static uint64_t pages_of(const struct dump *d, uint64_t va, uint64_t size)
{
	return size / pt_level_size(target_mode_at(d->t, va)->format, 0);
}

static void flush_fold(struct dump *d)
{
	if (!d->folded_pages)
		return;
	put_bounds(d->out, d->t, d->fold_first, d->fold_last - d->fold_first + 1);
	out_printf(d->out, "      self-map, %llu pages; ptdump %llx lists them%s\n", (unsigned long long)d->folded_pages,
	           (unsigned long long)d->fold_first, d->folded_wx ? " W+X" : "");
	d->wx_pages += d->folded_wx;
	d->folded_pages = d->folded_wx = 0;
}

static void put_line(struct out *out, const struct target *t, const struct linux_range *r, bool check)
{
	put_bounds(out, t, r->va, r->size);
	out_char(out, ' ');
	put_size(out, r->page, 3);
	out_printf(out, " %s pa %0*llx%s\n", r->letters, target_va_digits(t) == 8 ? 10 : 13, (unsigned long long)r->pa,
	           check && is_wx(r) ? " W+X" : "");
}

/* Prints how often the last range was repeated. */
static void end_repeats(struct dump *d)
{
	if (d->repeats == 1)
		put_line(d->out, d->t, &d->last, d->check);
	else if (d->repeats)
		out_printf(d->out, "  ... the same %llu times more, every %llx bytes, up to %llx\n", (unsigned long long)d->repeats,
		           (unsigned long long)d->distance, (unsigned long long)(d->last.va + (d->last.size - 1)));
	d->repeats = 0;
}

/* True if the range shows what the last one showed, as far behind it as that was behind the one before. */
static bool repeats(const struct dump *d, const struct linux_range *r)
{
	const struct linux_range *last = &d->last;

	return d->select->fold && last->size == r->size && last->pa == r->pa && last->page == r->page &&
	       last->rights == r->rights && !strcmp(last->letters, r->letters) &&
	       (!d->repeats || r->va - last->va == d->distance);
}

static void emit(struct dump *d, const struct linux_range *r)
{
	d->ranges++;
	d->bytes += r->size;
	if (d->check && is_wx(r))
		d->wx_pages += pages_of(d, r->va, r->size);
	if (d->select->take) {
		d->ended |= !d->select->take(d->select->ctx, r);
	} else if (repeats(d, r)) {
		d->distance = r->va - d->last.va;
		d->repeats++;
		d->last = *r;
	} else {
		end_repeats(d);
		put_line(d->out, d->t, r, d->check);
		d->last = *r;
	}
}

/* Ends the pending range. */
static void flush_range(struct dump *d)
{
	struct linux_range *r = &d->pending;
	const struct linux_select *select = d->select;

	if (r->size && (!select->one || select->va - r->va < r->size))
		emit(d, r);
	r->size = 0;
}

/* The same, before a line of another kind. */
static void flush(struct dump *d)
{
	flush_fold(d);
	flush_range(d);
	end_repeats(d);
	d->last.size = 0;
}

static size_t region_of(const struct dump *d, uint64_t va)
{
	for (size_t i = 0; i < d->marker_count; i++)
		if (va >= d->markers[i].first && va <= d->markers[i].last)
			return i;
	return NO_REGION;
}

/* Prints the markers of all regions up to `va`, also of empty ones. */
static void put_markers(struct dump *d, uint64_t va)
{
	for (; d->next_marker < d->marker_count && d->markers[d->next_marker].first <= va; d->next_marker++) {
		if (d->selects && d->markers[d->next_marker].last < va)
			continue;
		flush(d);
		out_printf(d->out, "---[ %s ]---\n", d->markers[d->next_marker].name);
		d->in_gap = false;
	}
}

static void enter_region(struct dump *d, uint64_t va)
{
	size_t region = region_of(d, va);

	put_markers(d, va);
	if (region == d->region)
		return;
	flush(d);
	d->region = region;
	if (region == NO_REGION && d->marker_count > 0 && !d->in_gap) {
		out_puts(d->out, "---[ no region ]---\n");
		d->in_gap = true;
	}
}

static bool continues(const struct linux_range *r, const struct linux_range *next)
{
	return r->size != 0 && r->va + r->size == next->va && r->pa + r->size == next->pa &&
	       r->page == next->page && r->rights == next->rights && strcmp(r->letters, next->letters) == 0;
}

static void add_leaf(struct dump *d, const struct pt_visit_entry *e)
{
	struct linux_range next = { .va = e->va, .size = e->size, .pa = e->pa.v, .rights = e->prot & PROT_RIGHTS };
	const struct pt_mode *mode = d->t->upper ? target_mode_at(d->t, e->va) : d->t->mode;

	/* An Arm 64 KiB page is sixteen entries of 4 KiB: the size is that of the output, not of the entry. */
	next.page = pt_output(mode, e->level, e->entry, e->va).size;
	pt_effective_letters(mode, e->level, e->entry, e->prot, next.letters, sizeof(next.letters));
	if (continues(&d->pending, &next)) {
		d->pending.size += next.size;
		return;
	}
	flush_range(d);
	d->pending = next;
}

static bool is_folded(const struct dump *d, const struct pt_visit_entry *e)
{
	return e->kind == PT_LEAF && d->fold_last && e->va >= d->fold_first && e->va <= d->fold_last;
}

static void fold(struct dump *d, const struct pt_visit_entry *e)
{
	struct linux_range r = { .rights = e->prot & PROT_RIGHTS };

	if (!d->folded_pages)
		flush(d);
	d->folded_pages++;
	if (d->check && is_wx(&r))
		d->folded_wx += pages_of(d, e->va, e->size);
}

/* True if the page is one of those that were asked for. */
static bool is_selected(const struct dump *d, const struct pt_visit_entry *e)
{
	const struct linux_select *s = d->select;

	return (e->prot & s->has) == s->has && !(e->prot & s->lacks) &&
	       (!s->phys || (e->pa.v <= s->pa_last && e->pa.v + (e->size - 1) >= s->pa_first));
}

static void add_bad(struct dump *d, const struct pt_visit_entry *e)
{
	flush(d);
	put_bounds(d->out, d->t, e->va, e->size);
	out_printf(d->out, "      bad entry %0*llx\n", target_mode_at(d->t, e->va)->format->entry_bytes * 2,
	           (unsigned long long)e->entry.v);
}

static bool visit(void *ctx, const struct pt_visit_entry *e)
{
	struct dump *d = ctx;

	if (d->selects && (e->kind != PT_LEAF || !is_selected(d, e)))
		return true;
	if (!d->select->take && !d->select->one)
		enter_region(d, e->va);
	if (!d->selects && is_folded(d, e)) {
		fold(d, e);
		return true;
	}
	flush_fold(d);
	if (e->kind == PT_LEAF)
		add_leaf(d, e);
	else
		add_bad(d, e);
	return !d->ended;
}

/* True if the mode can forbid execution. Without NX every writable page is executable, so W+X marks have no information. The test:
 * prot() of a page made without PROT_X has no PROT_X. */
static bool can_forbid_execution(const struct pt_mode *mode)
{
	pte_t pte;

	return !mode->format->make_leaf(mode, 0, PADDR(0), PROT_R | PROT_W, &pte) &&
	       !(mode->format->prot(mode, 0, pte) & PROT_X);
}

static void put_verdict(const struct dump *d, bool complete)
{
	out_puts(d->out, "Checked W+X mappings: ");
	if (!d->check)
		out_puts(d->out, "not possible, this mode cannot forbid execution.\n");
	else if (d->wx_pages == 0 && !complete)
		out_puts(d->out, "not complete, no W+X pages found in the tables that could be read.\n");
	else if (d->wx_pages == 0)
		out_puts(d->out, "passed, no W+X pages found.\n");
	else
		out_printf(d->out, "FAILED, %llu W+X pages found.\n", (unsigned long long)d->wx_pages);
}

/* In place of the verdict, which would be one about the selected pages alone. */
static void put_selected(const struct dump *d)
{
	out_printf(d->out, "Selected: %llu ranges, %llu KiB.\n", (unsigned long long)d->ranges,
	           (unsigned long long)(d->bytes >> 10));
}

static bool selects(const struct linux_select *s)
{
	return s->has || s->lacks || s->phys || s->one || s->take;
}

void linux_put_range(struct out *out, const struct target *t, const struct linux_range *r)
{
	put_line(out, t, r, can_forbid_execution(t->mode));
}

uint64_t linux_ptdump_selected(struct out *out, const struct target *t, const struct linux_marker *markers, size_t n,
                               uint64_t first, uint64_t last, const struct linux_select *select, bool *complete)
{
	struct pt_space space = target_space(t);
	struct dump d = {
		.out = out, .t = t, .markers = markers, .marker_count = n, .select = select, .selects = selects(select),
		.region = n, .check = can_forbid_execution(t->mode),
	};
	err_t err;

	if (!target_selfmap(t, &d.fold_first, &d.fold_last) || (first >= d.fold_first && first <= d.fold_last))
		d.fold_last = 0;
	while (d.next_marker < n && markers[d.next_marker].last < first)
		d.next_marker++;
	err = pt_visit(&space, first, last, PT_VISIT_LEAF | PT_VISIT_BAD, visit, &d);
	flush(&d);
	if (!d.selects)
		put_markers(&d, last);
	if (err)
		out_printf(out, "Some tables were not read: %s.\n", err_text(err));
	if (select->has || select->lacks || select->phys)
		put_selected(&d);
	else if (!d.selects)
		put_verdict(&d, err == OK);
	*complete = err == OK;
	return d.wx_pages;
}

uint64_t linux_ptdump(struct out *out, const struct target *t, const struct linux_marker *markers, size_t n,
                      uint64_t first, uint64_t last)
{
	const struct linux_select all = { .fold = false };
	bool complete;

	return linux_ptdump_selected(out, t, markers, n, first, last, &all, &complete);
}
