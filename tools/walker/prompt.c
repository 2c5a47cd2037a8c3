/* tools/walker/prompt.c - the prompt: a line editor with history and completion, of GNU readline or libedit.
 * SPDX-License-Identifier: MIT
 *
 * Without one of the libraries, and when standard input is no terminal, it reads plain lines. The history is in
 * ~/.pagewalk_history.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/walker/editor.h"
#include "tools/walker/session.h"
#include "tools/walker/words.h"

#define PROMPT "pagewalk> "
#define LINES_KEPT 1000

static bool is_end(const char *line)
{
	static const char *const names[] = { "q", "quit", "exit" };
	size_t n = strcspn(line += strspn(line, " \t"), " \t\r\n");

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i]) == n && !strncmp(line, names[i], n) && !line[n + strspn(line + n, " \t\r\n")])
			return true;
	return false;
}

static struct editor editor;

/* The word that is completed, for next_word(). */
static struct { const struct session *s; size_t start; } completed;

/* A call with state > 0 goes on after the last match. */
static char *next_word(const char *word, int state)
{
	static unsigned i;
	const char *name;

	for (i = state ? i : 0; (name = word_candidate(completed.s, *editor.line, completed.start, i)) != NULL; ) {
		i++;
		if (!strncmp(name, word, strlen(word)))
			return strdup(name);
	}
	return NULL;
}

static char **complete(const char *word, int start, int end)
{
	(void)end;
	completed.start = (size_t)start;
	/* Names of files are no words of a command. */
	*editor.over = 1;
	return editor.completion_matches(word, next_word);
}

static void history_path(char *path, size_t n)
{
	const char *home = getenv("HOME");

	snprintf(path, n, "%s/.pagewalk_history", home ? home : ".");
}

static void begin_lines(const struct session *s)
{
	static const char separators[] = WORD_SEPARATORS;
	char path[4096];

	completed.s = s;
	*editor.name = "pagewalk";
	*editor.complete = complete;
	*editor.separators = separators;
	editor.using_history();
	editor.stifle_history(LINES_KEPT);
	history_path(path, sizeof(path));
	editor.read_history(path);
}

static void end_lines(void)
{
	char path[4096];

	history_path(path, sizeof(path));
	editor.write_history(path);
}

static char *edited_line(void)
{
	char *line = editor.readline(PROMPT);

	if (line && line[strspn(line, " \t")])
		editor.add_history(line);
	return line;
}

static char *plain_line(void)
{
	char *line = NULL;
	size_t room = 0;

	fputs(PROMPT, stdout);
	fflush(stdout);
	if (getline(&line, &room, stdin) >= 0)
		return line;
	free(line);
	return NULL;
}

int run_prompt(struct session *s)
{
	bool terminal = isatty(STDIN_FILENO), edited = terminal && editor_load(&editor);
	int worst = ANSWERED;
	char *line;

	if (edited)
		begin_lines(s);
	while ((line = edited ? edited_line() : plain_line()) != NULL && !is_end(line)) {
		int status = run_text(s, line);

		worst = status > worst ? status : worst;
		free(line);
	}
	if (!line)
		putchar('\n');
	free(line);
	if (edited)
		end_lines();
	/* What was typed wrongly at a terminal was seen there. */
	return terminal ? ANSWERED : worst;
}
