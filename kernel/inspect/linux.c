/* kernel/inspect/linux.c - the lines of a Linux oops that tell the fault and its entries.
 * SPDX-License-Identifier: MIT
 *
 * Formats: FACTS D4 (Arm) and D5 (x86). What each architecture calls its levels is a row of a table.
 */
#include "kernel/inspect/linux.h"
#include "kernel/string.h"

/* x86 page-fault error code, Intel SDM vol. 3A 4.7. */
enum {
	PF_PROT = 1u << 0,
	PF_WRITE = 1u << 1,
	PF_USER = 1u << 2,
	PF_RSVD = 1u << 3,
	PF_INSTR = 1u << 4,
	PF_PK = 1u << 5,
};

/* Linux counts five levels everywhere; a format that has fewer shows its top entry under all the names above. */
struct entries_form {
	const char *format;         /* pt_format.name; NULL: any other */
	const char *equals, *join;
	int digits;                 /* of an entry; 1: no leading zeros */
	bool arm;                   /* the table and the address come first; "(bad)" instead of "BAD" */
	const char *name[PT_MAX_LEVELS];
};

static const struct entries_form entries_forms[] = {
	{ "legacy", " = ", " ", 8, false, { "*pte", "*pde" } },
	{ "pae", " = ", " ", 16, false, { "*pte", "*pde", "*pdpt" } },
	{ "x64", " ", " ", 1, false, { "PTE", "PMD", "PUD", "P4D", "PGD" } },
	{ "la57", " ", " ", 1, false, { "PTE", "PMD", "PUD", "P4D", "PGD" } },
	{ "short", "=", ", ", 8, true, { "*pte", "*pgd" } },
	{ "lpae", "=", ", ", 8, true, { "*pte", "*pmd", "*pgd" } },
	{ NULL, "=", ", ", 16, true, { "pte", "pmd", "pud", "p4d", "pgd" } },
};

static const struct entries_form *form_of(const struct pt_format *format)
{
	const struct entries_form *f = entries_forms;

	while (f->format && strcmp(f->format, format->name))
		f++;
	return f;
}

static void put_arm_head(struct out *out, const struct target *t, uint64_t va)
{
	int digits = (int)target_va_digits(t);
	uint64_t root = t->root.v < t->direct_size ? t->direct_base + t->root.v : t->root.v;

	out_printf(out, "pgd = %0*llx\n[%0*llx] ", digits, (unsigned long long)root, digits, (unsigned long long)va);
}

static void put_entry(struct out *out, const struct entries_form *f, const char *name, pte_t entry)
{
	out_printf(out, "%s%s%0*llx", name, f->equals, f->digits, (unsigned long long)entry.v);
}

static void put_step(struct out *out, const struct entries_form *f, const struct pt_step *step, bool top)
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

/* An Arm kernel of that age calls a large page bad here: where a table should be, it is none. */
static bool says_bad(const struct entries_form *f, const struct pt_walk *walk, const struct pt_step *last)
{
	if (walk->err == ERR_IO)
		return true;
	return f->arm && (walk->outcome == PT_BAD || (walk->outcome == PT_LEAF && last->level > 0));
}

void linux_entries(struct out *out, const struct target *t, uint64_t va)
{
	const struct entries_form *f = form_of(t->mode->format);
	struct pt_space space = target_space(t);
	struct pt_walk walk;

	pt_walk(&space, va, &walk);
	if (walk.err == ERR_RANGE) {
		out_printf(out, "VA %llx is %s\n", (unsigned long long)va, target_no_address(t));
		return;
	}
	if (f->arm)
		put_arm_head(out, t, va);
	for (unsigned i = 0; i < walk.n; i++) {
		const struct pt_step *step = &walk.step[i];

		if (walk.err == ERR_IO && i == walk.n - 1)
			break;
		out_puts(out, i > 0 ? f->join : "");
		put_step(out, f, step, i == 0);
	}
	if (walk.n > 0 && says_bad(f, &walk, &walk.step[walk.n - 1]))
		out_puts(out, f->arm ? "(bad)" : walk.n > 1 ? " BAD" : "BAD");
	out_char(out, '\n');
}

static const char *reason(uint64_t code)
{
	/* The CPU sets P with RSVD (SDM 3A 4.7): only a page that is present can have a reserved bit set. QEMU leaves P out. */
	if ((code & (PF_RSVD | PF_PROT)) == PF_RSVD)
		return "reserved bit violation (the page is present: QEMU leaves P out of the code)";
	if (!(code & PF_PROT))
		return "not-present page";
	if (code & PF_RSVD)
		return "reserved bit violation";
	if (code & PF_PK)
		return "protection keys violation";
	return "permissions violation";
}

static const char *access(uint64_t code)
{
	if (code & PF_INSTR)
		return "instruction fetch";
	return code & PF_WRITE ? "write access" : "read access";
}

/* A kernel that jumps to data or to user code is told so first: it is the sign of an exploit. */
static void put_warning(struct out *out, const struct target *t, const struct fault *fault)
{
	struct pt_space space = target_space(t);
	struct pt_walk walk;

	if (!(fault->code & PF_INSTR) || fault->from_user)
		return;
	pt_walk(&space, fault->va, &walk);
	if (walk.outcome != PT_LEAF)
		return;
	if (!(walk.prot & PROT_X))
		out_puts(out, "kernel tried to execute NX-protected page - exploit attempt? (uid: 0)\n");
	else if ((walk.prot & PROT_U) && t->mode->smep)
		out_puts(out, "unable to execute userspace code (SMEP?) (uid: 0)\n");
}

void linux_x86_fault_head(struct out *out, const struct target *t, const struct fault *fault)
{
	bool null = fault->va < PAGE_SIZE && !fault->from_user;

	put_warning(out, t, fault);
	out_printf(out, "BUG: %s address: %0*llx\n",
	           null ? "kernel NULL pointer dereference," : "unable to handle page fault for",
	           (int)target_va_digits(t), (unsigned long long)fault->va);
	out_printf(out, "#PF: %s %s in %s mode\n", fault->code & PF_USER ? "user" : "supervisor",
	           access(fault->code), fault->from_user ? "user" : "kernel");
	out_printf(out, "#PF: error_code(0x%04llx) - %s\n", (unsigned long long)fault->code, reason(fault->code));
}

void linux_x86_oops_line(struct out *out, const char *what, uint64_t code, unsigned count)
{
	out_printf(out, "%s: %04llx [#%u]\n", what, (unsigned long long)code, count);
}
