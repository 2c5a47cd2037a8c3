/* inspect/predict_show.c - a prediction in words.
 * SPDX-License-Identifier: MIT
 *
 * kernel write of c0100000: page fault, error code 0003 (P W)
 *   PTE at 105400 contains 00100121: a kernel write to a read-only page, with CR0.WP on
 *   PDE at 101c00 may become 00105063: Accessed
 */
#include "inspect/fields.h"
#include "inspect/predict.h"
#include "inspect/windbg.h"

const char *access_name(enum access access)
{
	static const char *const name[] = { [ACCESS_READ] = "read", [ACCESS_WRITE] = "write", [ACCESS_EXECUTE] = "fetch" };

	return name[access];
}

void predict_put_code(struct out *out, const struct pt_format *format, enum access access, uint32_t code)
{
	format->isa->put_code(out, access, code);
}

static void put_entry(struct out *out, const struct target *t, unsigned level, paddr_t at)
{
	out_printf(out, "  %s at %llx ", t->mode->format->level[level].windbg, (unsigned long long)at.v);
}

static void put_word(struct out *out, const struct target *t, const char *verb, pte_t pte)
{
	out_printf(out, "%s %0*llx: ", verb, t->mode->format->entry_bytes * 2, (unsigned long long)pte.v);
}

static void put_reason(struct out *out, const struct target *t, const struct prediction *p)
{
	for (unsigned i = 0; i < p->walk.n; i++) {
		const struct pt_step *step = &p->walk.step[i];

		if (step->level != p->level)
			continue;
		put_entry(out, t, step->level, step->entry_pa);
		put_word(out, t, "contains", step->entry);
		out_puts(out, p->why);
		if (step->kind == PT_SOFT) {
			out_puts(out, ", ");
			windbg_soft_inline(out, t, step->entry);
		}
		out_char(out, '\n');
	}
}

static void put_changes(struct out *out, const struct target *t, const struct prediction *p)
{
	static const char *const names[] = { "Accessed", "AF", "A", "Dirty", "D" };

	for (unsigned i = 0; i < p->changes; i++) {
		const struct predict_change *c = &p->change[i];
		unsigned form = pt_form(t->mode, c->level, c->before);
		const char *comma = "";

		put_entry(out, t, c->level, c->entry_pa);
		put_word(out, t, p->outcome == PREDICT_ALLOWED ? "becomes" : "may become", c->after);
		for (unsigned n = 0; n < ARRAY_LEN(names); n++) {
			const struct pt_field *field = field_find(t->mode->format, c->level, form, names[n]);

			if (!field || field_value(field, c->before) == field_value(field, c->after))
				continue;
			out_printf(out, "%s%s", comma, names[n]);
			comma = ", ";
		}
		out_char(out, '\n');
	}
}

static void put_outcome(struct out *out, const struct target *t, enum access access, const struct prediction *p)
{
	switch (p->outcome) {
	case PREDICT_ALLOWED:
		out_printf(out, "allowed, physical address %llx\n", (unsigned long long)p->pa.v);
		return;
	case PREDICT_NO_ADDRESS:
		out_puts(out, target_no_address(t));
		out_puts(out, t->mode->format->isa->not_canonical ? t->mode->format->isa->not_canonical : "");
		out_char(out, '\n');
		return;
	case PREDICT_UNREADABLE:
		out_printf(out, "unknown, the %s table cannot be read\n", t->mode->format->level[p->level].windbg);
		return;
	case PREDICT_FAULT:
		out_puts(out, "page fault, ");
		predict_put_code(out, t->mode->format, access, p->code);
		out_char(out, '\n');
		put_reason(out, t, p);
	}
}

void predict_show(struct out *out, const struct target *t, uint64_t va, struct predict_access access)
{
	struct target half = target_half_at(t, va);
	struct pt_space space = target_space(t);
	struct prediction p;

	t = &half;
	predict(&space, va, access, &p);
	out_printf(out, "%s %s of %0*llx: ", access.from_user ? "user" : "kernel", access_name(access.access),
	           (int)target_va_digits(t), (unsigned long long)va);
	put_outcome(out, t, access.access, &p);
	if (p.later) {
		put_entry(out, t, p.walk.step[0].level, p.walk.step[0].entry_pa);
		put_word(out, t, "contains", p.walk.step[0].entry);
		out_printf(out, "%s\n", p.later);
	}
	put_changes(out, t, &p);
}
