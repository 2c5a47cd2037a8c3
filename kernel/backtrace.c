/* kernel/backtrace.c - back-traces from frame pointers; reading them never faults.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/backtrace.h"
#include "arch/trap.h"
#include "kernel/live.h"
#include "kernel/symbols.h"

/* Reads the word with index `word` (in units of a pointer, may be negative) relative to `fp`.
 * False: the memory is not mapped; nothing faults, since live_read() walks the tables. */
static bool read_link(uint64_t fp, int word, uintptr_t *value)
{
	uint64_t at = fp + (uint64_t)(int64_t)word * sizeof(*value);

	return live_read(at, value, sizeof(*value)) == OK;
}

void call_trace_take(struct call_trace *t, uint64_t pc, uint64_t fp)
{
	t->pc[0] = pc;
	for (t->count = 1; t->count < CALL_TRACE_MAX && fp; t->count++) {
		uintptr_t caller, next;

		if (!read_link(fp, arch_frame_link.return_address, &caller) ||
		    !read_link(fp, arch_frame_link.next, &next) || !caller)
			return;
		t->fp[t->count - 1] = fp;
		t->pc[t->count] = caller;
		/* The stack grows down, so each caller's frame has a higher address. A link that
		 * does not increase would make the loop endless or follow damaged memory: the
		 * trace ends. */
		fp = next > fp ? next : 0;
	}
}

/* `is_return`: pc is a return address, and the symbol is looked up at pc - 1, inside the call. If
 * a function that never returns is called last, the next instruction belongs to another function. */
static void put_address(struct out *out, uint64_t pc, bool is_return)
{
	int digits = (int)live_va_digits();
	const char *name;
	uint64_t offset;

	out_printf(out, " [<%0*llx>]", digits, (unsigned long long)pc);
	if (symbol_at(pc - is_return, &name, &offset) == OK)
		out_printf(out, " %s+0x%llx", name, (unsigned long long)offset + is_return);
	out_char(out, '\n');
}

void call_trace_put(struct out *out, const struct call_trace *t)
{
	out_puts(out, "Call Trace:\n");
	for (unsigned i = 0; i < t->count; i++)
		put_address(out, t->pc[i], i > 0);
}
