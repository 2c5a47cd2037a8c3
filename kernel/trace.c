/* kernel/trace.c - `trace on`: prints each fault on two lines when it is resolved.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/trace.h"
#include "arch/mmu.h"
#include "inspect/predict.h"
#include "kernel/console.h"
#include "kernel/symbols.h"
#include "mm/space/fault.h"

/* Prints an address with its symbol. */
static void put_pc(uint64_t pc)
{
	const char *name;
	uint64_t offset;

	out_printf(&console, "%llx", (unsigned long long)pc);
	if (symbol_at(pc, &name, &offset) == OK)
		out_printf(&console, " %s+0x%llx", name, (unsigned long long)offset);
}

/* Prints from the fault path, with interrupts as the fault left them: it uses only the record, and
 * walks no table. */
void trace_fault(const struct fault_record *r)
{
	const struct pt_format *f = arch_pt_mode()->format;
	int digits = f->entry_bytes * 2;

	out_printf(&console, "fault %llu: %s %s of %llx: %s, ", (unsigned long long)r->sequence,
	           r->fault.from_user ? "user" : "supervisor", access_name(r->fault.access),
	           (unsigned long long)r->fault.va,
	           r->fault.reserved_bit ? "reserved bit" : r->fault.present ? "protection" : "not present");
	predict_put_code(&console, f, r->fault.access, r->fault.code);
	out_puts(&console, ", pc ");
	put_pc(r->fault.pc);
	out_printf(&console, "\n  %s at %llx: %0*llx -> %0*llx; %s: %s", f->level[r->found.level].windbg,
	           (unsigned long long)r->found.entry_pa.v, digits, (unsigned long long)r->found.entry.v, digits,
	           (unsigned long long)r->after.v, r->vma_name[0] ? r->vma_name : "no VMA",
	           r->result == FAULT_FIXED ? fault_action_text(r->action) : fault_reason_text(fault_reason(r)));
	out_char(&console, '\n');
}
