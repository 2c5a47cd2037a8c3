/* tools/walker/words.c - what the word before the cursor of the prompt can become.
 * SPDX-License-Identifier: MIT
 */
#include "tools/walker/words.h"

#include <string.h>

#include "shell/command.h"

/* Where the command begins in which line[at] is. */
static size_t command_start(const char *line, size_t at)
{
	size_t start = at;

	while (start && line[start - 1] != ';')
		start--;
	while (start < at && strchr(" \t", line[start]))
		start++;
	return start;
}

static const char *option_name(const char *command, unsigned i, size_t dashes)
{
	const struct command *c = command_find(command, strcspn(command, WORD_SEPARATORS));
	const struct command_option *o = c ? c->options : NULL;

	for (; o && o->name; o++)
		if (strspn(o->name, "-") == dashes && i-- == 0)
			return o->name + dashes;
	return NULL;
}

/* Those of the file or the machine; "root" is that of the tables, whatever its name is. */
static const char *register_name(const struct session *s, unsigned i)
{
	if (i == 0)
		return "root";
	return s->cpu && i <= s->cpu->count ? s->cpu->reg[i - 1].name : NULL;
}

const char *word_candidate(const struct session *s, const char *line, size_t start, unsigned i)
{
	size_t command = command_start(line, start), dashes = 0, blank;

	while (dashes < 2 && start - dashes > command && line[start - dashes - 1] == '-')
		dashes++;
	blank = start - dashes;
	if (start == command || (start - command > 4 && !strncmp(line + command, "help ", 5) &&
	                         strspn(line + command + 4, " ") == start - command - 4))
		return command_name(i);
	if (dashes && blank > command && line[blank - 1] == ' ')
		return option_name(line + command, i, dashes);
	if (line[start - 1] == '@')
		return register_name(s, i);
	return s->target.symbol_number ? s->target.symbol_number(s->target.ctx, i, &(uint64_t){ 0 }) : NULL;
}
