/* tools/walker/prompt.c - the prompt: a line editor with history and completion, of GNU readline or libedit.
 * SPDX-License-Identifier: MIT
 *
 * Built without one of the libraries, and when standard input is no terminal, it reads plain lines. The history is in
 * ~/.pagewalk_history.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if __has_include(<readline/readline.h>)
#include <readline/history.h>
#include <readline/readline.h>
#define HAVE_EDITOR 1
#elif __has_include(<editline/readline.h>)
#include <editline/readline.h>
#define HAVE_EDITOR 1
#else
#define HAVE_EDITOR 0
#endif

#include "tools/walker/session.h"

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

#if HAVE_EDITOR
/* A call with state > 0 goes on after the last match. */
static char *next_command(const char *word, int state)
{
	static unsigned i;
	const char *name;

	for (i = state ? i : 0; (name = command_name(i)) != NULL; ) {
		i++;
		if (!strncmp(name, word, strlen(word)))
			return strdup(name);
	}
	return NULL;
}

/* The first word of a command, and the word after help, are names of commands; nothing else can be completed. */
static char **complete(const char *word, int start, int end)
{
	const char *begin = rl_line_buffer + start;

	(void)end;
	while (begin > rl_line_buffer && begin[-1] == ' ')
		begin--;
	if (begin == rl_line_buffer || begin[-1] == ';' ||
	    (begin - rl_line_buffer >= 4 && !strncmp(begin - 4, "help", 4)))
		return rl_completion_matches(word, next_command);
	rl_attempted_completion_over = 1;
	return NULL;
}

static void history_path(char *path, size_t n)
{
	const char *home = getenv("HOME");

	snprintf(path, n, "%s/.pagewalk_history", home ? home : ".");
}

static void begin_lines(void)
{
	char path[4096];

	rl_readline_name = "pagewalk";
	rl_attempted_completion_function = complete;
	using_history();
	stifle_history(LINES_KEPT);
	history_path(path, sizeof(path));
	read_history(path);
}

static void end_lines(void)
{
	char path[4096];

	history_path(path, sizeof(path));
	write_history(path);
}

static char *edited_line(void)
{
	char *line = readline(PROMPT);

	if (line && line[strspn(line, " \t")])
		add_history(line);
	return line;
}
#else
static void begin_lines(void) { }
static void end_lines(void) { }
static char *edited_line(void) { return NULL; }
#endif

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
	bool terminal = isatty(STDIN_FILENO), edited = terminal && HAVE_EDITOR;
	int worst = ANSWERED;
	char *line;

	if (edited)
		begin_lines();
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
