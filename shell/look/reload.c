/* shell/look/reload.c - .reload: the modules of the kernel and of the selected process, counted in dots.
 * SPDX-License-Identifier: MIT
 *
 * This debugger has its symbols already. The command shows what a debugger reads for its list of
 * modules: that of a process is in its PEB, which can be paged out.
 * WinDbg: .reload.
 */
#include "inspect/process.h"
#include "inspect/windbg.h"
#include "shell/command.h"

/* As WinDbg prints them: one dot for each module, 64 in a row. */
#define DOTS_IN_ROW 64

static void put_dots(struct out *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (i && i % DOTS_IN_ROW == 0)
			out_char(out, '\n');
		out_char(out, '.');
	}
}

/* The dots need the numbers only: no name is read, so a name that is paged out does not stop the command. */
static unsigned kernel_modules(const struct target *t)
{
	struct system_module m;
	unsigned n = 0;

	while (t->system->module && t->system->module(t->system_ctx, n, &m))
		n++;
	return n;
}

/* Of the list that the PEB names; 0 where the list is not in memory. Modules count up to the first that cannot be read, and
 * `missing` of peb_read() is the page that the warning is about. */
static unsigned user_modules(const struct target *t, uint64_t peb)
{
	struct user_module m;
	uint64_t at = 0;
	unsigned n = 0;

	while (peb_module(t, peb, n, &at, &m))
		n++;
	return n;
}

/* WinDbg's warning about the PEB comes while it still prints dots, hence on their line. */
static void reload(struct call *c)
{
	const struct target *t = c->target;
	struct peb_view v;
	uint64_t peb, missing = 0;

	if (!t->system || !t->system->module) {
		call_lacks(c, "modules");
		return;
	}
	peb = peb_of(t);
	out_puts(c->out, "Loading Kernel Symbols\n");
	put_dots(c->out, kernel_modules(t));
	c->no_answer = !peb || peb_read(t, peb, &v, &missing) != OK;
	if (!c->no_answer || !peb || !windbg_compressed(c->out, t, missing))
		out_char(c->out, '\n');
	out_puts(c->out, "Loading User Symbols\n");
	if (peb && c->no_answer)
		windbg_peb_missing(c->out, t, peb);
	put_dots(c->out, c->no_answer ? 0 : user_modules(t, peb));
	out_puts(c->out, c->no_answer ? "" : "\n");
}
COMMAND(reload) = {
	.name = ".reload", .schema = "", .synopsis = ".reload", .flags = CMD_READ_ONLY | CMD_TARGET, .run = reload,
	.what = "the lists of modules, read again",
	.help = "  kd> .reload\n"
	        "  A dot for each module of the kernel, and for each one of the selected process, whose list is in its PEB.\n"
	        "  WinDbg: .reload\n",
};
