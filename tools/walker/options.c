/* tools/walker/options.c - the command line: options, IMAGE, settings, a command.
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/version.h"
#include "shell/command.h"
#include "tools/walker/session.h"

#define FOUR_GIB (4ull << 30)

/* ---- options with a value ---- */

static bool take_text(const char **to, const char *name, const char *value)
{
	if (*to)
		fprintf(stderr, "%s: given twice\n", name);
	else
		*to = value;
	return *to == value;
}

static bool take_commands(struct session *s, const char *value) { return take_text(&s->options.commands, "-c", value); }
static bool take_script(struct session *s, const char *value) { return take_text(&s->options.script, "-f", value); }
static bool take_gdb(struct session *s, const char *value) { return take_text(&s->options.gdb, "--gdb", value); }
static bool take_qmp(struct session *s, const char *value) { return take_text(&s->options.qmp, "--qmp", value); }
static bool take_cpu(struct session *s, const char *value) { return take_text(&s->options.cpu, "--cpu", value); }

static bool take_watch(struct session *s, const char *value)
{
	char *end;
	double seconds = strtod(value, &end);

	if (*end || !(seconds > 0 && seconds < 1e6)) {
		fprintf(stderr, "--watch %s: a number of seconds\n", value);
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
		fprintf(stderr, "--hole %s: a size below 4 GiB with a unit, 3G\n", value);
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
				fprintf(stderr, "--runs %s: PA:OFFSET:SIZE,... is expected, wrong from '%s' on\n", value, at);
				return false;
			}
			at = end + 1;
		}
		l->runs++;
	}
	return l->run != NULL;
}

static const struct {
	const char *name, *value;         /* value: its name in the usage; NULL: none */
	bool (*take)(struct session *s, const char *value);
	size_t flag;                      /* take NULL: the bool in struct session */
	const char *what;
} options[] = {
	{ "-c", "COMMANDS", take_commands, 0, "commands, apart by ;" },
	{ "-f", "SCRIPT", take_script, 0, "a file of commands, one a line or apart by ;; -: standard input" },
	{ "-i", NULL, NULL, offsetof(struct session, options.prompt), "a prompt, also when standard input is no terminal" },
	{ "--json", NULL, NULL, offsetof(struct session, options.json), "each command's answer is one JSON object on one line" },
	{ "--csv", NULL, NULL, offsetof(struct session, options.csv), "ptdump's ranges as comma-separated values" },
	{ "--detect", NULL, NULL, offsetof(struct session, options.detect), "no COMMAND: searches the image for page tables" },
	{ "--cpu", "N", take_cpu, 0, "the registers of this CPU, from 0 on, of an image that has them" },
	{ "--gdb", "WHERE", take_gdb, 0, "no IMAGE: QEMU's gdb stub, HOST:PORT or a socket; the machine stops meanwhile" },
	{ "--qmp", "WHERE", take_qmp, 0, "no IMAGE: QEMU's monitor, a QMP socket; the machine runs on" },
	{ "--watch", "SECONDS", take_watch, 0, "repeats the command; * marks the lines that changed" },
	{ "--runs", "RUNS", take_runs, 0, "where a raw image's memory is: PA:OFFSET:SIZE,... (hexadecimal, or 512M)" },
	{ "--hole", "SIZE", take_hole, 0, "a raw image of QEMU's RAM: what is above SIZE (3G, 2G) is at 4 GiB" },
};

/* ---- the usage ---- */

static int usage(FILE *to)
{
	fprintf(to, "pagewalk [OPTION]... IMAGE [NAME=VALUE]... [COMMAND [ARGUMENT]...]\n\n"
	        "IMAGE: physical memory: raw, an ELF core, LiME, kdump (zlib), VMware (.vmss, .vmsn, .vmem), a Windows crash\n"
	        "dump; or a scenario (first line \"# pagewalk\"). Without COMMAND each line of standard input is an address,\n"
	        "and at a terminal there is a prompt.\n\noptions, before or after IMAGE:\n");
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		fprintf(to, "  %-7s %-9s %s\n", options[i].name, options[i].value ? options[i].value : "", options[i].what);
	fprintf(to, "  --help, --version\n\nsettings:\n");
	settings_print(to);
	fprintf(to, "\nformats:");
	for (const struct pt_format *const *f = pt_formats; *f; f++)
		fprintf(to, " %s", (*f)->name);
	fprintf(to, "\n\ncommands, as the kernel's shell has them (pagewalk FILE help COMMAND tells more):\n");
	for (const struct command *c = commands_start; c < commands_end; c++)
		if (!(c->flags & CMD_ABSENT))
			fprintf(to, "  %s\n", c->synopsis);
	fprintf(to, "\nexit status: 0 answered; 1 no translation, an unreadable table or a write error; 2 wrong use;\n"
	        "3 a damaged image\n");
	return to == stdout ? ANSWERED : WRONG_USE;
}

/* ---- words ---- */

/* A setting is the name of one and an equals sign; == belongs to an expression. */
static bool is_assignment(const char *text)
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
		fprintf(stderr, "%s: no such setting, or not a value of it\n", word);
	return good;
}

/* -x VALUE, --name VALUE, --name=VALUE. *i is that of the last word that was used. */
static bool take_option(struct session *s, int argc, char **argv, int *i)
{
	const char *word = argv[*i];
	size_t n = strncmp(word, "--", 2) ? strlen(word) : strcspn(word, "=");

	for (size_t k = 0; k < ARRAY_LEN(options); k++) {
		if (strlen(options[k].name) != n || strncmp(word, options[k].name, n))
			continue;
		if (!options[k].value) {
			*(bool *)((char *)s + options[k].flag) = true;
			if (word[n])
				fprintf(stderr, "%s: %s has no value\n", word, options[k].name);
			return !word[n];
		}
		if (word[n])
			return options[k].take(s, word + n + 1);
		if (*i + 1 < argc)
			return options[k].take(s, argv[++*i]);
		fprintf(stderr, "%s: %s is missing\n", word, options[k].value);
		return false;
	}
	fprintf(stderr, "%s: no such option; --help lists them\n", word);
	return false;
}

/* The command's own words: settings do not belong there. */
static bool take_command(struct session *s, int argc, char **argv, int i)
{
	s->options.word = argv + i;
	s->options.words = (unsigned)(argc - i);
	for (int k = i + 1; k < argc; k++)
		if (is_assignment(argv[k])) {
			fprintf(stderr, "%s: settings stand before the command\n", argv[k]);
			return false;
		}
	if (s->options.commands || s->options.script) {
		fprintf(stderr, "%s: a command, and -c or -f\n", argv[i]);
		return false;
	}
	return true;
}

static bool wanted(const char *word, const char *a, const char *b)
{
	return !strcmp(word, a) || !strcmp(word, b);
}

static bool is_live(const struct session *s)
{
	return s->options.gdb || s->options.qmp;
}

/* What the words are that come first: false with *status ANSWERED for --help and --version. */
static bool take_words(struct session *s, int argc, char **argv, int *status)
{
	for (int i = 1; i < argc; i++) {
		if (wanted(argv[i], "--help", "-h")) {
			*status = usage(stdout);
			return false;
		}
		if (wanted(argv[i], "--version", "-V")) {
			puts("pagewalk, of Pageturner " VERSION);
			*status = ANSWERED;
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
		fprintf(stderr, "%s\n", wrong);
		return false;
	}
	if (s->options.image || is_live(s))
		return true;
	*status = usage(stderr);
	return false;
}
