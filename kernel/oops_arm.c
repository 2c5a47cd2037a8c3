/* kernel/oops_arm.c - gathers, by the names of registers, what an oops of Linux on ARM shows.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/oops_form.h"
#include "kernel/inspect/linux_arm.h"
#include "kernel/kernel.h"
#include "kernel/proc.h"
#include "kernel/string.h"
#include "kernel/symbols.h"
#include "mm/vmalloc.h"

/* The first row of this name that exists here is the machine's own, whatever its width. */
static bool find(const struct trap_frame *f, const char *name, uint32_t *value)
{
	for (const struct arch_reg *r = arch_regs; r->name; r++)
		if (!strcmp(name, r->name) && (!r->exists || r->exists())) {
			*value = (uint32_t)r->get(r->control ? NULL : f, r);
			return true;
		}
	return false;
}

static uint32_t reg(const struct trap_frame *f, const char *name)
{
	uint32_t value = 0;

	(void)find(f, name, &value);
	return value;
}

static void gather_registers(const struct trap_frame *f, struct linux_arm_oops *o)
{
	static const char *const names[] = {
		"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "sp", "lr", "pc",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		o->r[i] = reg(f, names[i]);
	o->psr = reg(f, "psr");
	o->control = reg(f, "sctlr");
	o->table = reg(f, "ttbr0");
	/* DACR as it was: while this runs it is closed. */
	if (!find(f, "dac", &o->dac))
		o->dac = reg(f, "dacr");
}

static unsigned gather_calls(const struct call_trace *t, struct linux_arm_call calls[CALL_TRACE_MAX])
{
	unsigned n = 0;

	for (; n + 1 < t->count; n++)
		calls[n] = (struct linux_arm_call){ (uint32_t)t->pc[n], (uint32_t)t->pc[n + 1], (uint32_t)t->fp[n] };
	return n;
}

void oops_arm(struct out *out, const struct oops_story *s)
{
	static struct linux_arm_call calls[CALL_TRACE_MAX];
	struct linux_arm_oops o = {
		.va = (uint32_t)s->fault->va, .fsr = (uint32_t)s->fault->code, .number = s->number, .config = "ARM",
		.modules = "", .taint = "Not tainted", .release = "pageturner", .version = "#1", .process = "kernel",
		.calls = calls, .exception_text = (uint32_t)(uintptr_t)trap, .trace_id = s->number,
	};
	uint64_t bytes;

	gather_registers(s->frame, &o);
	o.call_count = gather_calls(last_calls(), calls);
	if (symbol_size((uintptr_t)trap, &bytes) == OK)
		o.exception_text_end = o.exception_text + (uint32_t)bytes;
	if (current_proc) {
		o.process = current_proc->name;
		o.pid = (int)current_proc->pid;
	}
	if (kstack_top(o.r[13])) {
		o.stack_top = (uint32_t)(uintptr_t)kstack_top(o.r[13]);
		o.stack_limit = o.stack_top - KSTACK_BYTES;
	}
	linux_arm_oops(out, s->target, &o);
}
