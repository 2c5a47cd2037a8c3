/* kernel/oops_form.c - the table of the forms that an oops is told in.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/oops_form.h"
#include "kernel/inspect/linux.h"
#include "kernel/inspect/linux_arm.h"
#include "kernel/kernel.h"
#include "mm/vmalloc.h"

#define PARTS 8

typedef void (*oops_part)(struct out *out, const struct oops_story *s);

static void x86_head(struct out *out, const struct oops_story *s)
{
	linux_x86_fault_head(out, s->target, s->fault);
}

static void entries(struct out *out, const struct oops_story *s)
{
	linux_entries(out, s->target, s->fault->va);
}

/* What the address was, where that says more than the entries do. */
static void hint(struct out *out, const struct oops_story *s)
{
	const struct fault_record *r = fault_recent(0);

	if (kstack_is_guard(s->fault->va))
		out_puts(out, "The address is in the guard page below a kernel stack: the stack overflowed.\n");
	else if (r && r->fault.va == s->fault->va && r->vma_name[0])
		out_printf(out, "The address is in the range %s: %s.\n", r->vma_name, fault_reason_text(fault_reason(r)));
}

static const char *what(const struct oops_story *s)
{
	return s->fault ? "Oops" : arch_trap_name(s->frame);
}

static void x86_line(struct out *out, const struct oops_story *s)
{
	linux_x86_oops_line(out, what(s), arch_trap_code(s->frame), s->number);
}

static void arm_line(struct out *out, const struct oops_story *s)
{
	linux_arm_oops_line(out, what(s), arch_trap_code(s->frame), s->number);
}

static void registers(struct out *out, const struct oops_story *s)
{
	arch_oops_render(out, s->frame);
}

static void callers(struct out *out, const struct oops_story *s)
{
	(void)s;
	call_trace_put(out, last_calls());
}

static void end(struct out *out, const struct oops_story *s)
{
	out_printf(out, "---[ end trace %016llx ]---\n", (unsigned long long)s->number);
}

static const struct { oops_part memory[PARTS], other[PARTS]; } forms[OOPS_FORMS] = {
	[OOPS_X86] = {
		.memory = { x86_head, entries, hint, x86_line, registers, callers, end },
		.other = { x86_line, registers, callers, end },
	},
	[OOPS_ARM] = {
		.memory = { oops_arm, hint },
		.other = { arm_line, registers, callers, end },
	},
};

void oops_tell(struct out *out, const struct oops_story *s)
{
	const oops_part *part = s->fault ? forms[arch_oops_form].memory : forms[arch_oops_form].other;

	while (*part)
		(*part++)(out, s);
}
