/* tools/walker/options.h - the tables of the command line, and the texts that are made from them.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "tools/walker/session.h"

struct option {
	const char *name, *value;         /* value: its name in the usage; NULL: none */
	const char *what;
	bool (*take)(struct session *s, const char *value);
	size_t flag;                      /* take NULL: the bool in struct session */
	bool machine;                     /* it takes the place of IMAGE */
};
extern const struct option options[];     /* name NULL at the end */

struct question {
	const char *name, *brief;         /* brief: the short form; NULL: none */
	/* Gets the words that follow; returns the exit status. */
	int (*answer)(int words, char **word);
	const char *what;                 /* NULL: not for the usage */
};
extern const struct question questions[]; /* name NULL at the end */

/* A setting is the name of one and an equals sign; == belongs to an expression. */
bool is_assignment(const char *text);

/* ---- usage.c ---- */

/* Prints the text of --help. ANSWERED for standard output, else WRONG_USE. */
int usage(FILE *to);
/* Prints the manual page. */
int manual(void);

/* ---- candidates.c ---- */

/* Prints what the last word can become, a candidate a line, with a blank where the word is complete; nothing where a file's name
 * belongs. The words before it are those of a command line, without the program's name. */
int complete_words(int words, char **word);
