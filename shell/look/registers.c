/* shell/look/registers.c - r, cr, and the expressions that registers are used in.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/kernel.h"
#include "lib/string.h"
#include "shell/command.h"

#define ROW_END 72     /* a register that would begin behind it starts a row */

static bool has(const struct arch_reg *r)
{
	return !r->exists || r->exists();
}

static void put(struct out *out, const struct arch_reg *r, const struct trap_frame *f)
{
	int width = (int)strlen(r->name) + 1 + r->bits / 4;

	if (out->column > 0 && out->column + 1 + (unsigned)width > ROW_END)
		out_char(out, '\n');
	out_printf(out, "%s%s=%0*llx", out->column ? " " : "", r->name, r->bits / 4,
	           (unsigned long long)r->get(r->control ? NULL : f, r));
}

static void all(struct out *out, const struct target *t, const struct trap_frame *f)
{
	const char *name;
	uint64_t offset;

	for (const struct arch_reg *r = arch_regs; f && r->name; r++)
		if (!r->control && has(r))
			put(out, r, f);
	out_puts(out, f ? "\n" : "There was no trap so far: no general registers to show.\n");
	for (const struct arch_reg *r = arch_regs; r->name; r++)
		if (r->control && has(r))
			put(out, r, NULL);
	out_char(out, '\n');
	if (f && t->symbol_at && !t->symbol_at(t->ctx, arch_frame_pc(f), &name, &offset))
		out_printf(out, "%s+0x%llx:\n", name, (unsigned long long)offset);
}

static const struct arch_reg *find(const char *name)
{
	for (const struct arch_reg *r = arch_regs; r->name; r++)
		if (!str_casecmp(r->name, name) && has(r))
			return r;
	return NULL;
}

static void registers(struct call *c)
{
	const char *name = c->arg[0].text + (*c->arg[0].text == '@');
	const struct trap_frame *f = last_trap();
	const struct arch_reg *r;

	if (!c->arg[0].given) {
		all(c->out, c->target, f);
		return;
	}
	r = find(name);
	if (!r)
		call_fail(c, 0, "no such register");
	else if (!r->control && !f)
		call_fail(c, 0, "there was no trap so far: no general registers to show");
	else
		put(c->out, r, f), out_char(c->out, '\n');
}
COMMAND(r) = {
	.name = "r", .schema = "W", .synopsis = "r [REGISTER]", .flags = CMD_LOOKS | CMD_EXAMPLE, .run = registers,
	.what = "registers: of the last trap, and the CPU's control registers now",
	.help = "  kd> r {root}\n  In expressions: @{root}, @{pc}.\n  WinDbg: r   gdb, QEMU: info registers\n",
};
