/* tools/walker/editor.h - the functions of GNU readline or libedit that the prompt uses.
 * SPDX-License-Identifier: MIT
 *
 * The library is loaded when a prompt begins: a command that ends within a millisecond does not load it, and it need not be
 * installed. Names and types are those of readline's manual, which libedit has too.
 */
#pragma once
#include <stdbool.h>

struct editor {
	char *(*readline)(const char *prompt);
	void (*add_history)(const char *line);
	void (*using_history)(void);
	void (*stifle_history)(int most);
	int (*read_history)(const char *path);
	int (*write_history)(const char *path);
	char **(*completion_matches)(const char *word, char *(*next)(const char *word, int state));
	const char **name;                              /* rl_readline_name */
	char **line;                                    /* rl_line_buffer */
	char **(**complete)(const char *word, int start, int end);  /* rl_attempted_completion_function */
	int *over;                                      /* rl_attempted_completion_over */
	int *append;                                    /* rl_completion_append_character */
	const char **separators;                        /* rl_basic_word_break_characters */
};

/* Loads the library. False: there is none. */
bool editor_load(struct editor *e);
