/* inspect/windbg_ptov.c - !ptov, !pte2va and !pte for a range: from entries to addresses.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/windbg.h"
#include "isa/isa.h"

#define MAX_LETTERS 32
#define GIB         (1ull << 30)

struct ptov {
	struct out *out;
	const struct pt_mode *mode;
	bool (*more)(void *ctx);
	void *ctx;
};

/* 15e11000, 00000001`034fb000 */
static void put_address(struct out *out, uint64_t v)
{
	if (v >> 32)
		out_printf(out, "%08x`%08x", (unsigned)(v >> 32), (unsigned)v);
	else
		out_printf(out, "%x", (unsigned)v);
}

static bool put_line(void *ctx, const struct pt_visit_entry *e)
{
	const struct ptov *p = ctx;

	if (p->more && !p->more(p->ctx))
		return false;
	put_address(p->out, e->pa.v);
	out_char(p->out, ' ');
	put_address(p->out, e->va);
	if (e->level > 0)
		out_puts(p->out, e->size >= GIB ? " (1GB large page)" : " (large page)");
	out_char(p->out, '\n');
	return true;
}

err_t windbg_ptov(struct out *out, const struct target *t, paddr_t dirbase, bool (*more)(void *ctx), void *ctx)
{
	struct ptov p = { out, t->mode, more, ctx };
	struct pt_space space = target_space(t);
	const struct isa_ptov *head = &t->mode->format->isa->ptov;
	err_t err;

	out_printf(out, "%s: pagedir %llx%s\n", head->speaker, (unsigned long long)dirbase.v, head->tail);
	pt_set_root(&space, dirbase);
	err = pt_visit(&space, 0, UINT64_MAX, PT_VISIT_LEAF, put_line, &p);
	if (err != OK)
		out_printf(out, "Some tables were not read: %s.\n", err_text(err));
	return err;
}

static void put_literal(struct out *out, const struct target *t, unsigned level, pte_t pte, const char *note)
{
	const struct pt_mode *mode = t->mode;
	enum pt_kind kind = mode->format->kind(mode, level, pte);
	char letters[MAX_LETTERS];

	out_printf(out, "contains %0*llX\n", mode->format->entry_bytes * 2, (unsigned long long)pte.v);
	if (kind != PT_LEAF && kind != PT_TABLE) {
		out_printf(out, "%s%s\n", kind == PT_BAD ? "bad entry" : "not valid", note);
		if (kind == PT_SOFT)
			windbg_soft(out, t, pte, 0);
		return;
	}
	pt_letters(mode, level, pte, letters, sizeof(letters));
	out_printf(out, "pfn %-9llx %11s%s\n",
	           (unsigned long long)pfn_of(pt_output(mode, level, pte, 0).pa).v, letters, note);
}

void windbg_pte_literal(struct out *out, const struct target *t, unsigned level, pte_t pte)
{
	put_literal(out, t, level, pte, "");
}

void windbg_pte_assumed(struct out *out, const struct target *t, unsigned level, pte_t pte)
{
	char note[32];
	struct out_buf b;

	out_buf_init(&b, note, sizeof(note));
	out_printf(&b.out, "  (taken as a%s %s)", *t->mode->format->level[level].windbg == 'L' ? "n" : "",
	           t->mode->format->level[level].windbg);
	put_literal(out, t, level, pte, note);
}

err_t windbg_pte2va(struct out *out, const struct target *t, uint64_t at)
{
	uint64_t va;

	/* A PTE's address. A PDE's address qualifies as well: it is the PTE of the table that it points to. */
	if (!target_page_of_entry(t, at, &va)) {
		out_printf(out, "%0*llx is not in the page tables\n", (int)target_va_digits(t), (unsigned long long)at);
		return ERR_RANGE;
	}
	out_printf(out, "%0*llx\n", (int)target_va_digits(t), (unsigned long long)va);
	return OK;
}

/* The first address after the entry that ended the walk for `va`; not above `va` after the last entry. */
static uint64_t next_va(const struct target *t, uint64_t va)
{
	struct pt_space space = target_tables_at(t, va);
	const struct pt_tree *tree = pt_tree_at(&space, va);
	const struct pt_mode *mode = tree->mode;
	struct pt_walk w;
	uint64_t size, next, last;

	pt_walk(&space, va, &w, NULL, 0);
	size = pt_level_size(mode->format, w.n ? w.last.level : 0);
	next = ALIGN_DOWN(va, size) + size;
	if (pt_va_valid(mode, next))
		return next;
	/* Skips from the lower half to the upper one. A format without halves wraps back, which ends the loop. */
	if (pt_is_one_tree(&space))
		return pt_va_canonical(mode, (pt_mode_va_mask(mode) >> 1) + 1);
	if (tree == &space.half[0])
		pt_half_range(&space, 1, &next, &last);
	return next;
}

void windbg_pte_range(struct out *out, const struct target *t, uint64_t first, uint64_t last,
                      bool (*more)(void *ctx), void *ctx)
{
	uint64_t va = first, next;

	for (;;) {
		windbg_pte(out, t, va);
		next = next_va(t, va);
		if (next <= va || next > last || (more && !more(ctx)))
			return;
		out_char(out, '\n');
		va = next;
	}
}
