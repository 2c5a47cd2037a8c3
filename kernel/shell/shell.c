/* kernel/shell/shell.c - reads a line, finds the command, evaluates its arguments, runs it.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/inspect/eval.h"
#include "kernel/shell/command.h"
#include "kernel/string.h"

#define PROMPT "kd> "
#define LINE_BYTES 256

extern const struct command commands_start[], commands_end[];

/* Reads up to Enter with backspace; what does not fit gets a bell and is told. False: the line was cut. */
static bool read_line(char *line, size_t size)
{
	size_t n = 0, lost = 0;

	for (;;) {
		int c = console_get();

		if (c == '\r' || c == '\n')
			break;
		if (c == '\b' || c == 0x7F) {
			if (n) {
				n--;
				out_puts(&console, "\b \b");
			}
		} else if (c >= ' ' && c < 0x7F && n + 1 < size) {
			line[n++] = (char)c;
			out_char(&console, (char)c);
		} else if (c >= ' ') {
			lost++;
		}
	}
	line[n] = 0;
	out_puts(&console, "\n");
	if (lost)
		out_printf(&console, "line too long: %u characters more than %u; nothing was run\n", (unsigned)lost,
		           (unsigned)size - 1);
	return lost == 0;
}

static const struct command *find(const char *name, size_t n)
{
	for (const struct command *c = commands_start; c < commands_end; c++)
		if (strlen(c->name) == n && !strncmp(c->name, name, n))
			return c;
	return NULL;
}

static void complain(const char *line, size_t at, const char *what, const struct command *c)
{
	out_printf(&console, "%s\n%*s^ %s", line, (int)at, "", what);
	if (c)
		out_printf(&console, "; usage: %s", c->usage);
	out_puts(&console, "\n");
}

static void help(void)
{
	for (const struct command *c = commands_start; c < commands_end; c++)
		out_printf(&console, "%-20s %s\n", c->usage, c->what);
}

static const char *blanks(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

static void run_command(const struct command *c, const char *line, const char *s)
{
	uint64_t arg[COMMAND_ARGS] = { 0 };
	struct eval_error error = { NULL, 0 };

	for (unsigned i = 0; i < c->args; i++) {
		s = blanks(s);
		if (!*s) {
			complain(line, (size_t)(s - line), "an argument is missing", c);
			return;
		}
		if (eval(&live_target, s, 16, &s, &arg[i], &error) != OK) {
			complain(line, (size_t)(s - line) + error.at, error.what, c);
			return;
		}
	}
	s = blanks(s);
	if (*s)
		complain(line, (size_t)(s - line), "one argument too many", c);
	else
		c->run(&console, arg);
}

static void run_line(const char *line)
{
	const char *s = blanks(line), *name = s + (*s == '!' || *s == '.');
	size_t n = 0;

	while (name[n] && name[n] != ' ')
		n++;
	if (n == 4 && !strncmp(name, "help", n)) {
		help();
		return;
	}
	/* WinDbg's name for eval is no C name. */
	const struct command *c = *name == '?' ? find("eval", 4) : find(name, n);
	n = *name == '?' ? 1 : n;
	if (c)
		run_command(c, line, name + n);
	else if (*s)
		complain(line, (size_t)(s - line), "no such command; try help", NULL);
}

_Noreturn void shell_run(void)
{
	static char line[LINE_BYTES];

	for (;;) {
		out_puts(&console, PROMPT);
		if (read_line(line, sizeof(line)))
			run_line(line);
	}
}
