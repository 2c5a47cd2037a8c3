/* inspect/linux.c - the lines of a Linux oops with the fault and its entries.
 * SPDX-License-Identifier: MIT
 *
 * isa/ has the names of the levels and the form of the lines of each CPU family.
 */
#include "inspect/linux.h"
#include "isa/isa.h"

static void put_table(struct out *out, const struct target *t, uint64_t va)
{
	int digits = (int)target_va_digits(t);
	uint64_t root = t->root.v < t->direct_size ? t->direct_base + t->root.v : t->root.v;

	out_printf(out, "pgd = %0*llx\n[%0*llx] ", digits, (unsigned long long)root, digits, (unsigned long long)va);
}

static void put_entry(struct out *out, const struct isa_entries *f, const char *name, pte_t entry)
{
	out_printf(out, "%s%s%0*llx", name, f->equals, f->digits, (unsigned long long)entry.v);
}

static void put_step(struct out *out, const struct isa_entries *f, const struct pt_step *step, bool top)
{
	unsigned name = step->level;

	while (top && name + 1 < PT_MAX_LEVELS && f->name[name + 1])
		name++;
	for (; name > step->level; name--) {
		put_entry(out, f, f->name[name], step->entry);
		out_puts(out, f->join);
	}
	put_entry(out, f, f->name[step->level], step->entry);
}

static bool is_bad(const struct isa_entries *f, const struct pt_walk *walk, const struct pt_step *last)
{
	if (walk->err == ERR_IO)
		return true;
	return f->leaf_is_bad && (walk->outcome == PT_BAD || (walk->outcome == PT_LEAF && last->level > 0));
}

void linux_entries(struct out *out, const struct target *t, uint64_t va)
{
	const struct isa_entries *f = &t->mode->format->isa->entries;
	struct pt_space space = target_space(t);
	struct pt_step steps[PT_MAX_LEVELS];
	struct pt_walk walk;

	pt_walk(&space, va, &walk, steps, ARRAY_LEN(steps));
	if (walk.err == ERR_RANGE) {
		out_printf(out, "VA %llx is %s\n", (unsigned long long)va, target_no_address(t));
		return;
	}
	if (f->table_first)
		put_table(out, t, va);
	for (unsigned i = 0; i < walk.n; i++) {
		const struct pt_step *step = &walk.step[i];

		if (walk.err == ERR_IO && i == walk.n - 1)
			break;
		out_puts(out, i > 0 ? f->join : "");
		put_step(out, f, step, i == 0);
	}
	if (walk.n > 0 && is_bad(f, &walk, &walk.last))
		out_puts(out, walk.n > 1 || *f->bad != ' ' ? f->bad : f->bad + 1);
	out_char(out, '\n');
}

/* ---- struct isa_view of a target ---- */

static void view_entries(void *ctx, struct out *out, uint64_t va)
{
	linux_entries(out, ctx, va);
}

static err_t view_read(void *ctx, uint64_t va, void *buf, size_t n)
{
	return target_read_virt(ctx, va, buf, n);
}

static err_t view_symbol_at(void *ctx, uint64_t va, const char **name, uint64_t *offset)
{
	const struct target *t = ctx;

	return t->symbol_at ? t->symbol_at(t->ctx, va, name, offset) : ERR_NOT_FOUND;
}

static err_t view_symbol_size(void *ctx, uint64_t va, uint64_t *size)
{
	const struct target *t = ctx;

	return t->symbol_size ? t->symbol_size(t->ctx, va, size) : ERR_NOT_FOUND;
}

struct isa_view linux_view(const struct target *t)
{
	return (struct isa_view){
		.ctx = (void *)(uintptr_t)t, .space = target_space(t), .entries = view_entries, .read = view_read,
		.symbol_at = view_symbol_at, .symbol_size = view_symbol_size,
	};
}

void linux_oops(struct out *out, const struct target *t, const struct isa_oops *o)
{
	struct isa_view view = linux_view(t);

	t->mode->format->isa->oops(out, &view, o);
}
