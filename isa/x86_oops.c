/* isa/x86_oops.c - an oops in the order and the words of Linux on x86.
 * SPDX-License-Identifier: MIT
 */
#include "isa/x86.h"

static const char *reason(uint64_t code)
{
	/* The CPU sets P with RSVD (SDM 3A 4.7): only a page that is present can have a reserved bit set. QEMU clears P. */
	if ((code & (PF_RSVD | PF_P)) == PF_RSVD)
		return "reserved bit violation (the page is present: QEMU leaves P out of the code)";
	if (!(code & PF_P))
		return "not-present page";
	if (code & PF_RSVD)
		return "reserved bit violation";
	if (code & PF_PK)
		return "protection keys violation";
	return "permissions violation";
}

static const char *access(uint64_t code)
{
	if (code & PF_I)
		return "instruction fetch";
	return code & PF_W ? "write access" : "read access";
}

/* A kernel that executes data or user code is the sign of an exploit: this line comes first. */
static void put_warning(struct out *out, const struct isa_view *v, const struct fault *fault)
{
	struct pt_walk walk;

	if (!(fault->code & PF_I) || fault->from_user)
		return;
	pt_walk(&v->space, fault->va, &walk, NULL, 0);
	if (walk.outcome != PT_LEAF)
		return;
	if (!(walk.prot & PROT_X))
		out_puts(out, "kernel tried to execute NX-protected page - exploit attempt? (uid: 0)\n");
	else if ((walk.prot & PROT_U) && v->space.half[0].mode->smep)
		out_puts(out, "unable to execute userspace code (SMEP?) (uid: 0)\n");
}

void linux_x86_fault_head(struct out *out, const struct isa_view *v, const struct fault *fault)
{
	int digits = v->space.half[0].mode->format->va_bits > 32 ? 16 : 8;
	bool null = fault->va < PAGE_SIZE && !fault->from_user;

	put_warning(out, v, fault);
	out_printf(out, "BUG: %s address: %0*llx\n",
	           null ? "kernel NULL pointer dereference," : "unable to handle page fault for",
	           digits, (unsigned long long)fault->va);
	out_printf(out, "#PF: %s %s in %s mode\n", fault->code & PF_U ? "user" : "supervisor",
	           access(fault->code), fault->from_user ? "user" : "kernel");
	out_printf(out, "#PF: error_code(0x%04llx) - %s\n", (unsigned long long)fault->code, reason(fault->code));
}

void linux_x86_oops_line(struct out *out, const char *what, uint64_t code, unsigned count)
{
	out_printf(out, "%s: %04llx [#%u]\n", what, (unsigned long long)code, count);
}

/* Linux 3: fewer words, and four levels have no P4D. */
static void old_oops(struct out *out, const struct isa_view *v, const struct isa_oops *o)
{
	static const char *const names[] = { "PTE", "PMD", "PUD", "PGD" };
	const struct pt_mode *mode = v->space.half[0].mode;
	int digits = mode->format->va_bits > 32 ? 16 : 8;
	struct pt_step steps[PT_MAX_LEVELS];
	uint64_t pc = 0, va = o->va, offset, size;
	const char *name;
	struct pt_walk w;

	(void)o->reg(o->ctx, mode->format->isa->pc, &pc);
	out_printf(out, "BUG: unable to handle kernel %s at %0*llx\nIP: [<%0*llx>] ", va < PAGE_SIZE ?
	           "NULL pointer dereference" : "paging request", digits, (unsigned long long)va, digits,
	           (unsigned long long)pc);
	if (v->symbol_at(v->ctx, pc, &name, &offset) == OK && v->symbol_size(v->ctx, pc, &size) == OK)
		out_printf(out, "%s+0x%llx/0x%llx", name, (unsigned long long)offset, (unsigned long long)size);
	out_char(out, '\n');
	if (mode->levels == ARRAY_LEN(names)) {
		pt_walk(&v->space, va, &w, steps, ARRAY_LEN(steps));
		for (unsigned i = 0; i < w.n; i++)
			out_printf(out, "%s%s %llx", i ? " " : "", names[steps[i].level], (unsigned long long)steps[i].entry.v);
		out_char(out, '\n');
	} else {
		v->entries(v->ctx, out, va);
	}
	out_printf(out, "Oops: %04llx [#%u] %s\nCPU %u\n", (unsigned long long)o->code, o->number, o->config, o->cpu);
}

void x86_oops(struct out *out, const struct isa_view *v, const struct isa_oops *o)
{
	if (o->fault && o->config) {
		old_oops(out, v, o);
		return;
	}
	if (o->fault) {
		linux_x86_fault_head(out, v, o->fault);
		v->entries(v->ctx, out, o->fault->va);
		o->hint(o->ctx, out);
	}
	linux_x86_oops_line(out, o->fault ? "Oops" : o->trap, o->code, o->number);
	o->registers(o->ctx, out);
	o->callers(o->ctx, out);
	out_printf(out, "---[ end trace %016llx ]---\n", (unsigned long long)o->number);
}

/* "hello[3]: segfault at 0 ip 00400123 sp 7ffcffc0 error 4 in hello[400000+1000]" */
void x86_user_trap(struct out *out, const struct isa_user_trap *t)
{
	out_printf(out, "%s[%u]: ", t->process, t->pid);
	if (t->fault)
		out_printf(out, "segfault at %llx", (unsigned long long)t->fault->va);
	else
		out_puts(out, t->trap);
	out_printf(out, " ip %0*llx sp %0*llx error %llx", t->digits, (unsigned long long)t->pc, t->digits,
	           (unsigned long long)t->sp, (unsigned long long)(t->fault ? t->fault->code : t->code));
	if (t->range)
		out_printf(out, " in %s[%llx+%llx]", t->range, (unsigned long long)t->first, (unsigned long long)t->bytes);
	out_char(out, '\n');
}
