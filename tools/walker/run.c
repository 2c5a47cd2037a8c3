/* tools/walker/run.c - runs commands: words of the command line, a text, a script.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/command.h"
#include "tools/walker/session.h"

static void put_stdout(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	fwrite(bytes, 1, n, stdout);
}

static void put_stderr(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	fwrite(bytes, 1, n, stderr);
}

struct out session_answers = { .put = put_stdout }, session_errors = { .put = put_stderr };

const char *command_name(unsigned i)
{
	for (const struct command *c = commands_start; c < commands_end; c++)
		if (!(c->flags & CMD_ABSENT) && i-- == 0)
			return c->name;
	return NULL;
}

/* Every table is visited once more for each command. */
static void new_folds(struct session *s)
{
	if (s->folds)
		folds_free(s->folds);
	s->folds = folds_new();
}

/* Runs a command that was parsed. */
static int run(struct session *s, struct call *c)
{
	if (s->off && strcmp(c->command->name, "help")) {
		out_puts(&session_answers, "Paging is off (CR0.PG or SCTLR.M is 0): a virtual address is a physical address.\n");
		return ANSWERED;
	}
	new_folds(s);
	c->command->run(c);
	folds_print(s->folds, s->mode.format);
	fflush(stdout);
	return memory_status(s) ? memory_status(s) : c->no_answer ? FAILED : c->failed ? WRONG_USE : ANSWERED;
}

int run_words(struct session *s, char **words, unsigned n)
{
	struct call c = { .out = &session_answers, .target = &s->target };

	if (!call_parse_words(&c, &session_errors, (const char *const *)words, n) || !c.command)
		return WRONG_USE;
	return run(s, &c);
}

/* One command of n characters. Blanks alone, and comments, are none. */
static int run_one(struct session *s, const char *text, size_t n)
{
	struct call c = { .out = &session_answers, .target = &s->target, .column = SIZE_MAX };

	while (n && strchr(" \t\r", *text))
		text++, n--;
	if (!n || *text == '#')
		return ANSWERED;
	if (n >= LINE_BYTES) {
		fprintf(stderr, "%.20s...: a command of %zu characters, %u are the most\n", text, n, LINE_BYTES - 1);
		return WRONG_USE;
	}
	while (text[n - 1] == '\r')
		n--;
	if (!call_parse(&c, text, n))
		return WRONG_USE;
	return c.command ? run(s, &c) : ANSWERED;
}

int run_text(struct session *s, const char *text)
{
	int worst = ANSWERED;

	while (*text) {
		size_t line = strcspn(text, "\n"), n = (size_t)(command_end(text) - text);
		int status;

		/* A line's end ends a command, too, and a quote that is still open. */
		n = n < line ? n : line;
		if (text[strspn(text, " \t")] == '#')
			n = line;
		status = run_one(s, text, n);
		worst = status > worst ? status : worst;
		text += n + (text[n] != 0);
	}
	return worst;
}

/* All of a file that may be a pipe. NULL: a message was printed. */
static char *read_all(const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "r") : stdin;
	char *text = NULL;
	size_t n = 0, room = 0;

	while (f) {
		char *more = n + 4096 >= room ? realloc(text, room = 2 * room + 8192) : text;

		if (!more) {
			free(text);
			return NULL;
		}
		text = more;
		n += fread(text + n, 1, room - n - 1, f);
		text[n] = 0;
		if (feof(f) || ferror(f))
			break;
	}
	if (!f || ferror(f)) {
		perror(path);
		free(text);
		text = NULL;
	}
	if (f && f != stdin)
		fclose(f);
	return text;
}

int run_script(struct session *s, const char *path)
{
	char *text = read_all(path);
	int status = text ? run_text(s, text) : WRONG_USE;

	free(text);
	return status;
}
