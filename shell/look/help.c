/* shell/look/help.c - help: the list of commands, and what each says about itself.
 * SPDX-License-Identifier: MIT
 *
 * All texts come from the commands' own rows (struct command); there is no other list. Read-only
 * examples (CMD_EXAMPLE) are run, so their output is that of this machine; placeholders in braces
 * are filled in by help_fill.c. tests/qemu/docs.py writes docs/commands.md from this output.
 * WinDbg: .help, .hh.
 */
#include "inspect/target.h"
#include "shell/command.h"
#include "shell/look/help_fill.h"
#include "lib/string.h"
#include "lib/version.h"

/* Columns of the list of absent commands. */
#define ROW 100

/* Lists the commands that need the live machine and are not part of this program. */
static void list_absent(struct out *out, const struct target *t)
{
	bool any = false;

	for (const struct command *c = commands_start; c < commands_end; c++) {
		if (!(c->flags & CMD_ABSENT))
			continue;
		if (!any)
			out_printf(out, "\nThis is %s. These need the live machine:\n", t->name);
		else
			out_char(out, out->column + strlen(c->name) < ROW ? ' ' : '\n');
		out_puts(out, c->name);
		any = true;
	}
	if (any)
		out_char(out, '\n');
}

/* In the order of the linker, that of the identifiers: a name's ! or . is not among its letters. */
static void list(struct out *out, const struct target *t)
{
	static const char text[] =
		"\nPageturner " VERSION ". help COMMAND describes a command. Numbers are hexadecimal, 0n123 is decimal.\n"
		"An argument is any expression: @{root}+8, poi(kmain), kmain+0x10. ; separates commands, Tab completes,\n"
		"Ctrl-C stops output.\n";
	char filled[LINE_BYTES];

	for (const struct command *c = commands_start; c < commands_end; c++)
		if (!(c->flags & CMD_ABSENT))
			out_printf(out, "%-9s %s\n", c->name, c->what);
	if (help_fill(t, text, sizeof(text) - 1, filled, sizeof(filled)))
		out_puts(out, filled);
	list_absent(out, t);
}

/* ---- examples with their real output, limited to the first lines ---- */

#define EXAMPLE "  kd> "
/* Longer output ends with ...: help fits on a screen. */
#define EXAMPLE_LINES 12

/* An out that passes the first lines to `to`. */
struct excerpt { struct out out, *to; unsigned lines; };

/* The put() of struct excerpt: after EXAMPLE_LINES lines it prints ... once and drops the rest. */
static void put_excerpt(struct out *out, const char *bytes, size_t n)
{
	struct excerpt *e = (struct excerpt *)out;

	for (size_t i = 0; i < n && e->lines <= EXAMPLE_LINES; i++) {
		if (e->lines == EXAMPLE_LINES) {
			out_puts(e->to, "...\n");
			e->lines++;
			return;
		}
		out_char(e->to, bytes[i]);
		e->lines += bytes[i] == '\n';
	}
}

/* Runs the example of n characters if its command has CMD_EXAMPLE. Its failure does not fail help. */
static void run_example(const struct call *c, const char *line, size_t n)
{
	struct excerpt e = { .out = { .put = put_excerpt }, .to = c->out };
	struct call example = { .out = &e.out, .target = c->target, .column = SIZE_MAX };

	if (call_parse(&example, line, n) && example.command && (example.command->flags & CMD_EXAMPLE))
		example.command->run(&example);
}

/* Prints help text s line by line, and with `run` the output of each example below it. Every line
 * ends with a newline (struct command). */
static void put_text(const struct call *c, const char *s, bool run)
{
	char line[LINE_BYTES];

	while (*s) {
		const char *end = strchr(s, '\n') + 1;

		/* A line with a placeholder that has no value on this target is not printed. */
		if (help_fill(c->target, s, (size_t)(end - s), line, sizeof(line))) {
			out_puts(c->out, line);
			if (run && str_starts(line, EXAMPLE))
				run_example(c, line + strlen(EXAMPLE), strlen(line) - 1 - strlen(EXAMPLE));
		}
		s = end;
	}
}

/* Texts to which a command's output refers, under WinDbg's name. */
static const struct { const char *name, *text; } topics[] = {
	{ "dbgerr001", "dbgerr001: PEB is paged out\n"
	  "  The PEB is an ordinary page of the process, and its entry says that the page is not mapped: Transition: the\n"
	  "  frame still has it; PageFile and Offset: it is in that slot of a page file. A debugger reads memory and causes\n"
	  "  no fault, so it does not bring the page in. These commands bring it in and print it:\n"
	  "    .pagein /p PID ADDR      (ADDR: the address in the line \"PEB at\")\n"
	  "    .process /p PID; !peb\n" },
};

static bool put_topic(const struct call *c, const char *name)
{
	for (unsigned i = 0; i < ARRAY_LEN(topics); i++)
		if (!strcmp(name, topics[i].name)) {
			put_text(c, topics[i].text, false);
			return true;
		}
	return false;
}

/* An alias or a name with ! or . finds the command, too. Examples name symbols of this kernel, so an
 * image prints the text alone. */
static void help(struct call *c)
{
	const char *name = c->arg[1].text;
	const struct command *found;

	if (c->arg[0].given && strcmp(c->arg[0].text, "-t")) {
		call_fail(c, 0, "no such option");
		return;
	}
	if (!c->arg[1].given) {
		list(c->out, c->target);
		return;
	}
	if (put_topic(c, name))
		return;
	found = command_find(name, strlen(name));
	if (!found) {
		call_fail(c, 1, "no such command");
		return;
	}
	out_printf(c->out, "%s\n  %s\n", found->synopsis, found->what);
	if (found->aliases)
		out_printf(c->out, "  also: %s\n", found->aliases);
	if (found->flags & CMD_ABSENT)
		out_printf(c->out, "  needs the live machine; this is %s\n", c->target->name);
	for (const struct command_option *o = found->options; o && o->name; o++)
		out_printf(c->out, "  %s%s%s  %s\n", o->name, o->value ? " " : "", o->value ? o->value : "", o->what);
	put_text(c, found->help, !c->arg[0].given && (found->flags & CMD_EXAMPLE) && c->target->system);
}
COMMAND(help) = {
	.name = "help", .aliases = ".help .hh", .schema = "oW", .synopsis = "help [-t] [COMMAND]",
	.flags = CMD_READ_ONLY | CMD_TARGET,
	.run = help, .what = "the commands, or one of them",
	.help = "  kd> help vtop\n  Runs the examples of read-only commands; -t prints the text only.\n",
};
