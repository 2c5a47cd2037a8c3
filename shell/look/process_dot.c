/* shell/look/process_dot.c - .process: selects the process that commands inspect (WinDbg: the implicit process).
 * SPDX-License-Identifier: MIT
 *
 * It sets target.root, and with /p or /P the decode mode, which says for which addresses this root
 * is used (see cache.c). The CPU's root does not change: kd keeps running on its own tables. Without
 * an argument it prints the implicit process.
 * WinDbg: .process. crash: set.
 */
#include "inspect/process.h"
#include "lib/string.h"
#include "shell/command.h"
#include "shell/look/cache.h"

/* WinDbg's line. The address is that of the process's record: EPROCESS, or struct proc of this kernel. */
static void tell_implicit(struct call *c)
{
	struct system_process p = { .address = 0 };

	(void)target_implicit(c->target, &p);
	out_puts(c->out, "Implicit process is now ");
	windbg_address(c->out, c->target, p.address);
	out_char(c->out, '\n');
}

/* Selects p, which must have a root. option: "/p", "/P", or NULL, which leaves the decode mode as it
 * is: WinDbg then warns that user addresses are still translated with the CPU's tables. On its own
 * machine it prints neither the mode nor the warning (docs/sessions/). */
static void choose(struct call *c, const struct system_process *p, const char *option)
{
	const struct target *t = c->target;
	enum decode decode = !option ? t->decode : option[1] == 'P' ? DECODE_ALL : DECODE_USER;

	t->look(t->ctx, p->root, decode);
	tell_implicit(c);
	if (t->local)
		return;
	if (option)
		out_printf(c->out, ".cache %s done\n", decode_option(decode));
	else if (decode == DECODE_NONE && p->root.v != t->hw_root.v)
		out_puts(c->out, "WARNING: .cache forcedecodeuser is not enabled\n");
}

/* Removes /p and /P from the beginning of the rest: they look alike but for their case, and the last
 * one counts. *option is unchanged if there is none. False: an error was printed. */
static bool take_options(struct call *c, const char **option)
{
	while (*c->rest == '/') {
		const char *where = c->rest, *word;
		size_t at;

		(void)call_next_word(c, &word, &at);
		if (strcmp(word, "/p") && strcmp(word, "/P")) {
			call_fail_at(c, where, "no such option");
			return false;
		}
		*option = word;
		while (*c->rest == ' ')
			c->rest++;
	}
	return true;
}

/* The process with this number or address; 0: the one that the CPU runs. */
static bool find(const struct target *t, uint64_t value, struct system_process *p)
{
	struct target own = *t;

	if (value)
		return t->system->process(t->system_ctx, value, p);
	own.root = t->hw_root;
	return target_implicit(&own, p);
}

/* The schema is *, because an option stands before the expression. 0 selects kd, as does an option
 * alone. A zombie has no tables to select. */
static void dot_process(struct call *c)
{
	const char *option = NULL, *where;
	struct system_process p;
	uint64_t value = 0;

	if (!take_options(c, &option))
		return;
	where = c->rest;
	if (!*where && !option) {
		tell_implicit(c);
		return;
	}
	if (*where && !call_next(c, &value))
		return;
	value = target_address(c->target, value);
	if (!call_end(c))
		return;
	if (!find(c->target, value, &p))
		call_no_process_at(c, where);
	else if (p.ended)
		call_fail_at(c, where, "the process has exited");
	else
		choose(c, &p, option);
}
COMMAND(process_dot) = {
	.name = ".process", .schema = "*", .synopsis = ".process [/p] [/P] [ADDR|PID]",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_PROCESSES,
	.run = dot_process,
	.what = "select the process that commands inspect",
	.help = "  kd> .process /P {program}; pte 400000; vtop 0 400000; .process 0\n"
	        "  The shell runs in a process of its own, kd, and the CPU walks the tables of kd. Without an option only the\n"
	        "  second list below uses the selected process. /p: user addresses are translated with the tables of the\n"
	        "  selected process; but pte reads entries at kernel addresses, in the self-map, which is still that of kd: its\n"
	        "  output is wrong. /P: also entries are read from the tables of the selected process. The option stays in\n"
	        "  effect for the next .process without one; see .cache. 0 selects kd again. @cr3 never changes.\n"
	        "  Affected by the option: d*, e*, fill, cmp, s, poi(), pte, setpte. Always use the selected process: vtop 0,\n"
	        "  ptov, ptdump, explain, predict, address. touch and probe are real accesses, made by kd. map, unmap,\n"
	        "  protect and demand change the kernel half, which all processes share.\n"
	        "  WinDbg: .process   crash: set\n",
};
