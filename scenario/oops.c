/* scenario/oops.c - the oops of a scenario, from its registers, tables and symbols.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/linux.h"
#include "scenario/impl.h"

#define CALLS_MOST 32

static bool reg(const void *ctx, const char *name, uint64_t *value)
{
	const struct target *t = ctx;

	return t->reg(t->ctx, name, value) == OK;
}

/* The lines of this kernel's own: a hint, registers, callers. */
static void nothing(const void *ctx, struct out *out)
{
	(void)ctx;
	(void)out;
}

static enum access access_of(const char *letter)
{
	return !letter || *letter == 'r' ? ACCESS_READ : *letter == 'w' ? ACCESS_WRITE : ACCESS_EXECUTE;
}

bool scenario_oops(void *ctx, struct out *out)
{
	struct scenario *s = ctx;
	const struct system_oops *from = &s->oops;
	struct isa_call calls[CALLS_MOST];
	struct fault fault = { .va = (vaddr_t)from->va, .code = (uint32_t)from->code, .access = access_of(from->access) };
	struct isa_oops o = {
		.fault = &fault, .va = from->va, .trap = "", .code = from->code, .number = (unsigned)from->number,
		.process = from->process ? from->process : "", .pid = (int)from->pid, .stack_limit = from->stack_limit,
		.stack_top = from->stack_top, .calls = calls, .exception_text = from->entry, .exception_text_end = from->entry_end,
		.config = from->config, .modules = from->modules, .taint = from->taint, .release = from->release,
		.version = from->version, .cpu = (unsigned)from->cpu, .trace = from->trace, .ctx = &s->target, .reg = reg,
		.hint = nothing, .registers = nothing, .callers = nothing,
	};

	for (const struct scenario_node *n = s->calls.first; n && o.call_count < CALLS_MOST; n = n->next)
		calls[o.call_count++] = ((const struct scenario_call *)n)->call;
	if (s->has_oops)
		linux_oops(out, &s->target, &o);
	return s->has_oops;
}
