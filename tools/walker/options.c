/* tools/walker/options.c - the command line: options, IMAGE, settings, a command.
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/version.h"
#include "tools/walker/options.h"

#define FOUR_GIB (4ull << 30)

/* ---- options with a value ---- */

static bool take_text(const char **to, const char *name, const char *value)
{
	if (*to)
		message("%s: given twice\n", name);
	else
		*to = value;
	return *to == value;
}

static bool take_commands(struct session *s, const char *value) { return take_text(&s->options.commands, "-c", value); }
static bool take_script(struct session *s, const char *value) { return take_text(&s->options.script, "-f", value); }
static bool take_gdb(struct session *s, const char *value) { return take_text(&s->options.gdb, "--gdb", value); }
static bool take_qmp(struct session *s, const char *value) { return take_text(&s->options.qmp, "--qmp", value); }
static bool take_cpu(struct session *s, const char *value) { return take_text(&s->options.cpu, "--cpu", value); }
static bool take_symbols(struct session *s, const char *value) { return take_text(&s->options.symbols, "--symbols", value); }
static bool take_regions(struct session *s, const char *value) { return take_text(&s->options.regions, "--regions", value); }

static bool take_watch(struct session *s, const char *value)
{
	char *end;
	double seconds = strtod(value, &end);

	if (*end || !(seconds > 0 && seconds < 1e6)) {
		message("--watch %s: a number of seconds\n", value);
		return false;
	}
	s->options.watch = seconds;
	return true;
}

/* A number with a unit, "3G", "512M", "0xc0000000"; without one it is hexadecimal. */
static bool parse_size(const char *text, char **end, uint64_t *value)
{
	static const char units[] = "KMGT";
	const char *unit;
	size_t digits = strspn(text, "0123456789");

	unit = text[digits] ? strchr(units, toupper((unsigned char)text[digits])) : NULL;
	errno = 0;
	*value = strtoull(text, end, digits && unit ? 10 : 16);
	if (*end == text || errno || !isxdigit((unsigned char)*text))
		return false;
	if (digits && unit) {
		unsigned shift = 10 * (unsigned)(unit - units + 1);

		++*end;
		if (*value << shift >> shift != *value)
			return false;
		*value <<= shift;
	}
	return true;
}

static bool take_hole(struct session *s, const char *value)
{
	uint64_t *hole = &s->options.layout.hole;
	char *end;

	if (!parse_size(value, &end, hole) || *end || !*hole || *hole >= FOUR_GIB || *hole % 4096) {
		message("--hole %s: a size below 4 GiB with a unit, 3G\n", value);
		return false;
	}
	return true;
}

/* PA:OFFSET:SIZE,... */
static bool take_runs(struct session *s, const char *value)
{
	struct image_layout *l = &s->options.layout;
	const char *at = value;
	size_t room = 1;

	for (const char *c = value; *c; c++)
		room += *c == ',';
	free(l->run);
	l->runs = 0;
	l->run = calloc(room, sizeof(*l->run));
	for (size_t i = 0; l->run && i < room; i++) {
		uint64_t *field[] = { &l->run[i].pa, &l->run[i].offset, &l->run[i].size };

		for (unsigned k = 0; k < 3; k++) {
			char *end = NULL;

			if (!parse_size(at, &end, field[k]) || *end != (k < 2 ? ':' : i + 1 < room ? ',' : 0)) {
				message("--runs %s: PA:OFFSET:SIZE,... is expected, wrong from '%s' on\n", value, at);
				return false;
			}
			at = end + 1;
		}
		l->runs++;
	}
	return l->run != NULL;
}

const struct option options[] = {
	{ "-c", "COMMANDS", "commands, apart by ;",
	  .take = take_commands },
	{ "-f", "SCRIPT", "a file of commands, one a line or apart by ;; -: standard input",
	  .take = take_script },
	{ "-i", NULL, "a prompt, also when standard input is no terminal",
	  .flag = offsetof(struct session, options.prompt) },
	{ "--json", NULL, "each command's answer is one JSON object on one line",
	  .flag = offsetof(struct session, options.json) },
	{ "--csv", NULL, "ptdump's ranges as comma-separated values",
	  .flag = offsetof(struct session, options.csv) },
	{ "--detect", NULL, "no COMMAND: searches the image for page tables",
	  .flag = offsetof(struct session, options.detect) },
	{ "--roots", NULL, "whomaps searches the tables of every process that the image holds",
	  .flag = offsetof(struct session, options.roots) },
	{ "--cpu", "N", "the registers of this CPU, from 0 on, of an image that has them",
	  .take = take_cpu },
	{ "--gdb", "WHERE", "no IMAGE: QEMU's gdb stub, HOST:PORT or a socket; the machine stops meanwhile",
	  .take = take_gdb, .machine = true },
	{ "--qmp", "WHERE", "no IMAGE: QEMU's monitor, a QMP socket; the machine runs on",
	  .take = take_qmp, .machine = true },
	{ "--symbols", "FILE", "names of addresses: an ELF file, System.map or /proc/kallsyms",
	  .take = take_symbols },
	{ "--regions", "FILE", "names of ranges, for ptdump, whomaps and address: lines FIRST-LAST NAME; linux-amd64: Linux's",
	  .take = take_regions },
	{ "--watch", "SECONDS", "repeats the command; * marks the lines that changed",
	  .take = take_watch },
	{ "--runs", "RUNS", "where a raw image's memory is: PA:OFFSET:SIZE,... (hexadecimal, or 512M)",
	  .take = take_runs },
	{ "--hole", "SIZE", "a raw image of QEMU's RAM: what is above SIZE (3G, 2G) is at 4 GiB",
	  .take = take_hole },
	{ .name = NULL },
};

/* Options that print something and end the program. */
static int print_usage(int words, char **word) { (void)words, (void)word; return usage(stdout); }
static int print_manual(int words, char **word) { (void)words, (void)word; return manual(); }

static int print_version(int words, char **word)
{
	(void)words, (void)word;
	puts("pagewalk, of Pageturner " VERSION);
	return ANSWERED;
}

const struct question questions[] = {
	{ "--help", "-h", print_usage, "prints this text" },
	{ "--version", "-V", print_version, "prints the version" },
	{ "--man", NULL, print_manual, "prints the manual page, for man -l" },
	/* Called by the completion of bash with the words of a command line. */
	{ "--complete", NULL, complete_words, NULL },
	{ .name = NULL },
};

/* ---- words ---- */

/* A setting is the name of one and an equals sign; == belongs to an expression. */
bool is_assignment(const char *text)
{
	char name[16];
	size_t length = strcspn(text, "=");

	if (text[length] != '=' || text[length + 1] == '=' || length >= sizeof(name))
		return false;
	memcpy(name, text, length);
	name[length] = 0;
	return setting_exists(name);
}

static bool take_setting(struct session *s, char *word)
{
	char *equals = strchr(word, '=');
	bool good;

	*equals = 0;
	good = setting_store(s, word, equals + 1, OF_COMMAND_LINE);
	*equals = '=';
	if (!good)
		message("%s: no such setting, or not a value of it\n", word);
	return good;
}

/* -x VALUE, --name VALUE, --name=VALUE. *i is that of the last word that was used. */
static bool take_option(struct session *s, int argc, char **argv, int *i)
{
	const char *word = argv[*i];
	size_t n = strncmp(word, "--", 2) ? strlen(word) : strcspn(word, "=");

	for (size_t k = 0; options[k].name; k++) {
		if (strlen(options[k].name) != n || strncmp(word, options[k].name, n))
			continue;
		if (!options[k].value) {
			*(bool *)((char *)s + options[k].flag) = true;
			if (word[n])
				message("%s: %s has no value\n", word, options[k].name);
			return !word[n];
		}
		if (word[n])
			return options[k].take(s, word + n + 1);
		if (*i + 1 < argc)
			return options[k].take(s, argv[++*i]);
		message("%s: %s is missing\n", word, options[k].value);
		return false;
	}
	message("%s: no such option; --help lists them\n", word);
	return false;
}

/* The command's own words: settings do not belong there. */
static bool take_command(struct session *s, int argc, char **argv, int i)
{
	s->options.word = argv + i;
	s->options.words = (unsigned)(argc - i);
	for (int k = i + 1; k < argc; k++)
		if (is_assignment(argv[k])) {
			message("%s: settings stand before the command\n", argv[k]);
			return false;
		}
	if (s->options.commands || s->options.script) {
		message("%s: a command, and -c or -f\n", argv[i]);
		return false;
	}
	return true;
}

static const struct question *question_of(const char *word)
{
	for (const struct question *q = questions; q->name; q++)
		if (!strcmp(word, q->name) || (q->brief && !strcmp(word, q->brief)))
			return q;
	return NULL;
}

static bool is_live(const struct session *s)
{
	return s->options.gdb || s->options.qmp;
}

/* What the words are that come first: false with *status ANSWERED for an option of the table of questions. */
static bool take_words(struct session *s, int argc, char **argv, int *status)
{
	for (int i = 1; i < argc; i++) {
		const struct question *q = question_of(argv[i]);

		if (q) {
			*status = q->answer(argc - i - 1, argv + i + 1);
			return false;
		}
		if (argv[i][0] == '-' && argv[i][1]) {
			if (!take_option(s, argc, argv, &i))
				return false;
		} else if (!s->options.image && !is_live(s) && !is_assignment(argv[i])) {
			s->options.image = argv[i];
		} else if (strchr(argv[i], '=')) {
			if (!take_setting(s, argv[i]))
				return false;
		} else {
			return take_command(s, argc, argv, i);
		}
	}
	return true;
}

/* Options that exclude each other: only one of them would have an effect. */
static const char *contradiction(const struct options *o)
{
	bool commands = o->words || o->commands || o->script;

	if ((o->image != NULL) + (o->gdb != NULL) + (o->qmp != NULL) > 1)
		return "IMAGE, --gdb and --qmp: only one of them";
	if (o->json + o->csv + (o->watch > 0) > 1)
		return "--json, --csv and --watch: only one of them";
	if (o->prompt + o->detect + commands > 1)
		return "-i, --detect and commands: only one of them";
	if (o->detect && (o->json || o->csv || o->watch > 0))
		return "--detect prints neither --json nor --csv, and --watch does not repeat it";
	return o->watch > 0 && !commands ? "--watch: there is no command to repeat" : NULL;
}

bool options_parse(struct session *s, int argc, char **argv, int *status)
{
	const char *wrong;

	*status = WRONG_USE;
	if (!take_words(s, argc, argv, status))
		return false;
	wrong = contradiction(&s->options);
	if (wrong) {
		message("%s\n", wrong);
		return false;
	}
	if (s->options.image || is_live(s))
		return true;
	*status = usage(stderr);
	return false;
}
