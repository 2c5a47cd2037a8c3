/* kernel/explain_fault.c - explains a fault: the access, the entries found, the action, the next step.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/explain_fault.h"
#include "inspect/predict.h"
#include "inspect/target.h"
#include "kernel/trap.h"
#include "mm/space/vma.h"

#define LETTERS 32

static const char *const access_text[] = {
	[ACCESS_READ] = "read of", [ACCESS_WRITE] = "write to", [ACCESS_EXECUTE] = "fetch from",
};

/* The next command to try for each reason. NULL: there is no advice, and no line is printed. */
static const char *const advice[WHY_COUNT] = {
	[WHY_NO_RANGE] = "no VMA covers this address; vad lists them, demand reserves a range. A null pointer is near 0",
	[WHY_RANGE] = "protect changes the rights of a range; a guard page is meant to fault",
	[WHY_NOT_PAGED] = "this range is not demand-paged: setpte writes the entry; log shows the store that cleared it",
	[WHY_ENTRIES] = "predict shows which level or mode bit (SMEP, SMAP) forbids it; setpte changes the PTE",
	[WHY_ENTRIES_ALONE] = "predict shows which level forbids it; protect and setpte change rights",
	[WHY_KERNEL_PART] = "a program uses kernel memory through system calls only",
	[WHY_IRQL] = "touch the page at PASSIVE_LEVEL first (raise 0)",
	[WHY_NO_MEMORY] = "memusage shows the use of the frames",
	[WHY_IO_ERROR] = "the file or device could not supply the page",
	[WHY_CORRUPT] = "corrupt entry: pte and dt show its bits, log the stores to it",
	[WHY_CORRUPT_ROOT] = "correct the entry before this root is loaded again; predict shows what happens then",
};

/* Prints an address with all its digits and, if it is inside the image, its symbol. */
static void put_place(struct out *out, const struct target *t, uint64_t pc)
{
	const char *name;
	uint64_t offset;

	out_printf(out, "%0*llx", (int)target_va_digits(t), (unsigned long long)pc);
	if (t->symbol_at(t->ctx, pc, &name, &offset) == OK)
		out_printf(out, " (%s+0x%llx)", name, (unsigned long long)offset);
}

/* Prints the access that faulted and the decoded error code (x86) or fault status (ARM). */
static void put_request(struct out *out, const struct target *t, const struct fault_record *r)
{
	int digits = (int)target_va_digits(t);

	out_printf(out, "Fault %llu: %s %0*llx by %s code at ", (unsigned long long)r->sequence,
	           access_text[r->fault.access], digits, (unsigned long long)r->fault.va,
	           r->fault.from_user ? "user" : "kernel");
	put_place(out, t, r->fault.pc);
	out_printf(out, ", address space %x\n", (unsigned)r->aspace);
	predict_put_code(out, t->mode->format, r->fault.access, (uint32_t)r->fault.code);
	out_char(out, '\n');
}

/* Prints one entry of the walk. Only present entries have letters: bits of other entries mean
 * something else. `mark` is printed below the entry that ended the walk; NULL: none. */
static void put_step(struct out *out, const struct target *t, const struct pt_step *s, const char *mark)
{
	const struct pt_format *f = t->mode->format;
	char letters[LETTERS] = "";
	unsigned column;

	out_printf(out, "  %-5s at %10llx: ", f->level[s->level].vendor, (unsigned long long)s->entry_pa.v);
	column = out->column;
	out_printf(out, "%0*llx", f->entry_bytes * 2, (unsigned long long)s->entry.v);
	if (s->kind == PT_TABLE || s->kind == PT_LEAF)
		pt_letters(t->mode, s->level, s->entry, letters, sizeof(letters));
	out_printf(out, "%s%s\n", *letters ? "  " : "", letters);
	if (!mark)
		return;
	out_pad_to(out, column);
	out_printf(out, "^ %s\n", mark);
}

/* Returns the entry of the record's walk at `level`, in the table at `table`: found.entry at the
 * level where the walk ended, found.upper[] above it. A table is aligned to its size, so OR adds
 * the index. */
static struct pt_step step_of(const struct target *t, const struct fault_record *r, unsigned level, paddr_t table)
{
	const struct pt_mode *mode = t->mode;
	struct pt_step s = { .level = (uint8_t)level };

	s.entry = level == r->found.level ? r->found.entry : r->found.upper[level];
	s.entry_pa = PADDR(table.v | (uint64_t)pt_index(mode->format, level, r->fault.va) * mode->format->entry_bytes);
	s.kind = mode->format->kind(mode, level, s.entry);
	return s;
}

/* Prints the walk from the record, not from the tables: they may have changed since, and the
 * process may have exited. */
static void put_walk(struct out *out, const struct target *t, const struct fault_record *r)
{
	const struct pt_mode *mode = t->mode;
	paddr_t table = r->root;

	if (r->found.level >= mode->levels) {
		out_puts(out, "  no table was read: the address is not canonical\n");
		return;
	}
	for (unsigned level = mode->levels; level-- > r->found.level;) {
		struct pt_step s = step_of(t, r, level, table);
		bool unchecked = s.kind == PT_BAD && pt_checked_at_load(mode, level);

		put_step(out, t, &s, level > r->found.level ? NULL : unchecked ? mode->format->isa->bad_root_entry
		                                                               : "it failed here");
		table = pt_output(mode, level, s.entry, r->fault.va).pa;
	}
}

/* Prints the record of a trap that is not a page fault (r->trap is its name); it has no address
 * and no entries. */
static void put_trap(struct out *out, const struct target *t, const struct fault_record *r)
{
	out_printf(out, "Fault %llu: %s by %s code at ", (unsigned long long)r->sequence, r->trap,
	           r->fault.from_user ? "user" : "kernel");
	put_place(out, t, r->fault.pc);
	out_printf(out, ", address space %x\nerror code %04x\n", (unsigned)r->aspace, (unsigned)r->fault.code);
	out_puts(out, "This is not a page fault: no page-table entry caused it.\n");
}

/* Prints the VMA that covered the address when the fault happened. vma_last 0: none did, or no VMA
 * was looked up. */
static void put_range(struct out *out, const struct fault_record *r)
{
	if (!r->vma_last) {
		out_puts(out, "range: none\n");
		return;
	}
	out_printf(out, "range: %s, %llx-%llx, %c%c%c%s\n", r->vma_name, (unsigned long long)r->vma_first,
	           (unsigned long long)r->vma_last, r->vma_prot & PROT_R ? 'r' : '-', r->vma_prot & PROT_W ? 'w' : '-',
	           r->vma_prot & PROT_X ? 'x' : '-', r->vma_prot & PROT_U ? ", user" : "");
}

void explain_fault(struct out *out, const struct target *t, const struct fault_record *r)
{
	int digits = t->mode->format->entry_bytes * 2;

	if (!r) {
		out_puts(out, "No fault so far; touch 0 r causes one.\n");
		return;
	}
	if (r->trap[0]) {
		put_trap(out, t, r);
		return;
	}
	put_request(out, t, r);
	put_walk(out, t, r);
	put_range(out, r);
	if (r->result == FAULT_FIXED) {
		out_printf(out, "done: %s; the entry was %0*llx, then %0*llx\n", fault_action_text(r->action), digits,
		           (unsigned long long)r->found.entry.v, digits, (unsigned long long)r->after.v);
		return;
	}
	out_printf(out, "not resolved: %s\n", fault_reason_text(fault_reason(r)));
	if (advice[fault_reason(r)])
		out_printf(out, "to try: %s\n", advice[fault_reason(r)]);
}
