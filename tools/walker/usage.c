/* tools/walker/usage.c - the usage and the manual page, from the tables of options, settings, formats and commands.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "lib/version.h"
#include "shell/command.h"
#include "tools/walker/options.h"

static const char synopsis[] = "pagewalk [OPTION]... IMAGE [NAME=VALUE]... [COMMAND [ARGUMENT]...]";
static const char image[] =
	"IMAGE: physical memory: raw, an ELF core, LiME, kdump (zlib), VMware (.vmss, .vmsn, .vmem), a Windows crash\n"
	"dump; or a scenario (first line \"# pagewalk\"). Without COMMAND each line of standard input is an address,\n"
	"and at a terminal there is a prompt.\n";

static const struct { int status; const char *what; } statuses[] = {
	{ ANSWERED, "answered" },
	{ FAILED, "no translation, an unreadable table or a write error" },
	{ WRONG_USE, "wrong use" },
	{ DAMAGED, "a damaged image" },
};

/* ---- the usage ---- */

static void put_statuses(FILE *to)
{
	fputs("\nexit status:", to);
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		fprintf(to, "%s %d %s", i ? ";" : "", statuses[i].status, statuses[i].what);
	fputc('\n', to);
}

int usage(FILE *to)
{
	const char *name, *what;

	fprintf(to, "%s\n\n%s\noptions, before or after IMAGE:\n", synopsis, image);
	for (const struct option *o = options; o->name; o++)
		fprintf(to, "  %-9s %-9s %s\n", o->name, o->value ? o->value : "", o->what);
	for (const struct question *q = questions; q->name; q++)
		if (q->what)
			fprintf(to, "  %-9s %-9s %s\n", q->name, "", q->what);
	fputs("\nsettings:\n", to);
	for (unsigned i = 0; (name = setting_name(i, &what)) != NULL; i++)
		fprintf(to, "  %-13s %s\n", name, what);
	fputs("\nformats:", to);
	for (const struct pt_format *const *f = pt_formats; *f; f++)
		fprintf(to, " %s", (*f)->name);
	fputs("\n\ncommands, as the kernel's shell has them (pagewalk FILE help COMMAND tells more):\n", to);
	for (const struct command *c = commands_start; c < commands_end; c++)
		if (!(c->flags & CMD_ABSENT))
			fprintf(to, "  %s\n", c->synopsis);
	put_statuses(to);
	return to == stdout ? ANSWERED : WRONG_USE;
}

/* ---- the manual page: man(7) ---- */

/* Text of a line that does not begin with a control character. A hyphen is typed as one by the reader. */
static void roff(const char *text)
{
	bool begins = true;

	for (; *text; text++) {
		if (begins && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
		begins = *text == '\n';
	}
}

/* A paragraph with a tag: a name in bold, a value in italics. */
static void put_item(const char *name, const char *value, const char *what)
{
	fputs(".TP\n\\fB", stdout);
	roff(name);
	fputs("\\fR", stdout);
	if (value) {
		fputs(" \\fI", stdout);
		roff(value);
		fputs("\\fR", stdout);
	}
	putchar('\n');
	roff(what);
	putchar('\n');
}

static void put_settings(void)
{
	const char *name, *what;

	puts(".SH SETTINGS\nA setting is a word NAME=VALUE before the command. Numbers are hexadecimal.");
	for (unsigned i = 0; (name = setting_name(i, &what)) != NULL; i++)
		put_item(name, NULL, what);
	puts(".SH FORMATS\nValues of format=:");
	for (const struct pt_format *const *f = pt_formats; *f; f++) {
		roff((*f)->name);
		putchar('\n');
	}
}

static void put_commands(void)
{
	puts(".SH COMMANDS");
	for (const struct command *c = commands_start; c < commands_end; c++) {
		if (c->flags & CMD_ABSENT)
			continue;
		put_item(c->synopsis, NULL, c->what);
		puts(".RS\n.nf");
		roff(c->help);
		puts(".fi");
		for (const struct command_option *o = c->options; o && o->name; o++)
			put_item(o->name, o->value, o->what);
		puts(".RE");
	}
}

int manual(void)
{
	puts(".\\\" Written by pagewalk --man from its tables.\n"
	     ".TH PAGEWALK 1 \"\" \"Pageturner " VERSION "\" \"User Commands\"\n"
	     ".SH NAME\npagewalk \\- walks page tables in memory images and live machines\n"
	     ".SH SYNOPSIS");
	roff(synopsis);
	puts("\n.SH DESCRIPTION");
	roff(image);
	puts(".SH OPTIONS\nOptions stand before or after IMAGE, before the command.");
	for (const struct option *o = options; o->name; o++)
		put_item(o->name, o->value, o->what);
	for (const struct question *q = questions; q->name; q++)
		if (q->what)
			put_item(q->name, NULL, q->what);
	put_settings();
	put_commands();
	puts(".SH EXIT STATUS");
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		put_item((const char[]){ (char)('0' + statuses[i].status), 0 }, NULL, statuses[i].what);
	puts(".SH FILES");
	put_item("~/.pagewalk_history", NULL, "the lines of the prompt");
	puts(".SH SEE ALSO\n.BR gdb (1),\n.BR crash (8),\n.BR makedumpfile (8)");
	return ANSWERED;
}
