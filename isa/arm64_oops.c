/* isa/arm64_oops.c - an AArch64 oops, line by line in the order of Linux 5.10.
 * SPDX-License-Identifier: MIT
 *
 * Registers: DDI 0487 D17.2.37 (ESR_EL1), C5.2 (PSTATE as SPSR_EL1 has it).
 */
#include "isa/arm.h"

enum { ESR_EC_SHIFT = 26, ESR_IL = 1u << 25, EC_FETCH = 0x20, EC_DATA = 0x24, EC_SAME_LEVEL = 1, ISS_WNR = 1u << 6,
       ISS_CM = 1u << 8, ISS_S1PTW = 1u << 7, ISS_EA = 1u << 9, ISS_FNV = 1u << 10, ISS_SET_SHIFT = 11, ISS_ISV = 1u << 24 };
enum { PSR_PAN = 22, PSR_UAO = 23, PSR_TCO = 25, PSR_V = 28, PSR_F = 6 };

static uint64_t reg(const struct isa_oops *o, const char *name)
{
	uint64_t value = 0;

	(void)o->reg(o->ctx, name, &value);
	return value;
}

static void put_symbol(struct out *out, const struct isa_view *v, uint64_t va, bool is_return)
{
	const char *name;
	uint64_t offset, size;

	if (v->symbol_at(v->ctx, va - (is_return ? 4 : 0), &name, &offset) != OK) {
		out_printf(out, "0x%llx", (unsigned long long)va);
		return;
	}
	out_printf(out, "%s+0x%llx", name, (unsigned long long)offset + (is_return ? 4 : 0));
	if (v->symbol_size(v->ctx, va - (is_return ? 4 : 0), &size) == OK)
		out_printf(out, "/0x%llx", (unsigned long long)size);
}

/* The exception class follows from the fault; the code is the syndrome, ISS. */
static uint32_t esr_of(const struct isa_oops *o)
{
	bool fetch = o->fault->access == ACCESS_EXECUTE;
	uint32_t class = (fetch ? EC_FETCH : EC_DATA) | (o->fault->from_user ? 0 : EC_SAME_LEVEL);

	return class << ESR_EC_SHIFT | ESR_IL | (uint32_t)o->fault->code;
}

static void put_abort(struct out *out, const struct isa_oops *o, uint32_t esr)
{
	bool fetch = o->fault->access == ACCESS_EXECUTE;
	uint32_t iss = esr & (ESR_IL - 1);

	out_printf(out, "Mem abort info:\n  ESR = 0x%08x\n  EC = 0x%02x: %s (%s EL), IL = 32 bits\n", esr, esr >> ESR_EC_SHIFT,
	           fetch ? "IABT" : "DABT", o->fault->from_user ? "lower" : "current");
	out_printf(out, "  SET = %u, FnV = %u\n  EA = %u, S1PTW = %u\n", iss >> ISS_SET_SHIFT & 3, !!(iss & ISS_FNV),
	           !!(iss & ISS_EA), !!(iss & ISS_S1PTW));
	if (!fetch)
		out_printf(out, "Data abort info:\n  ISV = %u, ISS = 0x%08x\n  CM = %u, WnR = %u\n", !!(iss & ISS_ISV), iss,
		           !!(iss & ISS_CM), !!(iss & ISS_WNR));
}

/* "pstate: 60000005 (nZCv daif -PAN -UAO -TCO BTYPE=--)" */
static void put_pstate(struct out *out, uint32_t pstate)
{
	static const char flags[] = "vczn", masks[] = "fiad";
	static const char *const types[] = { "--", "jc", "-c", "j-" };

	out_printf(out, "pstate: %08x (", pstate);
	for (unsigned i = 4; i-- > 0; )
		out_char(out, pstate >> (PSR_V + i) & 1 ? (char)(flags[i] - 'a' + 'A') : flags[i]);
	out_char(out, ' ');
	for (unsigned i = 4; i-- > 0; )
		out_char(out, pstate >> (PSR_F + i) & 1 ? (char)(masks[i] - 'a' + 'A') : masks[i]);
	out_printf(out, " %cPAN %cUAO %cTCO BTYPE=%s)\n", pstate >> PSR_PAN & 1 ? '+' : '-', pstate >> PSR_UAO & 1 ? '+' : '-',
	           pstate >> PSR_TCO & 1 ? '+' : '-', types[pstate >> 10 & 3]);
}

static void put_registers(struct out *out, const struct isa_view *v, const struct isa_oops *o)
{
	put_pstate(out, (uint32_t)reg(o, "pstate"));
	out_puts(out, "pc : ");
	put_symbol(out, v, reg(o, "pc"), false);
	out_puts(out, "\nlr : ");
	put_symbol(out, v, reg(o, "x30"), false);
	out_printf(out, "\nsp : %016llx\n", (unsigned long long)reg(o, "sp"));
	for (unsigned i = 30; i-- > 0; ) {
		char name[8];

		str_printf(name, sizeof(name), "x%u", i);
		out_printf(out, "%s%s: %016llx ", name, i < 10 ? " " : "", (unsigned long long)reg(o, name));
		if (i % 2 == 0)
			out_char(out, '\n');
	}
}

static void put_calls(struct out *out, const struct isa_view *v, const struct isa_oops *o)
{
	out_puts(out, "Call trace:\n");
	for (unsigned i = 0; i < o->call_count; i++) {
		out_char(out, ' ');
		put_symbol(out, v, o->calls[i].where, i > 0);
		out_char(out, '\n');
	}
}

/* Four instructions before the faulting one, which is in brackets. */
static void put_code(struct out *out, const struct isa_view *v, const struct isa_oops *o)
{
	uint64_t first = (reg(o, "pc") & ~(uint64_t)3) - 16;

	out_puts(out, "Code: ");
	for (unsigned i = 0; i <= 4; i++) {
		uint32_t word = 0;

		if (v->read(v->ctx, first + (uint64_t)4 * i, &word, sizeof(word)) != OK) {
			out_puts(out, "bad PC value");
			break;
		}
		out_printf(out, i < 4 ? "%08x " : "(%08x) ", word);
	}
	out_char(out, '\n');
}

static void put_who(struct out *out, const struct isa_oops *o, const char *what, uint64_t code)
{
	out_printf(out, "Internal error: %s: %llx [#%u]\nModules linked in:\n", what, (unsigned long long)code, o->number);
	out_printf(out, "CPU: 0 PID: %d Comm: %s Not tainted pageturner #1\n", o->pid, o->process);
}

void arm64_oops(struct out *out, const struct isa_view *v, const struct isa_oops *o)
{
	if (o->fault) {
		uint32_t esr = esr_of(o);

		out_printf(out, "Unable to handle kernel %s at virtual address %016llx\n",
		           o->fault->va < PAGE_SIZE ? "NULL pointer dereference" : "paging request",
		           (unsigned long long)o->fault->va);
		put_abort(out, o, esr);
		v->entries(v->ctx, out, o->fault->va);
		put_who(out, o, "Oops", esr);
	} else {
		put_who(out, o, o->trap, o->code);
	}
	put_registers(out, v, o);
	put_calls(out, v, o);
	put_code(out, v, o);
	out_printf(out, "---[ end trace %016llx ]---\n", (unsigned long long)o->number);
	if (o->fault)
		o->hint(o->ctx, out);
}

/* "hello[485]: unhandled exception: DABT (lower EL), ESR 0x92000005, level 1 translation fault in hello[400000+1000]" */
void arm64_user_trap(struct out *out, const struct isa_user_trap *t)
{
	const struct fault *fault = t->fault;

	out_printf(out, "%s[%u]: unhandled exception: ", t->process, t->pid);
	if (!fault) {
		out_printf(out, "%s, pc=%016llx\n", t->trap, (unsigned long long)t->pc);
		return;
	}
	out_printf(out, "%s (lower EL), ", fault->access == ACCESS_EXECUTE ? "IABT" : "DABT");
	arm64_put_code(out, fault->access, (uint32_t)fault->code);
	if (t->range)
		out_printf(out, " in %s[%llx+%llx]", t->range, (unsigned long long)t->first, (unsigned long long)t->bytes);
	out_char(out, '\n');
}
