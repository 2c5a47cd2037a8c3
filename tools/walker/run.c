/* tools/walker/run.c - runs commands: words of the command line, a text, a script.
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L   /* nanosleep, putc_unlocked */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shell/command.h"
#include "tools/walker/report.h"
#include "tools/walker/session.h"

/* Most of what is printed are parts of a line, which take longer through fwrite() than to copy. */
#define SHORT_TEXT 24

static void put_stdout(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	if (n > SHORT_TEXT) {
		fwrite(bytes, 1, n, stdout);
		return;
	}
	for (size_t i = 0; i < n; i++)
		putc_unlocked(bytes[i], stdout);
}

static void put_message(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	message("%.*s", (int)n, bytes);
}

struct out session_answers = { .put = put_stdout }, session_errors = { .put = put_message };

const char *command_name(unsigned i)
{
	for (const struct command *c = commands_start; c < commands_end; c++)
		if (!(c->flags & CMD_ABSENT) && i-- == 0)
			return c->name;
	return NULL;
}

bool session_new_folds(struct session *s)
{
	if (s->folds)
		folds_free(s->folds);
	s->folds = folds_new();
	if (!s->folds)
		message("no memory\n");
	return s->folds;
}

/* The commands that read page tables, which have no meaning while paging is off. */
static bool reads_tables(const struct command *c)
{
	static const char *const names[] = {
		"vtop", "ptov", "pte", "pte2va", "entries", "explain", "predict", "ptdump", "walk", "whomaps", "roots",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(c->name, names[i]))
			return true;
	return false;
}

/* Runs a command that was parsed. */
static int run_to(struct session *s, struct call *c, struct out *out)
{
	c->out = out;
	c->errors = &session_errors;
	if (s->off && reads_tables(c->command)) {
		out_puts(out, "Paging is off (CR0.PG or SCTLR.M is 0): a virtual address is a physical address.\n");
		return ANSWERED;
	}
	if (s->image && s->image->begin) {
		s->image->begin(s->image);
		s->roots.searched = false;
		s->roots.n = 0;
	}
	if (!session_new_folds(s))
		return WRONG_USE;
	c->command->run(c);
	folds_print(s->folds, out, &s->target);
	return memory_status(s) ? memory_status(s) : c->no_answer ? FAILED : c->failed ? WRONG_USE : ANSWERED;
}

/* The address that a command of these is about. */
static bool subject_of(const struct session *s, const struct call *c, struct subject *about)
{
	static const char *const names[] = { "vtop", "pte", "entries", "explain" };
	size_t i = 0;
	unsigned last = 0;

	while (i < ARRAY_LEN(names) && strcmp(c->command->name, names[i]))
		i++;
	if (i == ARRAY_LEN(names) || s->off)
		return false;
	*about = (struct subject){ .va = c->arg[0].value };
	if (i)
		return true;
	/* vtop [--second ROOT] [DIRBASE] VA */
	while (last < 2 && c->arg[last + 1].given)
		last++;
	about->va = last ? c->arg[last].value : target_address(&s->target, c->arg[0].number);
	about->two_stages = c->arg[3].given;
	about->second = c->arg[0].number;
	return true;
}

/* Prints what the command said in the form that the options ask for. */
static int report(struct session *s, struct call *c)
{
	struct capture text;
	struct subject about;
	int status;
	bool has_subject = subject_of(s, c, &about);

	capture_begin(&text);
	status = run_to(s, c, &text.out);
	if (s->options.json)
		report_json(s->given, status, text.text, &s->target, has_subject ? &about : NULL);
	else
		report_csv(text.text);
	capture_free(&text);
	return status;
}

/* Runs it again and again, until the memory is damaged or the program is ended. */
static int watch(struct session *s, struct call *c)
{
	struct capture before = { .text = NULL }, now;
	const struct timespec pause = {
		(time_t)s->options.watch, (long)((s->options.watch - (double)(time_t)s->options.watch) * 1e9),
	};

	for (;;) {
		int status;

		capture_begin(&now);
		status = run_to(s, c, &now.out);
		report_changes(before.text, now.text);
		putchar('\n');
		capture_free(&before);
		before = now;
		if (fflush(stdout) || status > FAILED) {
			capture_free(&before);
			return status;
		}
		nanosleep(&pause, NULL);
	}
}

static int run(struct session *s, struct call *c)
{
	int status;

	if (s->options.watch > 0)
		return watch(s, c);
	if (s->options.json || s->options.csv)
		status = report(s, c);
	else
		status = run_to(s, c, &session_answers);
	fflush(stdout);
	return status;
}

/* A command that cannot be run is an object, too. */
static int wrong(const struct session *s)
{
	if (s->options.json)
		report_json(s->given, WRONG_USE, "", &s->target, NULL);
	return WRONG_USE;
}

int run_words(struct session *s, char **words, unsigned n)
{
	struct call c = { .out = &session_answers, .target = &s->target };
	size_t at = 0;

	for (unsigned i = 0; i < n && at < sizeof(s->given); i++)
		at += (size_t)snprintf(s->given + at, sizeof(s->given) - at, "%s%s", i ? " " : "", words[i]);
	if (!call_parse_words(&c, &session_errors, (const char *const *)words, n) || !c.command)
		return wrong(s);
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
		message("%.20s...: a command of %zu characters, %u are the most\n", text, n, LINE_BYTES - 1);
		return WRONG_USE;
	}
	while (text[n - 1] == '\r')
		n--;
	snprintf(s->given, sizeof(s->given), "%.*s", (int)n, text);
	c.out = &session_errors;
	if (!call_parse(&c, text, n))
		return wrong(s);
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
		message("%s: %s\n", path, strerror(errno));
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
