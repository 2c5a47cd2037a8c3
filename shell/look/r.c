/* shell/look/r.c - r and !r: registers of the last trap, and the control registers of now.
 * SPDX-License-Identifier: MIT
 *
 * General registers are those of the last trap that was not resolved; without one there is nothing
 * that they could belong to. Control registers are read when the command runs. The names are rows of
 * the architecture (arch_regs).
 * WinDbg: r. gdb and QEMU: info registers.
 */
#include "isa/isa.h"
#include "inspect/target.h"
#include "shell/command.h"
#include "lib/string.h"

/* Rows of at most this many columns, as WinDbg's. */
#define ROW_END 72     /* a register that would begin behind it starts a row */

/* One name=value; starts a new row if it would pass column ROW_END. */
static void put(struct out *out, const struct system_register *r)
{
	unsigned width = (unsigned)strlen(r->name) + 1 + r->digits;

	if (out->column > 0 && out->column + 1 + width > ROW_END)
		out_char(out, '\n');
	out_printf(out, "%s%s=%0*llx", out->column ? " " : "", r->name, (int)r->digits, (unsigned long long)r->value);
}

/* Prints the known registers of one kind, general or control. Returns their number. */
static unsigned put_kind(struct out *out, const struct target *t, bool control)
{
	struct system_register r;
	unsigned n = 0;

	for (unsigned i = 0; t->system->reg(t->system_ctx, i, &r); i++)
		if (r.control == control && r.known) {
			put(out, &r);
			n++;
		}
	return n;
}

/* Where the trap was that the registers are of, as WinDbg's line name+offset:. */
static void put_place(struct out *out, const struct target *t)
{
	const char *name;
	uint64_t pc, offset;

	if (t->reg && t->symbol_at && t->reg(t->ctx, t->mode->format->isa->pc, &pc) == OK &&
	    t->symbol_at(t->ctx, pc, &name, &offset) == OK)
		out_printf(out, "%s+0x%llx:\n", name, (unsigned long long)offset);
}

/* General registers, control registers, place; without a trap only the second. */
static void all(struct out *out, const struct target *t)
{
	bool trapped = put_kind(out, t, false) > 0;

	out_puts(out, trapped ? "\n" : "No trap so far: there are no general registers to show.\n");
	put_kind(out, t, true);
	out_char(out, '\n');
	if (trapped)
		put_place(out, t);
}

/* Prints the register with this name, in either case. General registers are known only after a trap. */
static void one(struct call *c, const char *name)
{
	struct system_register r;
	unsigned i = 0;

	while (c->target->system->reg(c->target->system_ctx, i, &r) && str_casecmp(r.name, name))
		i++;
	if (!c->target->system->reg(c->target->system_ctx, i, &r)) {
		call_fail(c, 0, "no such register");
	} else if (!r.known) {
		call_fail(c, 0, "no trap so far: there are no general registers to show");
	} else {
		put(c->out, &r);
		out_char(c->out, '\n');
	}
}

/* An image has no CPU. The @ of an expression is accepted. */
static void registers(struct call *c)
{
	if (!c->target->system || !c->target->system->reg)
		call_lacks(c, "a CPU");
	else if (c->arg[0].given)
		one(c, c->arg[0].text + (*c->arg[0].text == '@'));
	else
		all(c->out, c->target);
}
COMMAND(r) = {
	.name = "r", .schema = "W", .synopsis = "r [REGISTER]", .flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = registers,
	.what = "registers of the last trap, and the CPU's current control registers",
	.help = "  kd> r {root}\n  In expressions: @{root}, @{pc}.\n  WinDbg: r   gdb, QEMU: info registers\n",
};

/* One register a line, as the extension of document and debugger prints them. */
static void control_registers(struct call *c)
{
	const struct target *t = c->target;
	struct system_register r;

	if (!t->system || !t->system->reg) {
		call_lacks(c, "a CPU");
		return;
	}
	for (unsigned i = 0; t->system->reg(t->system_ctx, i, &r); i++)
		if (r.control && r.known)
			out_printf(c->out, "%s Value: %0*llx\n", r.name, (int)r.digits, (unsigned long long)r.value);
}
COMMAND(r_control) = {
	.name = "!r", .schema = "", .synopsis = "!r", .flags = CMD_READ_ONLY | CMD_TARGET, .run = control_registers,
	.what = "the control registers, one a line",
	.help = "  kd> !r\n  cr prints their bits by name.\n  WinDbg: !r\n",
};
