/* shell/parse.c - splits a command into its name and arguments by the schema.
 * SPDX-License-Identifier: MIT
 *
 * Depends on inspect/eval.h for expressions and on no machine: the same file is part of
 * tools/pagewalk and of the host tests. It prints errors and never runs a command. An error has one
 * line: the caret under the column of what was typed, the reason, the usage.
 */
#include "inspect/eval.h"
#include "lib/string.h"
#include "shell/command.h"
#include "shell/line/row.h"

/* The radix of WinDbg's MASM expressions at the start; `n` changes it. */
unsigned shell_radix = 16;

bool (*shell_is_closed)(const struct command *command);

/* A CALL_GAP between words of another shell is a blank here. */
static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t' || *s == CALL_GAP)
		s++;
	return s;
}

/* ---- errors: one line, the caret under the column of what was typed ---- */

/* Where errors go: a program's standard error output, or where the command prints. */
static struct out *errors(const struct call *c)
{
	return c->errors ? c->errors : c->out;
}

/* Prints a command with a space for each CALL_GAP, so that columns stay the same. */
static void put_text(struct out *out, const char *text)
{
	for (; *text; text++)
		out_char(out, *text == CALL_GAP ? ' ' : *text);
	out_char(out, '\n');
}

/* Writes the options that take_options() replaced by blanks into the text again. */
static void put_options_back(struct call *c)
{
	for (unsigned i = 0; i < COMMAND_OPTIONS && c->command && c->command->options; i++) {
		const struct arg *a = &c->option[i];

		if (!a->given)
			continue;
		memcpy(c->text + a->value, c->command->options[i].name, strlen(c->command->options[i].name));
		memcpy(c->text + a->at, a->text, strlen(a->text));
	}
}

/* Prints the error for the character `at` of c->text. The caret needs the command on the screen in
 * one row: if it is not there, or the column is beyond the row, a position in words takes its place. */
static void complain(struct call *c, size_t at, const char *fmt, va_list ap)
{
	struct out *out = errors(c);

	c->failed = true;
	if (c->column != SIZE_MAX && c->column + at < ROW_COLUMNS) {
		put_options_back(c);
		if (c->echo)
			put_text(out, c->text);
		out_printf(out, "%*s^ ", (int)(c->column + at), "");
	} else {
		out_printf(out, "at character %zu: ", at + 1);
	}
	out_vprintf(out, fmt, ap);
	if (c->command)
		out_printf(out, "; usage: %s", c->command->synopsis);
	out_char(out, '\n');
}

void call_lacks(struct call *c, const char *what)
{
	out_printf(errors(c), "%s needs %s; this is %s\n", c->command->name, what, c->target->name);
	c->failed = true;
}

static void complain_at(struct call *c, const char *where, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void complain_at(struct call *c, const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(c, (size_t)(where - c->text), fmt, ap);
	va_end(ap);
}

void call_fail(struct call *c, unsigned i, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(c, i < COMMAND_ARGS ? c->arg[i].at : strlen(c->text), fmt, ap);
	va_end(ap);
}

void call_fail_at(struct call *c, const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(c, (size_t)(where - c->text), fmt, ap);
	va_end(ap);
}

static const char no_process[] = "no process has this number or address; ps lists them";

void call_no_process(struct call *c, unsigned i)
{
	call_fail(c, i, "%s", no_process);
}

void call_no_process_at(struct call *c, const char *where)
{
	call_fail_at(c, where, "%s", no_process);
}

/* ---- arguments ---- */

/* The error at where, with the candidates of an ambiguous name. */
static void complain_eval(struct call *c, const char *where, const struct eval_error *error)
{
	char list[EVAL_CANDIDATES * 20 + 40];
	struct out_buf b;

	out_buf_init(&b, list, sizeof(list));
	for (unsigned i = 0; i < error->count && i < EVAL_CANDIDATES; i++)
		out_printf(&b.out, "%s%llx", i ? ", " : ": ", (unsigned long long)error->candidate[i]);
	if (error->count > EVAL_CANDIDATES)
		out_printf(&b.out, " and %u more, see x", error->count - EVAL_CANDIDATES);
	complain_at(c, where + error->at, "%s%s", error->what, list);
}

/* Whether the words of the command are separate arguments by themselves. */
static bool is_apart(const struct call *c)
{
	return strchr(c->text, CALL_GAP) != NULL;
}

/* Evaluates at *s and moves it past the expression; false after an error. A comma may follow, as
 * WinDbg has it. *number, unless NULL, is the same with nothing sign-extended; where that cannot be
 * read it is the value. */
static bool expression(struct call *c, const char **s, uint64_t *value, uint64_t *number)
{
	struct eval_error error = { .what = NULL }, unused;
	const char *end;

	if (eval(c->target, *s, shell_radix, &end, value, &error) != OK) {
		complain_eval(c, *s, &error);
		return false;
	}
	if (is_apart(c) && *end && *end != CALL_GAP) {
		complain_at(c, end, "not part of an expression");
		return false;
	}
	if (number && eval_number(c->target, *s, shell_radix, &end, number, &unused) != OK)
		*number = *value;
	*s = end + (*end == ',');
	return true;
}

/* Copies a word or a text in quotes, which may contain blanks, and moves *s past it. */
static const char *word(struct call *c, const char **s)
{
	char *to = c->words + c->words_used;
	const char *from = *s;
	size_t n = 0;

	if (is_apart(c)) {
		while (from[n] && from[n] != CALL_GAP)
			n++;
		*s = from + n;
	} else if (*from == '"') {
		from++;
		while (from[n] && from[n] != '"')
			n++;
		*s = from + n + (from[n] == '"');
	} else {
		while (from[n] && from[n] != ' ' && from[n] != '\t')
			n++;
		*s = from + n;
	}
	/* Words are no longer than the text they come from, their NULs than the blanks between. */
	memcpy(to, from, n);
	to[n] = 0;
	c->words_used += n + 1;
	return to;
}

/* An option begins with - and a lower-case letter; -4 is a number. */
static bool is_option(const char *s)
{
	return s[0] == '-' && s[1] >= 'a' && s[1] <= 'z';
}

/* A digit of radix 16, the largest one, whatever `n` has chosen. */
static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* L10, L 10, L(4*4), L?10: no symbol looks like it unless the letter after its l is a hexadecimal
 * digit. */
static bool is_length(const char *s)
{
	if (*s != 'L' && *s != 'l')
		return false;
	s = skip_blanks(s + 1);
	return !*s || is_hex(*s) || *s == '(' || *s == '?' || *s == '@';
}

/* *s is at the L, for which is_length() was true. Sets c->length, in items. False: an error was
 * printed. */
static bool range_length(struct call *c, const char **s)
{
	uint64_t value;

	*s = skip_blanks(*s + 1);
	c->unlimited = **s == '?';
	*s = skip_blanks(*s + c->unlimited);
	if (!**s) {
		complain_at(c, *s, "expected a count after L");
		return false;
	}
	c->has_length = true;
	return expression(c, s, &value, &c->length);
}

/* An upper-case E, A, U or W of a schema is the optional form of its kind. */
static char lower(char kind)
{
	return kind >= 'A' && kind <= 'Z' ? (char)(kind + ('a' - 'A')) : kind;
}

/* An argument of kind e, a or u. An address is cut to the target's width (target_address()). */
static bool number(struct call *c, char kind, struct arg *a, const char **s)
{
	if (!expression(c, s, &a->value, &a->number))
		return false;
	if (lower(kind) == 'a')
		a->value = target_address(c->target, a->value);
	else if (lower(kind) == 'u')
		a->value = a->number;
	return true;
}

/* Parses argument i at *s. An option or bracket that is not there is skipped: true, with *s
 * unchanged. Upper-case letters of the schema are optional arguments. */
static bool parse_argument(struct call *c, unsigned i, const char **s)
{
	const char *schema = c->command->schema;
	struct arg *a = &c->arg[i];
	char kind = schema[i];

	if ((kind == 'o' && (a->given || !is_option(*s))) || (kind == 'b' && **s != '['))
		return true;
	a->at = (size_t)(*s - c->text);
	if (!**s && kind >= 'a') {
		complain_at(c, *s, "missing argument");
		return false;
	}
	if (!**s)
		return true;
	a->given = true;
	if (kind == 'R' && is_length(*s))
		return range_length(c, s);
	/* The end of a range is what its beginning is. */
	if (kind == 'R')
		kind = schema[i - 1];
	if (strchr("eau", lower(kind)))
		return number(c, kind, a, s);
	a->text = word(c, s);
	return true;
}

/* --word is allowed at any position: it is removed first, so that an expression before it does not
 * parse it as a subtraction. Blanks take its place, so columns stay the same. */
static void take_option(struct call *c, char *s)
{
	const char *schema = c->command->schema, *o = strchr(schema, 'o'), *end;
	struct arg *a;

	if (!o)
		return;
	a = &c->arg[o - schema];
	while (*s && !((s[0] == ' ' || s[0] == CALL_GAP) && s[1] == '-' && s[2] == '-'))
		s++;
	if (!*s)
		return;
	end = ++s;
	a->given = true;
	a->at = (size_t)(s - c->text);
	a->text = word(c, &end);
	memset(s, ' ', (size_t)(end - s));
}

/* ---- options of a table ---- */

/* The next " --" outside quotes; NULL: none. The result is the first hyphen. */
static char *next_option(const struct call *c, char *s)
{
	bool quoted = false;

	for (; *s; s++) {
		quoted ^= *s == '"' && !is_apart(c);
		if (!quoted && (s[0] == ' ' || s[0] == '\t' || s[0] == CALL_GAP) && s[1] == '-' && s[2] == '-')
			return s + 1;
	}
	return NULL;
}

/* The value of an option, behind = or as the next word; moves *s past it. */
static bool option_value(struct call *c, const struct command_option *o, struct arg *a, const char **s)
{
	*s = **s == '=' ? *s + 1 : skip_blanks(*s);
	if (!o->value || !**s)
		complain_at(c, *s, o->value ? "%s needs %s" : "%s has no value", o->name, o->value);
	else
		a->at = (size_t)(*s - c->text), a->text = word(c, s);
	return !c->failed;
}

/* Takes the options out of the text from s on: an expression before one would parse it as a subtraction. Blanks take their
 * place, so columns stay the same. */
static bool take_options(struct call *c, char *s)
{
	const struct command_option *table = c->command->options;

	for (unsigned i = 0; i < COMMAND_OPTIONS; i++)
		c->option[i].text = "";
	while (table && (s = next_option(c, s)) != NULL) {
		const char *end = s;
		unsigned i = 0;

		while (*end && *end != ' ' && *end != '\t' && *end != CALL_GAP && *end != '=')
			end++;
		while (table[i].name && (strlen(table[i].name) != (size_t)(end - s) || memcmp(table[i].name, s, (size_t)(end - s))))
			i++;
		if (!table[i].name || c->option[i].given) {
			complain_at(c, s, table[i].name ? "given twice" : "no such option");
			return false;
		}
		c->option[i].given = true;
		c->option[i].at = c->option[i].value = (size_t)(s - c->text);
		if ((table[i].value || *end == '=') && !option_value(c, &table[i], &c->option[i], &end))
			return false;
		memset(s, ' ', (size_t)(end - s));
		s--;
	}
	return true;
}

/* Every argument has a column, also one that is missing: the end of the text, where the caret of
 * "missing argument" is. */
static bool parse_arguments(struct call *c, const char *s)
{
	const char *schema = c->command->schema;

	for (unsigned i = 0; i < COMMAND_ARGS; i++)
		c->arg[i] = (struct arg){ .text = "", .at = strlen(c->text) };
	take_option(c, c->text + (s - c->text));
	if (!take_options(c, c->text + (s - c->text)))
		return false;
	for (unsigned i = 0; schema[i] && schema[i] != '*'; i++) {
		s = skip_blanks(s);
		if (!parse_argument(c, i, &s))
			return false;
	}
	s = skip_blanks(s);
	c->rest = s;
	if (*s && !strchr(schema, '*')) {
		complain_at(c, s, *schema ? "too many arguments" : "takes no argument");
		return false;
	}
	return true;
}

/* c->text is there, and ends after n characters. Everything of the previous command in c is reset.
 * An empty text is no error: c->command is NULL then. */
static bool parse_text(struct call *c, size_t n)
{
	const char *name;

	while (n > 0 && (c->text[n - 1] == ' ' || c->text[n - 1] == '\t'))
		n--;
	c->text[n] = 0;
	c->command = NULL;
	c->words_used = 0;
	memset(c->option, 0, sizeof(c->option));
	c->has_length = c->unlimited = c->failed = c->no_answer = false;
	name = skip_blanks(c->text);
	if (!*name)
		return true;
	n = command_name_length(name);
	c->command = command_find(name, n);
	if (!c->command) {
		complain_at(c, name, "no such command; help lists them");
		return false;
	}
	if (shell_is_closed && shell_is_closed(c->command))
		out_printf(errors(c), "%s: closed in this task\n", c->command->name);
	else if ((c->command->flags & CMD_PROCESSES) && !(c->target->system && c->target->system->processes))
		call_lacks(c, "the live machine");
	else
		return parse_arguments(c, name + n);
	c->failed = true;
	return false;
}

bool call_parse(struct call *c, const char *text, size_t n)
{
	memcpy(c->text, text, n);
	c->errors = NULL;
	c->echo = false;
	return parse_text(c, n);
}

bool call_parse_words(struct call *c, struct out *errors, const char *const *words, unsigned count)
{
	size_t n = 0;

	c->errors = errors;
	c->echo = true;
	c->command = NULL;
	for (unsigned i = 0; i < count; i++) {
		size_t length = strlen(words[i]);

		if (n + 1 + length >= sizeof(c->text)) {
			c->failed = true;
			out_printf(errors, "the command is longer than %zu characters\n", sizeof(c->text) - 1);
			return false;
		}
		if (i)
			c->text[n++] = CALL_GAP;
		memcpy(c->text + n, words[i], length);
		n += length;
	}
	return parse_text(c, n);
}

bool call_next(struct call *c, uint64_t *value)
{
	c->rest = skip_blanks(c->rest);
	return *c->rest && expression(c, &c->rest, value, NULL);
}

bool call_next_number(struct call *c, uint64_t *number)
{
	uint64_t value;

	c->rest = skip_blanks(c->rest);
	return *c->rest && expression(c, &c->rest, &value, number);
}

bool call_next_word(struct call *c, const char **w, size_t *at)
{
	c->rest = skip_blanks(c->rest);
	if (!*c->rest)
		return false;
	*at = (size_t)(c->rest - c->text);
	*w = word(c, &c->rest);
	return true;
}

bool call_end(struct call *c)
{
	c->rest = skip_blanks(c->rest);
	if (*c->rest)
		call_fail_at(c, c->rest, "too many arguments");
	return !*c->rest;
}

/* The count without an end is `otherwise`, which no limit applies to. An end is inclusive: the item
 * there belongs to the range. */
bool call_range(struct call *c, unsigned i, uint64_t item, uint64_t otherwise, uint64_t *count)
{
	const struct arg *start = &c->arg[i], *end = &c->arg[i + 1];

	if (!end->given) {
		*count = otherwise;
	} else if (c->has_length) {
		*count = c->length;
	} else if (end->value < start->value) {
		call_fail(c, i + 1, "the end of the range is below its start");
		return false;
	} else {
		/* An end is inclusive: the item there belongs to the range. */
		*count = (end->value - start->value) / item + 1;
	}
	if (end->given && !c->unlimited && *count > CALL_RANGE_MOST / item) {
		call_fail(c, i + 1, "Range error: more than %llx items; L? lifts the limit",
		          (unsigned long long)(CALL_RANGE_MOST / item));
		return false;
	}
	return true;
}
