/* shell/look/cache.c - .cache: selects the tables that translate addresses of commands.
 * SPDX-License-Identifier: MIT
 *
 *     mode              user addresses        page tables (self-map)    other kernel addresses
 *     none              the CPU's             the CPU's                 the CPU's
 *     forcedecodeuser   the implicit          the CPU's                 the implicit process's: the same in all processes
 *     forcedecodeptes   the implicit          the implicit              the implicit process's
 *
 * target_space_at() and target_tables_at() implement the table. Nothing is ever cached here: the
 * options of WinDbg about its cache are accepted and have no effect.
 * WinDbg: .cache.
 */
#include "lib/string.h"
#include "shell/command.h"
#include "shell/look/cache.h"

/* The first row of a mode has the name that .process prints. The others are spellings in common use:
 * without an e, and `nodecodeptes` for the manual's `noforcedecodeptes`. */
static const struct { const char *name; enum decode decode; } option[] = {
	{ "forcedecodeuser", DECODE_USER }, { "forcedecodeptes", DECODE_ALL }, { "noforcedecodeptes", DECODE_NONE },
	{ "forcedcodeuser", DECODE_USER }, { "forcedcodeptes", DECODE_ALL }, { "nodecodeptes", DECODE_NONE },
	{ "noforcedcodeptes", DECODE_NONE }, { "noforcedecodeuser", DECODE_NONE },
};

/* Options of WinDbg's that change how much is kept of what was read. */
static const char *const keeps[] = { "flushall", "flushu", "flush", "hold", "unhold" };

/* Each mode has a row, so the search ends. */
const char *decode_option(enum decode decode)
{
	unsigned i = 0;

	while (option[i].decode != decode)
		i++;
	return option[i].name;
}

/* Prints the mode in effect, with the name of the option that sets it. */
static void put_mode(struct out *out, const struct target *t)
{
	static const char *const what[] = {
		[DECODE_NONE] = "Addresses are translated as the CPU does now",
		[DECODE_USER] = "User addresses are translated with the implicit process's tables",
		[DECODE_ALL] = "All addresses, page tables too, are translated with the implicit process's tables",
	};

	out_printf(out, "** %s (%s)\n", what[t->decode], decode_option(t->decode));
}

/* This debugger runs in the machine that it inspects: it caches nothing. */
static void put_statistics(struct out *out, const struct target *t)
{
	out_puts(out, "Max cache size is       : 0 bytes (0x0 KB)\n"
	              "Total memory in cache   : 0 bytes (0x0 KB)\n"
	              "Number of regions cached: 0\n"
	              "0 full reads broken into 0 partial reads\n"
	              "    counts: 0 cached/0 uncached, 0.00% cached\n"
	              "    bytes : 0 cached/0 uncached, 0.00% cached\n"
	              "** Transition PTEs are implicitly decoded\n"
	              "** Prototype PTEs are implicitly decoded\n");
	put_mode(out, t);
}

/* WinDbg refuses to go back to the CPU's own translation on the machine that it runs on: once /p or /P was used, a session there
 * keeps one of the two (docs/sessions/). */
static void set(struct call *c, enum decode decode)
{
	const struct target *t = c->target;

	if (t->local && decode == DECODE_NONE)
		call_fail(c, 0, "not in a local session (lkd>): .process /p or /P selects other tables");
	else {
		t->look(t->ctx, t->root, decode);
		put_mode(c->out, t);
	}
}

/* Read-only: the mode belongs to the commands, not to the machine. Without an argument: WinDbg's
 * statistics, all zero, and the mode. */
static void cache(struct call *c)
{
	const char *w = c->arg[0].text;

	if (!c->arg[0].given) {
		put_statistics(c->out, c->target);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(option); i++)
		if (!strcmp(w, option[i].name)) {
			set(c, option[i].decode);
			return;
		}
	for (size_t i = 0; i < ARRAY_LEN(keeps); i++)
		if (!strcmp(w, keeps[i])) {
			out_puts(c->out, "Nothing is cached: the debugger runs in the memory that it reads.\n");
			return;
		}
	call_fail(c, 0, "no such option");
}
COMMAND(cache) = {
	.name = ".cache", .schema = "W", .flags = CMD_READ_ONLY | CMD_TARGET | CMD_PROCESSES, .run = cache,
	.synopsis = ".cache [forcedecodeuser | forcedecodeptes | noforcedecodeptes | nodecodeptes]",
	.what = "select the tables that translate the addresses of commands",
	.help = "  kd> .cache forcedecodeptes\n"
	        "  Without an argument: prints the mode. forcedecodeuser is .process /p, forcedecodeptes is .process /P; the\n"
	        "  two others (the manual's name and the common one) end both. A mode stays until another is set.\n"
	        "  WinDbg: .cache\n",
};
