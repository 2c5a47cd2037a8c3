/* isa/arm_oops.c - an ARM oops, line by line in the order of Linux 3.x.
 * SPDX-License-Identifier: MIT
 */
#include "isa/arm_oops.h"
#include "isa/arm.h"

enum { PSR_T = 1u << 5, PSR_F = 1u << 6, PSR_I = 1u << 7, PSR_J = 1u << 24, PSR_V_BIT = 28, PSR_MODE = 0xF };
enum { SP = 13, LR = 14, PC = 15 };

#define REGS_BYTES 72u   /* pt_regs: sixteen registers, psr, the old r0 */
#define COMM_LEN   16

static const char *const modes[16] = {
	"USER_32", "FIQ_32", "IRQ_32", "SVC_32", "UK4_32", "UK5_32", "UK6_32", "ABT_32",
	"UK8_32", "UK9_32", "UK10_32", "UND_32", "UK12_32", "UK13_32", "UK14_32", "SYS_32",
};
static const char *const isas[4] = { "ARM", "Thumb", "Jazelle", "ThumbEE" };

/* Prints name+0x34/0xb0, or the bare address. A return address is looked up one byte earlier, inside the call: after a call that
 * never returns, the next instruction can belong to another function. */
static void put_symbol(struct out *out, const struct isa_view *v, uint32_t va, bool is_return)
{
	const char *name;
	uint64_t offset, size;

	if (v->symbol_at(v->ctx, va - is_return, &name, &offset) != OK) {
		out_printf(out, "0x%x", (unsigned)va);
		return;
	}
	out_printf(out, "%s+0x%llx", name, (unsigned long long)offset + is_return);
	if (v->symbol_size(v->ctx, va - is_return, &size) == OK)
		out_printf(out, "/0x%llx", (unsigned long long)size);
}

static void put_flags(struct out *out, const struct linux_arm_oops *o)
{
	static const char names[] = "vczn";
	uint32_t psr = o->psr;

	out_puts(out, "Flags: ");
	for (unsigned i = 4; i-- > 0; )
		out_char(out, psr >> (PSR_V_BIT + i) & 1 ? (char)(names[i] - 'a' + 'A') : names[i]);
	out_printf(out, "  IRQs o%s  FIQs o%s  Mode %s  ISA %s  Segment %s\n", psr & PSR_I ? "ff" : "n",
	           psr & PSR_F ? "ff" : "n", modes[psr & PSR_MODE],
	           isas[(psr & PSR_J ? 2 : 0) | (psr & PSR_T ? 1 : 0)], o->kernel_segment ? "kernel" : "user");
}

void linux_arm_regs(struct out *out, const struct isa_view *v, const struct linux_arm_oops *o)
{
	const uint32_t *r = o->r;

	out_puts(out, "PC is at ");
	put_symbol(out, v, r[PC], false);
	out_puts(out, "\nLR is at ");
	put_symbol(out, v, r[LR], false);
	out_printf(out, "\npc : [<%08x>]    lr : [<%08x>]    psr: %08x\n", r[PC], r[LR], o->psr);
	out_printf(out, "sp : %08x  ip : %08x  fp : %08x\n", r[SP], r[12], r[11]);
	out_printf(out, "r10: %08x  r9 : %08x  r8 : %08x\n", r[10], r[9], r[8]);
	out_printf(out, "r7 : %08x  r6 : %08x  r5 : %08x  r4 : %08x\n", r[7], r[6], r[5], r[4]);
	out_printf(out, "r3 : %08x  r2 : %08x  r1 : %08x  r0 : %08x\n", r[3], r[2], r[1], r[0]);
	put_flags(out, o);
	out_printf(out, "Control: %08x  Table: %08x  DAC: %08x\n", o->control, o->table, o->dac);
}

static void put_word(struct out *out, const struct isa_view *v, uint32_t at)
{
	uint32_t word;

	if (v->read(v->ctx, at, &word, sizeof(word)) == OK)
		out_printf(out, " %08x", word);
	else
		out_puts(out, " ????????");
}

/* Prints lines of eight words at multiples of 32 bytes; words below `bottom` are left blank. */
static void put_memory(struct out *out, const struct isa_view *v, const char *name, uint32_t bottom, uint32_t top)
{
	out_printf(out, "%s(0x%08x to 0x%08x)\n", name, bottom, top);
	for (uint32_t line = bottom & ~31u; line < top && line >= (bottom & ~31u); line += 32) {
		out_printf(out, "%04x:", line & 0xFFFF);
		for (uint32_t at = line; at < line + 32 && at < top; at += 4) {
			if (at >= bottom)
				put_word(out, v, at);
			else
				out_puts(out, "         ");
		}
		out_char(out, '\n');
	}
}

static void put_calls(struct out *out, const struct isa_view *v, const struct linux_arm_oops *o)
{
	for (unsigned i = 0; i < o->call_count; i++) {
		const struct isa_call *c = &o->calls[i];
		uint32_t where = (uint32_t)c->where, from = (uint32_t)c->from, saved = (uint32_t)c->frame + 4;

		out_printf(out, "[<%08x>] (", where);
		put_symbol(out, v, where, i > 0);
		out_printf(out, ") from [<%08x>] (", from);
		put_symbol(out, v, from, true);
		out_puts(out, ")\n");
		if (where >= o->exception_text && where < o->exception_text_end)
			put_memory(out, v, "Exception stack", saved, saved + REGS_BYTES);
	}
}

/* Four instructions before the faulting one, which is in brackets. */
static void put_code(struct out *out, const struct isa_view *v, const struct linux_arm_oops *o)
{
	uint32_t bytes = o->psr & PSR_T ? 2 : 4, first = (o->r[PC] & ~(bytes - 1)) - 4 * bytes;

	out_puts(out, "Code:");
	for (unsigned i = 0; i <= 4; i++) {
		uint32_t word = 0;

		if (v->read(v->ctx, first + i * bytes, &word, bytes) != OK) {
			out_puts(out, " bad PC value");
			break;
		}
		out_printf(out, i < 4 ? " %0*x" : " (%0*x)", (int)bytes * 2, word);
	}
	out_char(out, '\n');
}

void linux_arm_oops_line(struct out *out, const char *what, uint64_t code, unsigned count)
{
	out_printf(out, "Internal error: %s: %llx [#%u] ARM\n", what, (unsigned long long)code, count);
}

static void put_who(struct out *out, const struct linux_arm_oops *o)
{
	out_printf(out, "Internal error: Oops: %x [#%u] %s\n", o->fsr, o->number, o->config);
	out_printf(out, "Modules linked in:%s%s\n", *o->modules ? " " : "", o->modules);
	out_printf(out, "CPU: %u    %s  (%s %s)\n", o->cpu, o->taint, o->release, o->version);
}

void linux_arm_oops(struct out *out, const struct isa_view *v, const struct linux_arm_oops *o)
{
	out_printf(out, "Unable to handle kernel %s at virtual address %08x\n",
	           o->va < PAGE_SIZE ? "NULL pointer dereference" : "paging request", o->va);
	v->entries(v->ctx, out, o->va);
	put_who(out, o);
	linux_arm_regs(out, v, o);
	out_printf(out, "Process %.*s (pid: %d, stack limit = 0x%08x)\n", COMM_LEN, o->process, o->pid, o->stack_limit);
	if (o->stack_top > o->r[SP])
		put_memory(out, v, "Stack: ", o->r[SP], o->stack_top);
	put_calls(out, v, o);
	put_code(out, v, o);
	out_printf(out, "---[ end trace %016llx ]---\n", (unsigned long long)o->trace_id);
}

void linux_arm_user_fault(struct out *out, const char *process, int signal, uint32_t va, uint32_t fsr)
{
	out_printf(out, "%s: unhandled page fault (%d) at 0x%08x, code 0x%03x\n", process, signal, va, fsr);
}

void linux_arm_unhandled(struct out *out, uint32_t va, uint32_t fsr, bool instruction)
{
	out_printf(out, "Unhandled %s: %s (0x%03x) at 0x%08x\n", instruction ? "prefetch abort" : "fault",
	           fsr_name(fsr, instruction), fsr, va);
}

/* ---- from the machine's registers ---- */

static uint32_t reg(const struct isa_oops *o, const char *name)
{
	uint64_t value = 0;

	(void)o->reg(o->ctx, name, &value);
	return (uint32_t)value;
}

static void gather_registers(const struct isa_oops *from, struct linux_arm_oops *o)
{
	static const char *const names[] = {
		"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "sp", "lr", "pc",
	};
	uint64_t dac;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		o->r[i] = reg(from, names[i]);
	o->psr = reg(from, "psr");
	o->control = reg(from, "sctlr");
	o->table = reg(from, "ttbr0");
	/* DACR as in the interrupted code: user access is disabled while this runs. */
	o->dac = from->reg(from->ctx, "dac", &dac) ? (uint32_t)dac : reg(from, "dacr");
}

static const char *text(const char *given, const char *otherwise)
{
	return given ? given : otherwise;
}

static void memory_fault(struct out *out, const struct isa_view *v, const struct isa_oops *from)
{
	struct linux_arm_oops o = {
		.va = (uint32_t)from->fault->va, .fsr = (uint32_t)from->fault->code, .number = from->number,
		.config = text(from->config, "ARM"), .modules = text(from->modules, ""), .taint = text(from->taint, "Not tainted"),
		.release = text(from->release, "pageturner"), .version = text(from->version, "#1"), .cpu = from->cpu,
		.process = from->process, .pid = from->pid, .stack_limit = (uint32_t)from->stack_limit,
		.stack_top = (uint32_t)from->stack_top, .calls = from->calls, .call_count = from->call_count,
		.exception_text = (uint32_t)from->exception_text,
		.exception_text_end = (uint32_t)from->exception_text_end,
		.trace_id = from->trace ? from->trace : from->number,
	};

	gather_registers(from, &o);
	linux_arm_oops(out, v, &o);
	from->hint(from->ctx, out);
}

void arm_oops(struct out *out, const struct isa_view *v, const struct isa_oops *o)
{
	if (o->fault) {
		memory_fault(out, v, o);
		return;
	}
	linux_arm_oops_line(out, o->trap, o->code, o->number);
	o->registers(o->ctx, out);
	o->callers(o->ctx, out);
	out_printf(out, "---[ end trace %016llx ]---\n", (unsigned long long)o->number);
}

#define SIGSEGV 11

/* "hello: unhandled page fault (11) at 0x00000000, code 0x817", "hello (3): undefined instruction: pc=00400123" */
void arm_user_trap(struct out *out, const struct isa_user_trap *t)
{
	const struct fault *fault = t->fault;

	if (!fault)
		out_printf(out, "%s (%u): %s: pc=%08llx\n", t->process, t->pid, t->trap, (unsigned long long)t->pc);
	else if (fsr_is_page_fault(fault->code))
		linux_arm_user_fault(out, t->process, SIGSEGV, (uint32_t)fault->va, fault->code);
	else
		linux_arm_unhandled(out, (uint32_t)fault->va, fault->code, fault->access == ACCESS_EXECUTE);
}
