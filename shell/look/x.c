/* shell/look/x.c - x and ln: symbols by pattern, and the symbol of an address.
 * SPDX-License-Identifier: MIT
 *
 * The kernel's symbols are from a table that the build puts into its image, static functions included
 * (kernel/symbols.h); those of another system from the file of --symbols. The module is nt, as in WinDbg, and may be left out.
 * WinDbg: x, ln. crash: sym. gdb: info address, info symbol.
 */
#include "inspect/process.h"
#include "shell/command.h"
#include "shell/glob.h"
#include "lib/string.h"

/* WinDbg's name of the kernel's module. */
#define MODULE "nt!"

/* Skips a leading nt!: the kernel is the only module. */
static const char *without_module(const char *s)
{
	return !strncmp(s, MODULE, sizeof(MODULE) - 1) ? s + sizeof(MODULE) - 1 : s;
}

/* One line for each symbol that matches, in alphabetical order, in the form of WinDbg's x. No match
 * is an error. */
static void examine(struct call *c)
{
	const char *pattern = without_module(c->arg[0].text), *name;
	const struct target *t = c->target;
	unsigned found = 0;
	uint64_t at;

	if (!t->symbol_number) {
		call_lacks(c, "symbols");
		return;
	}
	for (unsigned i = 0; (name = t->symbol_number(t->ctx, i, &at)) != NULL; i++) {
		if (!glob_match(pattern, name))
			continue;
		windbg_address(c->out, t, at);
		out_printf(c->out, "          " MODULE "%s\n", name);
		found++;
	}
	if (!found)
		call_fail(c, 0, "no symbol matches");
}
COMMAND(x) = {
	.name = "x", .schema = "w", .synopsis = "x PATTERN", .flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = examine,
	.what = "symbols that match a pattern, with addresses",
	.help = "  kd> x kmai*\n"
	        "  * stands for any characters, ? for one; case is ignored. An address has one name. Static functions that\n"
	        "  share a name have a line each.\n"
	        "  WinDbg: x   crash: sym -q   gdb: info address\n",
};

/* "(c0101234)   nt!name+0x4" */
static void put_nearest(struct out *out, const struct target *t, uint64_t va, const char *name, uint64_t offset)
{
	out_char(out, '(');
	windbg_address(out, t, va - offset);
	out_printf(out, ")   " MODULE "%s", name);
	if (offset)
		out_printf(out, "+0x%llx", (unsigned long long)offset);
}

/* The symbol at or below the address, the next one after |, and WinDbg's line for an exact match. The next one begins where this
 * one ends: a symbol's size reaches to its successor. */
static void nearest(struct call *c)
{
	uint64_t va = c->arg[0].value, offset, next, size;
	const struct target *t = c->target;
	const char *name;

	if (!t->symbol_at || !t->symbol_size) {
		call_lacks(c, "symbols");
		return;
	}
	if (t->symbol_at(t->ctx, va, &name, &offset) != OK || t->symbol_size(t->ctx, va, &size) != OK) {
		call_fail(c, 0, "no symbol: the address is not in the kernel image");
		return;
	}
	put_nearest(c->out, t, va, name, offset);
	next = va - offset + size;
	if (t->symbol_at(t->ctx, next, &name, &size) == OK) {
		out_puts(c->out, "   |  ");
		put_nearest(c->out, t, next, name, 0);
	}
	out_char(c->out, '\n');
	if (!offset && t->symbol_at(t->ctx, va, &name, &offset) == OK)
		out_printf(c->out, "Exact matches:\n    " MODULE "%s\n", name);
}
COMMAND(ln) = {
	.name = "ln", .schema = "a", .synopsis = "ln ADDR", .flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = nearest,
	.what = "the symbol at or below an address, and the next one",
	.help = "  kd> ln kmain+2\n  WinDbg: ln   crash: sym   gdb: info symbol\n",
};
