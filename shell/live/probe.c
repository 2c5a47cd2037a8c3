/* shell/live/probe.c - probe: an access predicted, made, and the two compared.
 * SPDX-License-Identifier: MIT
 *
 * The prediction (inspect/predict.h) is computed from the entries and the CPU's mode by the manuals'
 * rules; the access is a real one, in kernel mode, by an instruction with a fix-up, so a fault is no
 * oops. They differ if the TLB holds a stale entry, or if the prediction has a bug: the command then
 * fails.
 * kvm-unit-tests has the same idea for x86 (x86/access).
 */
#include "arch/mmu.h"
#include "inspect/predict.h"
#include "isa/isa.h"
#include "kernel/live.h"
#include "kernel/probe.h"
#include "mm/space/fault.h"
#include "shell/command.h"
#include "shell/look/access.h"

/* What the CPU did. done: the access was completed, at once or after mm had resolved its fault.
 * fault: the first fault that it caused; NULL: none. Without a page fault a denial is another
 * exception (x86: #GP for an address that is not canonical). */
static void put_real(struct out *out, const struct target *t, bool done, const struct fault_record *fault)
{
	out_puts(out, "the CPU: ");
	if (!fault) {
		out_puts(out, done ? "allowed\n" : "denied, but not by a page fault\n");
		return;
	}
	out_puts(out, "page fault, ");
	predict_put_code(out, t->mode->format, fault->fault.access, (uint32_t)fault->fault.code);
	out_printf(out, "; %s\n", done ? fault_action_text(fault->action) : fault_reason_text(fault_reason(fault)));
}

/* True if a fault was predicted, with this fault code. Some families have codes on which emulators
 * and the manual disagree: isa.same_code() knows them. */
static bool same_code(const struct target *t, const struct prediction *p, const struct fault_record *fault)
{
	const struct isa *isa = t->mode->format->isa;

	if (p->outcome != PREDICT_FAULT)
		return false;
	return isa->same_code ? isa->same_code(p->code, &fault->fault) : p->code == fault->fault.code;
}

static void probe(struct call *c)
{
	/* The CPU's tables, independent of .process: those of the access. */
	struct target now = live_current();
	struct pt_space space = target_space(&now);
	struct predict_access a = { .access = ACCESS_READ };
	const struct fault_record *first = NULL;
	uint64_t va = c->arg[0].value, before;
	struct prediction p;
	bool done, agree;

	if (!call_access(c, 1, &a.access))
		return;
	if (va > UINTPTR_MAX) {
		call_fail(c, 0, "not a valid address on this machine");
		return;
	}
	predict(&space, va, a, &p);
	predict_show(c->out, &now, va, a);
	before = fault_newest();
	done = probe_access(va, a.access);
	/* The first fault is what was predicted; one that was resolved may be followed by another. */
	if (fault_newest() > before)
		first = fault_recent((unsigned)(fault_newest() - before - 1));
	agree = first ? same_code(&now, &p, first) : p.outcome == (done ? PREDICT_ALLOWED : PREDICT_NO_ADDRESS);
	put_real(c->out, c->target, done || (first && first->result == FAULT_FIXED), first);
	c->failed = !agree;
	out_puts(c->out, agree ? "as predicted\n" : "NOT as predicted: a stale TLB entry, or a bug in the prediction\n");
}
COMMAND(probe) = {
	.name = "probe", .schema = "aw", .synopsis = "probe VA r|w|x", .run = probe,
	.what = "predict an access, make it, and compare; a fault is no oops",
	.help = "  kd> probe 0 r\n  w stores the byte that it has read; x calls a return instruction at VA.\n"
	        "  kvm-unit-tests: x86/access\n",
};
