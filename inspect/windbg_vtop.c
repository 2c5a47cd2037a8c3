/* inspect/windbg_vtop.c - !vtop: translates one address with any root, one line per level.
 * SPDX-License-Identifier: MIT
 *
 * Like the debugger, the walk continues at entries where the CPU stops: the frame of a transition entry still contains the
 * page, and a prototype entry contains the address of another entry, which is translated next. isa/ has the layout of the
 * lines; that of ARM is our own, in the same style.
 */
#include "inspect/windbg.h"
#include "inspect/fields.h"
#include "inspect/nested.h"
#include "isa/isa.h"
#include "paging/soft.h"

struct vtop {
	struct out *out;
	const struct target *t;
	const struct isa_vtop *form;
	unsigned style;
	struct pt_space space;
	const struct vtop *second;    /* the second stage that translates every address of an entry and of a page; NULL: none */
};

struct way { struct pt_walk walk; struct pt_step step[PT_MAX_LEVELS]; };

static const char *entry_name(const struct vtop *v, unsigned level)
{
	return v->form->entry[level];
}

/* 3eb19b30, 1`3eb19b30 */
static void put_short(struct out *out, uint64_t v)
{
	if (v >> 32)
		out_printf(out, "%x`%08x", (unsigned)(v >> 32), (unsigned)v);
	else
		out_printf(out, "%x", (unsigned)v);
}

static void put_address(const struct vtop *v, uint64_t address)
{
	if (v->form->short_always || v->style & WINDBG_SHORT)
		put_short(v->out, address);
	else
		out_printf(v->out, "%016llx", (unsigned long long)address);
}

static void put_virtual(const struct vtop *v, uint64_t va)
{
	if (v->form->short_always)
		out_printf(v->out, "%08llx", (unsigned long long)va);
	else
		put_address(v, va);
}

static void begin(const struct vtop *v, const char *paging)
{
	out_puts(v->out, v->form->speaker);
	out_puts(v->out, paging);
}

static bool translate(const struct vtop *v, uint64_t va, bool nested, paddr_t *pa);

/* With two stages, the lines of the second one for the address of the entry come first. */
static void put_step(const struct vtop *v, const struct pt_step *step, bool unreadable)
{
	int digits = v->t->mode->format->entry_bytes * 2;
	paddr_t pa;

	if (v->second)
		(void)translate(v->second, step->entry_pa.v, false, &pa);
	begin(v, v->form->paging);
	out_printf(v->out, "%s ", entry_name(v, step->level));
	put_address(v, step->entry_pa.v);
	if (v->form->values && unreadable)
		out_printf(v->out, " - %.*s", digits, "????????????????");
	else if (v->form->values)
		out_printf(v->out, " - %0*llx", digits, (unsigned long long)step->entry.v);
	out_char(v->out, '\n');
}

/* "bad PDE, reserved: bits 51 13" */
static void put_bad(const struct vtop *v, const char *name, unsigned level, pte_t pte)
{
	uint64_t bits = entry_reserved_bits(v->t->mode, level, pte);

	out_printf(v->out, "bad %s", name);
	if (bits)
		out_printf(v->out, ", reserved: bit%s", bits & (bits - 1) ? "s" : "");
	for (unsigned bit = 64; bit-- > 0; )
		if (bits >> bit & 1)
			out_printf(v->out, " %u", bit);
	out_char(v->out, '\n');
}

/* Prints why the walk ended at `step` without a page. */
static void put_obstacle(const struct vtop *v, const struct pt_step *step, bool unreadable)
{
	const char *name = entry_name(v, step->level);

	begin(v, v->form->paging);
	if (unreadable) {
		out_printf(v->out, "unable to read %s\n", name);
		return;
	}
	switch (step->kind) {
	case PT_EMPTY:
		out_printf(v->out, "zero %s\n", name);
		return;
	case PT_SOFT:
		out_printf(v->out, "%s not present, ", name);
		windbg_soft_inline(v->out, v->t, step->entry);
		out_char(v->out, '\n');
		return;
	default:
		put_bad(v, name, step->level, step->entry);
	}
}

static void put_mapped(const struct vtop *v, uint64_t pa, bool large)
{
	begin(v, v->form->paging);
	out_puts(v->out, large ? "Large page mapped phys " : "Mapped phys ");
	put_address(v, pa);
	out_char(v->out, '\n');
}

/* ---- entries that are not present ---- */

static paddr_t in_frame(const struct vtop *v, pfn_t pfn, uint64_t va)
{
	return paddr_add(pfn_base(pfn), va & (pt_level_size(v->t->mode->format, 0) - 1));
}

/* Prints why the prototype entry does not lead to a page. */
static void put_no_page(const struct vtop *v, pte_t pte, const struct pt_soft *soft)
{
	begin(v, v->form->paging);
	if (pte.v == 0) {
		out_puts(v->out, "zero prototype PTE\n");
	} else if (soft->kind == SOFT_PROTOTYPE) {
		/* In a prototype entry, the prototype mark means that the page was never read from its file. */
		out_puts(v->out, "prototype PTE not present, the page is in its file (subsection)\n");
	} else {
		out_puts(v->out, "prototype PTE not present, ");
		windbg_soft_inline(v->out, v->t, pte);
		out_char(v->out, '\n');
	}
}

/* Finds the page of `va` through the prototype entry at physical address `at`. */
static bool page_of_prototype(const struct vtop *v, paddr_t at, uint64_t va, paddr_t *pa)
{
	const struct pt_mode *mode = v->t->mode;
	struct pt_soft soft;
	pte_t pte;

	if (pt_read(v->space.env, at, mode->format->entry_bytes, &pte) != OK) {
		begin(v, v->form->paging);
		out_printf(v->out, "unable to read prototype PTE: no memory at %llx\n", (unsigned long long)at.v);
		return false;
	}
	switch (mode->format->kind(mode, 0, pte)) {
	case PT_LEAF: {
		struct pt_output page = pt_output(mode, 0, pte, va);

		*pa = paddr_add(page.pa, va & (page.size - 1));
		return true;
	}
	case PT_BAD:
		begin(v, v->form->paging);
		put_bad(v, "prototype PTE", 0, pte);
		return false;
	default:
		pt_soft_decode(mode, pte, &soft);
		if (soft.kind == SOFT_TRANSITION)
			*pa = in_frame(v, soft.pfn, va);
		else
			put_no_page(v, pte, &soft);
		return soft.kind == SOFT_TRANSITION;
	}
}

static bool follow_prototype(const struct vtop *v, const struct pt_soft *soft, uint64_t va, paddr_t *pa)
{
	const char *base = v->t->mode->format->soft->proto_base;
	paddr_t at;

	if (!base && translate(v, soft->proto, true, &at))
		return page_of_prototype(v, at, va, pa);
	begin(v, v->form->paging);
	if (base)
		out_printf(v->out, "unable to read prototype PTE %s+%llX: %s is not known\n", base,
		           (unsigned long long)soft->proto, base);
	else
		out_printf(v->out, "unable to read prototype PTE %llx\n", (unsigned long long)soft->proto);
	return false;
}

/* The frame of a table in transition still contains the table: continues the walk there, below `level`. */
static bool walk_below(const struct vtop *v, unsigned level, pfn_t table, uint64_t va, struct way *way)
{
	struct pt_mode below = *pt_tree_at(&v->space, va)->mode;
	struct pt_space space = pt_space_of(&below, v->space.env, pfn_base(table));

	below.levels = (uint8_t)level;
	below.va_bits = 0;
	pt_walk(&space, pt_va_canonical(&below, va), &way->walk, way->step, ARRAY_LEN(way->step));
	return way->walk.n > 0;
}

/* ---- the walk ---- */

static const struct pt_step *put_steps(const struct vtop *v, const struct pt_walk *walk, bool *unreadable)
{
	const struct pt_step *last = NULL;

	*unreadable = false;
	for (unsigned i = 0; i < walk->n; i++) {
		last = &walk->step[i];
		*unreadable = walk->err == ERR_IO && i == walk->n - 1;
		put_step(v, last, *unreadable);
	}
	return last;
}

/* Ends a walk, or continues it through a transition or prototype entry. */
static bool finish(const struct vtop *v, struct way *way, uint64_t va, bool nested, paddr_t *pa)
{
	const struct pt_walk *walk = &way->walk;
	bool unreadable;
	const struct pt_step *last = put_steps(v, walk, &unreadable);
	struct pt_soft soft = { .kind = SOFT_ZERO };

	if (walk->outcome == PT_LEAF) {
		*pa = walk->pa;
		put_mapped(v, pa->v, walk->page.size > pt_level_size(v->t->mode->format, 0));
		return true;
	}
	if (!last)
		return false;
	if (!unreadable && last->kind == PT_SOFT)
		pt_soft_decode(v->t->mode, last->entry, &soft);
	if (soft.kind == SOFT_TRANSITION && last->level > 0)
		return walk_below(v, last->level, soft.pfn, va, way) && finish(v, way, va, nested, pa);
	if (soft.kind == SOFT_TRANSITION) {
		*pa = in_frame(v, soft.pfn, va);
		put_mapped(v, pa->v, false);
		return true;
	}
	/* The address of a prototype entry must not need another prototype entry: nesting is limited to one. */
	if (soft.kind == SOFT_PROTOTYPE && !soft.vad && last->level == 0 && !nested)
		return follow_prototype(v, &soft, va, pa);
	put_obstacle(v, last, unreadable);
	return false;
}

static bool translate(const struct vtop *v, uint64_t va, bool nested, paddr_t *pa)
{
	struct way way;

	pt_walk(&v->space, va, &way.walk, way.step, ARRAY_LEN(way.step));
	begin(v, v->form->guest ? "Guest " : "Virt ");
	put_virtual(v, va);
	out_puts(v->out, ", pagedir ");
	put_address(v, pt_tree_at(&v->space, va)->root.v);
	out_char(v->out, '\n');
	if (way.walk.err == ERR_RANGE) {
		begin(v, "");
		out_printf(v->out, "VA %llx is %s\n", (unsigned long long)va, target_no_address(v->t));
	}
	return finish(v, &way, va, nested, pa);
}

/* 0xD0000147 is WinDbg's one error for every translation that ends without a page. */
static err_t put_failure(struct out *out, const char *kind, uint64_t va)
{
	out_printf(out, "%s address %llx translation fails, error 0xD0000147.\n", kind, (unsigned long long)va);
	return ERR_NOT_FOUND;
}

err_t windbg_vtop_styled(struct out *out, const struct target *t, paddr_t dirbase, uint64_t va,
                         unsigned style)
{
	struct target half = target_half_at(t, va);
	struct vtop v = { out, &half, &half.mode->format->isa->vtop, style, target_space(t), NULL };
	const char *kind = v.form->guest ? "Guest physical" : "Virtual";
	paddr_t pa;

	pt_set_root(&v.space, dirbase);
	if (!translate(&v, va, false, &pa))
		return put_failure(out, kind, va);
	out_printf(out, "%s address %llx translates to physical address %llx.\n", kind, (unsigned long long)va,
	           (unsigned long long)pa.v);
	return OK;
}

err_t windbg_vtop(struct out *out, const struct target *t, paddr_t dirbase, uint64_t va)
{
	return windbg_vtop_styled(out, t, dirbase, va, t->style);
}

err_t windbg_vtop_nested(struct out *out, const struct target *t, uint64_t second, paddr_t dirbase, uint64_t va, unsigned style)
{
	struct target half = target_half_at(t, va), guest = *t;
	struct nested n;
	struct vtop below, v;
	paddr_t pa, machine;

	if (!nested_of_target(&n, out, t, second))
		return ERR_UNSUPPORTED;
	pt_set_root(&n.first, dirbase);
	guest.mode = n.second.half[0].mode;
	guest.upper = NULL;
	below = (struct vtop){ out, &guest, &guest.mode->format->isa->vtop, style, n.second, NULL };
	v = (struct vtop){ out, &half, &half.mode->format->isa->vtop, style, n.first, &below };
	if (!translate(&v, va, false, &pa))
		return put_failure(out, "Virtual", va);
	if (!translate(&below, pa.v, false, &machine)) {
		(void)put_failure(out, "Guest physical", pa.v);
		return put_failure(out, "Virtual", va);
	}
	out_printf(out, "Virtual address %llx translates to guest physical address %llx, physical address %llx.\n",
	           (unsigned long long)va, (unsigned long long)pa.v, (unsigned long long)machine.v);
	return OK;
}
