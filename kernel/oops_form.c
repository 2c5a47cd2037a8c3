/* kernel/oops_form.c - gathers what an oops shows; its layout is that of Linux on this CPU family (isa/).
 * SPDX-License-Identifier: MIT
 */
#include "kernel/oops_form.h"
#include "inspect/linux.h"
#include "kernel/backtrace.h"
#include "kernel/oops.h"
#include "kernel/proc.h"
#include "kernel/symbols.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "mm/space/vmalloc.h"

/* Prints what the address is, if that is more specific than the entries: the guard page of a
 * kernel stack, or a VMA. The newest record belongs to this fault only if its address is the same. */
static void hint(const void *ctx, struct out *out)
{
	const struct oops_report *s = ctx;
	const struct fault_record *r = fault_recent(0);

	if (kstack_is_guard(s->fault->va))
		out_puts(out, "The address is in the guard page below a kernel stack: the stack overflowed.\n");
	else if (r && r->fault.va == s->fault->va && r->vma_name[0])
		out_printf(out, "The VMA %s covers the address: %s.\n", r->vma_name, fault_reason_text(fault_reason(r)));
}

/* The callbacks of struct isa_oops: isa/ has the layout, and this file has the values. */
static void registers(const void *ctx, struct out *out)
{
	arch_oops_render(out, ((const struct oops_report *)ctx)->frame);
}

static void callers(const void *ctx, struct out *out)
{
	(void)ctx;
	call_trace_put(out, last_calls());
}

/* The first existing row with this name is the register of this machine; rows differ in width. */
static bool reg(const void *ctx, const char *name, uint64_t *value)
{
	const struct oops_report *s = ctx;

	for (const struct arch_reg *r = arch_regs; r->name; r++)
		if (!strcmp(name, r->name) && (!r->exists || r->exists())) {
			*value = r->get(r->control ? NULL : s->frame, r);
			return true;
		}
	return false;
}

/* Converts a back-trace to pairs of call and caller; ARM prints both. */
static unsigned gather_calls(const struct call_trace *t, struct isa_call calls[CALL_TRACE_MAX])
{
	unsigned n = 0;

	for (; n + 1 < t->count; n++)
		calls[n] = (struct isa_call){ t->pc[n], t->pc[n + 1], t->fp[n] };
	return n;
}

/* `calls` is static, because an oops can happen with little stack left. Linux prints "Exception
 * stack" lines after a caller inside the exception entry: [exception_text, exception_text_end) is
 * trap(). */
void oops_print(struct out *out, const struct oops_report *s)
{
	static struct isa_call calls[CALL_TRACE_MAX];
	uint64_t sp = arch_frame_sp(s->frame), bytes;
	struct isa_oops o = {
		.fault = s->fault, .trap = arch_trap_name(s->frame), .code = arch_trap_code(s->frame),
		.number = s->number, .process = "kernel", .calls = calls, .exception_text = (uintptr_t)trap, .ctx = s,
		.reg = reg, .hint = hint, .registers = registers, .callers = callers,
	};

	o.call_count = gather_calls(last_calls(), calls);
	if (symbol_size((uintptr_t)trap, &bytes) == OK)
		o.exception_text_end = o.exception_text + bytes;
	if (current_proc) {
		o.process = current_proc->name;
		o.pid = (int)current_proc->pid;
	}
	if (kstack_top(sp)) {
		o.stack_top = (uintptr_t)kstack_top(sp);
		o.stack_limit = o.stack_top - KSTACK_BYTES;
	}
	linux_oops(out, s->target, &o);
}
