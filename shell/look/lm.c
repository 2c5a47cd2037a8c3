/* shell/look/lm.c - lm: the modules of the kernel and of the selected process.
 * SPDX-License-Identifier: MIT
 *
 * WinDbg: lm. Linux: lsmod, /proc/PID/maps.
 */
#include "inspect/process.h"
#include "lib/string.h"
#include "shell/command.h"

/* WinDbg prints an address of 64 bits with a back-tick, and a blank follows. */
#define COLUMN(t) (target_va_digits(t) == 16 ? 18u : 9u)

/* WinDbg's name of a module: that of its file without directories and suffix, with _ for what a
 * symbol cannot contain. */
static void put_name(struct out *out, const char *path)
{
	const char *name = path, *dot = NULL;

	for (const char *c = path; *c; c++)
		if (*c == '\\' || *c == '/')
			name = c + 1;
	for (const char *c = name; *c; c++)
		if (*c == '.')
			dot = c;
	for (const char *c = name; *c && c != dot; c++)
		out_char(out, *c == ' ' || *c == '-' || *c == '.' ? '_' : *c);
}

/* Start and end as WinDbg has them: the end is the first address behind the module. */
static void put(struct out *out, const struct target *t, uint64_t base, uint64_t size)
{
	windbg_address(out, t, base);
	out_char(out, ' ');
	windbg_address(out, t, base + size);
	out_puts(out, "   ");
}

/* The loader's list of the selected process (PEB_LDR_DATA). It can be paged out: then the list ends early. */
static void put_user(struct out *out, const struct target *t)
{
	uint64_t peb = peb_of(t), at = 0;
	struct user_module m;

	for (unsigned i = 0; peb && peb_module(t, peb, i, &at, &m); i++) {
		put(out, t, m.base, m.size);
		put_name(out, m.name);
		out_printf(out, "   (%s)\n", m.name);
	}
}

/* Modules of the process come first, in the order in which its loader has them; those of the kernel follow. A target without
 * a list of modules has no answer, and an empty list is one. */
static void lm(struct call *c)
{
	const struct target *t = c->target;
	struct system_module m;

	if (!t->system || !t->system->module) {
		call_lacks(c, "modules");
		return;
	}
	out_puts(c->out, "start");
	out_pad_to(c->out, COLUMN(t));
	out_puts(c->out, "end");
	out_pad_to(c->out, 2 * COLUMN(t) + 2);
	out_puts(c->out, "module name\n");
	put_user(c->out, t);
	for (unsigned i = 0; t->system->module(t->system_ctx, i, &m); i++) {
		put(c->out, t, m.base, m.size);
		out_printf(c->out, "%s   (%s)\n", m.name, m.image);
	}
}
COMMAND(lm) = {
	.name = "lm", .schema = "", .synopsis = "lm", .flags = CMD_READ_ONLY | CMD_TARGET, .run = lm,
	.what = "the modules of the kernel and of the selected process",
	.help = "  kd> lm\n  Those of a process are in its PEB: see peb.\n  WinDbg: lm   Linux: lsmod\n",
};
