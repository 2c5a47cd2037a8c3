/* shell/live/process_dot.c - .process: selects the process that commands inspect (WinDbg: the implicit process).
 * SPDX-License-Identifier: MIT
 *
 * It sets target.root, and with /p or /P the decode mode, which says for which addresses this root
 * is used (see cache.c). The CPU's root does not change: kd keeps running on its own tables. Without
 * an argument it prints the implicit process.
 * WinDbg: .process. crash: set.
 */
#include "inspect/process.h"
#include "kernel/live.h"
#include "lib/string.h"
#include "shell/command.h"
#include "shell/live/cache.h"
#include "shell/live/implicit_process.h"

/* WinDbg's line. The address is that of struct proc, the counterpart of EPROCESS. */
static void tell_implicit(struct call *c)
{
	out_puts(c->out, "Implicit process is now ");
	windbg_address(c->out, c->target, (uintptr_t)implicit_process(c->target));
	out_char(c->out, '\n');
}

/* Selects p, which must have an address space. option: "/p", "/P", or NULL, which leaves the decode
 * mode as it is: WinDbg then warns that user addresses are still translated with the CPU's tables. */
static void choose(struct call *c, struct proc *p, const char *option)
{
	live_look_at(p->as->space.half[0].root);
	if (option)
		live_decode(option[1] == 'P' ? DECODE_ALL : DECODE_USER);
	tell_implicit(c);
	if (option)
		out_printf(c->out, ".cache %s done\n", decode_option(c->target->decode));
	else if (c->target->decode == DECODE_NONE && p != current_proc)
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

/* The schema is *, because an option stands before the expression. 0 selects kd, as does an option
 * alone. A zombie has no tables to select. */
static void dot_process(struct call *c)
{
	const char *option = NULL, *where;
	struct proc *p = current_proc;
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
	if (value)
		p = proc_by_any(value);
	if (!p)
		call_no_process_at(c, where);
	else if (!p->as)
		call_fail_at(c, where, "the process has exited");
	else
		choose(c, p, option);
}
COMMAND(process_dot) = {
	.name = ".process", .schema = "*", .synopsis = ".process [/p] [/P] [ADDR|PID]", .flags = CMD_READ_ONLY,
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
