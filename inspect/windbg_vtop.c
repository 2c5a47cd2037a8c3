/* inspect/windbg_vtop.c - !vtop: one address from directory base to physical, a line for each step.
 * SPDX-License-Identifier: MIT
 *
 * How the lines look is a row of isa/; the Arm forms are ours, in the same style.
 */
#include "inspect/windbg.h"
#include "isa/isa.h"

struct vtop {
	struct out *out;
	const struct target *t;
	const struct isa_vtop *form;
	unsigned style;
};

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

static void put_step(const struct vtop *v, const struct pt_step *step, bool unreadable)
{
	int digits = v->t->mode->format->entry_bytes * 2;

	begin(v, v->form->paging);
	out_printf(v->out, "%s ", entry_name(v, step->level));
	put_address(v, step->entry_pa.v);
	if (v->form->values && unreadable)
		out_printf(v->out, " - %.*s", digits, "????????????????");
	else if (v->form->values)
		out_printf(v->out, " - %0*llx", digits, (unsigned long long)step->entry.v);
	out_char(v->out, '\n');
}

/* Why the walk ended at step without a page. */
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
		windbg_soft_inline(v->out, v->t, step->level, step->entry);
		out_char(v->out, '\n');
		return;
	default:
		out_printf(v->out, "bad %s\n", name);
	}
}

static void put_mapped(const struct vtop *v, const struct pt_walk *walk)
{
	bool large = walk->page.size > pt_level_size(v->t->mode->format, 0);

	begin(v, v->form->paging);
	out_puts(v->out, large ? "Large page mapped phys " : "Mapped phys ");
	put_address(v, walk->pa.v);
	out_char(v->out, '\n');
}

static void put_steps(const struct vtop *v, const struct pt_walk *walk)
{
	const struct pt_step *last = NULL;
	bool unreadable = false;

	for (unsigned i = 0; i < walk->n; i++) {
		last = &walk->step[i];
		unreadable = walk->err == ERR_IO && i == walk->n - 1;
		put_step(v, last, unreadable);
	}
	if (walk->outcome == PT_LEAF)
		put_mapped(v, walk);
	else if (last)
		put_obstacle(v, last, unreadable);
}

err_t windbg_vtop_styled(struct out *out, const struct target *t, paddr_t dirbase, uint64_t va,
                         unsigned style)
{
	struct vtop v = { out, t, &t->mode->format->isa->vtop, style };
	struct pt_space space = target_space(t);
	struct pt_step steps[PT_MAX_LEVELS];
	struct pt_walk walk;

	space.root = dirbase;
	pt_walk(&space, va, &walk, steps, ARRAY_LEN(steps));
	begin(&v, "Virt ");
	put_virtual(&v, va);
	out_puts(out, ", pagedir ");
	put_address(&v, dirbase.v);
	out_char(out, '\n');
	if (walk.err == ERR_RANGE) {
		begin(&v, "");
		out_printf(out, "VA %llx is %s\n", (unsigned long long)va, target_no_address(t));
	}
	put_steps(&v, &walk);
	if (walk.outcome == PT_LEAF) {
		out_printf(out, "Virtual address %llx translates to physical address %llx.\n",
		           (unsigned long long)va, (unsigned long long)walk.pa.v);
		return OK;
	}
	/* 0xD0000147 is WinDbg's one error for every translation that ends without a page. */
	out_printf(out, "Virtual address %llx translation fails, error 0xD0000147.\n", (unsigned long long)va);
	return ERR_NOT_FOUND;
}

err_t windbg_vtop(struct out *out, const struct target *t, paddr_t dirbase, uint64_t va)
{
	return windbg_vtop_styled(out, t, dirbase, va, 0);
}
