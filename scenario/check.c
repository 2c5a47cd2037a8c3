/* scenario/check.c - fsck of a scenario: what Linux finds when a process exits and its pages are unmapped.
 * SPDX-License-Identifier: MIT
 *
 * unmap_vmas() goes through the entries in the order of addresses: each takes one mapping and one reference from its frame, and one
 * page from a counter of the process. A frame without mappings that is mapped once more is a bad page map (Linux's
 * print_bad_pte()); a counter that does not end at 0 is a bad state of it (Linux's check_mm()).
 */
#include "lib/string.h"
#include "scenario/impl.h"

struct check {
	struct scenario *s;
	struct out *out;
	const struct scenario_process *p;
	struct pt_space space;
	int64_t file_pages, anon_pages;
	unsigned complaints;
};

static struct scenario_frame *frame_of(const struct check *c, uint64_t pfn)
{
	for (struct scenario_node *n = c->s->frames.first; n; n = n->next)
		if (((struct scenario_frame *)n)->f.pfn == pfn)
			return (struct scenario_frame *)n;
	return NULL;
}

/* ---- Linux's lines ---- */

/* include/linux/page-flags.h, of Linux 3. */
static const char *const flag_names[] = {
	"locked", "error", "referenced", "uptodate", "dirty", "lru", "active", "slab", "owner_priv_1", "arch_1", "reserved",
	"private", "private_2", "writeback", "head", "tail", "swapcache", "mappedtodisk", "reclaim", "swapbacked",
	"unevictable", "mlocked",
};

static void put_flags(struct out *out, uint64_t flags)
{
	const char *between = "";

	out_printf(out, "page flags: 0x%llx(", (unsigned long long)flags);
	for (size_t i = 0; i < ARRAY_LEN(flag_names); i++)
		if (flags >> i & 1) {
			out_printf(out, "%s%s", between, flag_names[i]);
			between = "|";
		}
	out_puts(out, ")\n");
}

/* %p of Linux 3. */
static void put_pointer(const struct check *c, const char *name, uint64_t value)
{
	int digits = (int)target_va_digits(&c->s->target);

	if (value)
		out_printf(c->out, "%s%0*llx", name, digits, (unsigned long long)value);
	else
		out_printf(c->out, "%s%*s", name, digits, "(null)");
}

static void put_page(const struct check *c, const struct scenario_frame *f)
{
	put_pointer(c, "page:", c->s->vmemmap + f->f.pfn * c->s->frame_bytes);
	out_printf(c->out, " count:%llu mapcount:%lld", (unsigned long long)f->count, (long long)f->maps);
	put_pointer(c, " mapping:", f->count ? f->f.mapping : 0);
	out_printf(c->out, " index:0x%llx\n", (unsigned long long)f->f.index);
	put_flags(c->out, f->f.flags);
}

static void put_vma(const struct check *c, uint64_t va)
{
	const struct scenario_vma *v = NULL;

	for (const struct scenario_node *n = c->p->vmas.first; n && !v; n = n->next)
		if (va >= ((const struct scenario_vma *)n)->v.first && va <= ((const struct scenario_vma *)n)->v.last)
			v = (const struct scenario_vma *)n;
	put_pointer(c, "addr:", va);
	out_printf(c->out, " vm_flags:%08llx", (unsigned long long)(v ? v->flags : 0));
	put_pointer(c, " anon_vma:", v ? v->anon_vma : 0);
	put_pointer(c, " mapping:", v ? v->v.control_area : 0);
	out_printf(c->out, " index:%llx\n", (unsigned long long)(va >> PAGE_SHIFT));
}

/* Addresses that a search of the stack finds, hence the question marks. */
static void put_calls(const struct check *c)
{
	struct scenario *s = c->s;

	out_printf(c->out, "Pid: %llu, comm: %s %s\n", (unsigned long long)c->p->v.cid, c->p->v.image, s->kernel ? s->kernel : "");
	if (s->calls.first)
		out_puts(c->out, "Call Trace:\n");
	for (const struct scenario_node *n = s->calls.first; n; n = n->next) {
		uint64_t at = ((const struct scenario_call *)n)->call.where, offset, size;
		const char *name;

		out_printf(c->out, " [<%0*llx>] ? ", (int)target_va_digits(&s->target), (unsigned long long)at);
		if (scenario_symbol_at(s, at, &name, &offset) == OK && scenario_symbol_size(s, at, &size) == OK)
			out_printf(c->out, "%s+0x%llx/0x%llx", name, (unsigned long long)offset, (unsigned long long)size);
		out_char(c->out, '\n');
	}
}

static void put_bad_page(const struct check *c, const struct pt_visit_entry *e, const struct scenario_frame *f)
{
	struct pt_step steps[PT_MAX_LEVELS];
	struct pt_walk w;
	uint64_t upper = 0;

	pt_walk(&c->space, e->va, &w, steps, ARRAY_LEN(steps));
	for (unsigned i = 0; i < w.n; i++)
		if (steps[i].level == 1)
			upper = steps[i].entry.v;
	out_printf(c->out, "BUG: Bad page map in process %s  pte:%08llx pmd:%08llx\n", c->p->v.image,
	           (unsigned long long)e->entry.v,
	           (unsigned long long)upper);
	put_page(c, f);
	put_vma(c, e->va);
	put_calls(c);
}

/* ---- the check ---- */

static bool unmap(void *ctx, const struct pt_visit_entry *e)
{
	struct check *c = ctx;
	struct scenario_frame *f = frame_of(c, pfn_of(e->pa).v);

	/* A page without a record is not counted. */
	if (!f)
		return true;
	/* A free frame has no mapping any more, and so does not count as anonymous. */
	if (f->f.anon && f->count)
		c->anon_pages--;
	else
		c->file_pages--;
	f->maps--;
	if (f->maps < 0) {
		c->complaints++;
		put_bad_page(c, e, f);
	}
	if (f->count)
		f->count--;
	return true;
}

static void put_counter(struct check *c, unsigned i, int64_t value)
{
	if (!value)
		return;
	c->complaints++;
	put_pointer(c, "BUG: Bad rss-counter state mm:", c->p->mm);
	out_printf(c->out, " idx:%u val:%lld\n", i, (long long)value);
}

static void check_process(struct check *c)
{
	const struct pt_mode *mode = &c->s->mode;
	uint64_t last = mode->format->caps & PT_SIGN_EXTEND ? pt_mode_va_mask(mode) >> 1 : 0xbfffffff;
	paddr_t root;

	if (!c->p->v.dirbase || pt_root_of(mode, c->p->v.dirbase, &root) != OK)
		return;
	c->space = target_space_of(&c->s->target, root);
	c->file_pages = (int64_t)c->p->file_pages;
	c->anon_pages = (int64_t)c->p->anon_pages;
	/* What a short file does not have is not a damaged table. */
	if (pt_visit(&c->space, 0, last, PT_VISIT_LEAF, unmap, c) != OK)
		out_printf(c->out, "%s: not every table is in the scenario\n", c->p->v.image);
	put_counter(c, 0, c->file_pages);
	put_counter(c, 1, c->anon_pages);
}

unsigned scenario_check(void *ctx, struct out *out, uint64_t process)
{
	struct check c = { .s = ctx, .out = out };

	for (struct scenario_node *n = c.s->frames.first; n; n = n->next) {
		struct scenario_frame *f = (struct scenario_frame *)n;

		f->maps = (int64_t)f->f.maps;
		f->count = f->f.count;
	}
	for (const struct scenario_node *n = c.s->processes.first; n; n = n->next) {
		c.p = (const struct scenario_process *)n;
		if (!process || c.p->v.address == process)
			check_process(&c);
	}
	return c.complaints;
}
