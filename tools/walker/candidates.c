/* tools/walker/candidates.c - what the last word of a command line can become, for the completion of bash.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "shell/command.h"
#include "tools/walker/options.h"

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static void offer_options(const char *word)
{
	for (const struct option *o = options; o->name; o++)
		if (begins(o->name, word))
			printf("%s \n", o->name);
	for (const struct question *q = questions; q->name; q++)
		if (q->what && begins(q->name, word))
			printf("%s \n", q->name);
}

static void offer_settings(const char *word)
{
	const char *name, *what, *value = strchr(word, '=');

	for (unsigned i = 0; !value && (name = setting_name(i, &what)) != NULL; i++)
		if (begins(name, word))
			printf("%s=\n", name);
	for (const struct pt_format *const *f = pt_formats; value && *f; f++)
		if (begins(word, "format=") && begins((*f)->name, value + 1))
			printf("format=%s \n", (*f)->name);
}

static void offer_commands(const char *word)
{
	const char *name;

	for (unsigned i = 0; (name = command_name(i)) != NULL; i++)
		if (begins(name, word))
			printf("%s \n", name);
}

static void offer_command_options(const char *name, const char *word)
{
	const struct command *c = command_find(name, strlen(name));

	for (const struct command_option *o = c ? c->options : NULL; o && o->name; o++)
		if (begins(o->name, word))
			printf("%s \n", o->name);
}

/* The option that the word is, with a value behind = or without; NULL: none. */
static const struct option *option_of(const char *word)
{
	size_t n = strcspn(word, "=");

	for (const struct option *o = options; o->name; o++)
		if (strlen(o->name) == n && !strncmp(o->name, word, n))
			return o;
	return NULL;
}

/* What the words before the last one leave open. */
enum place { OF_IMAGE_OR_OPTION, OF_VALUE, OF_SETTING_OR_COMMAND, OF_COMMAND };

/* *command: the command's name, with OF_COMMAND. */
static enum place place_of(int words, char **word, const char **command)
{
	bool image = false;

	for (int i = 0; i < words; i++) {
		const struct option *o = word[i][0] == '-' ? option_of(word[i]) : NULL;

		if (o) {
			image |= o->machine;
			if (o->value && !strchr(word[i], '=') && ++i == words)
				return OF_VALUE;
		} else if (image && word[i][0] != '-' && !is_assignment(word[i])) {
			*command = word[i];
			return OF_COMMAND;
		} else if (!is_assignment(word[i])) {
			image |= word[i][0] != '-';
		}
	}
	return image ? OF_SETTING_OR_COMMAND : OF_IMAGE_OR_OPTION;
}

int complete_words(int words, char **word)
{
	const char *last = words ? word[words - 1] : "", *command = "";
	enum place place = place_of(words ? words - 1 : 0, word, &command);

	if (place == OF_VALUE)
		return ANSWERED;
	if (place == OF_COMMAND) {
		if (!strcmp(command, "help"))
			offer_commands(last);
		else
			offer_command_options(command, last);
	} else if (last[0] == '-') {
		offer_options(last);
	} else if (place == OF_SETTING_OR_COMMAND) {
		offer_settings(last);
		offer_commands(last);
	}
	return ANSWERED;
}
