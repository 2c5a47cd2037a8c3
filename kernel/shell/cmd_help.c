/* kernel/shell/cmd_help.c - help: the list of commands, and what each says about itself.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/shell/command.h"
#include "kernel/string.h"

static void list(struct out *out)
{
	for (const struct command *c = commands_start; c < commands_end; c++)
		out_printf(out, "%-9s %s\n", c->name, c->what);
	out_puts(out, "\nhelp COMMAND tells more. Numbers are hexadecimal, 0n123 is decimal; an argument is any expression:\n"
	         "c0001000, @cr3+8, poi(esp), kmain+0x10. ; separates commands, Tab completes, Ctrl-C stops output.\n");
}

static void describe(struct out *out, const struct command *c)
{
	out_printf(out, "%s\n  %s\n", c->synopsis, c->what);
	if (c->aliases)
		out_printf(out, "  also: %s\n", c->aliases);
	if (c->help)
		out_puts(out, c->help);
}

static void help(struct call *c)
{
	const char *name = c->arg[0].text;
	const struct command *found;

	if (!c->arg[0].given) {
		list(c->out);
		return;
	}
	found = command_find(name, strlen(name));
	if (found)
		describe(c->out, found);
	else
		call_fail(c, 0, "no such command");
}
COMMAND(help) = {
	.name = "help", .aliases = ".help .hh", .schema = "W", .synopsis = "help [COMMAND]", .flags = CMD_LOOKS, .run = help,
	.what = "the commands, or one of them",
	.help = "  kd> help vtop\n",
};
