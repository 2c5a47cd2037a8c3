/* shell/live/load.c - load and unload: a scenario of the initrd as what the reading commands look at.
 * SPDX-License-Identifier: MIT
 *
 * The new scenario is complete before the old one is given up: after a mistake in a file nothing has
 * changed. Messages are kept until all memory is freed, because Ctrl-C leaves a command at its output.
 * WinDbg: .opendump.
 */
#include "kernel/initrd.h"
#include "lib/string.h"
#include "mm/phys/kmap.h"
#include "mm/space/vmalloc.h"
#include "scenario/scenario.h"
#include "shell/command.h"

/* Of the scenarios in docs/sessions, which the build puts into the initrd: `load` can do without it. */
#define SUFFIX ".walk"

/* The scenario that the reading commands look at; NULL: they look at the live machine. The prompt is kept here because
 * shell_prompt is a pointer, and the text of a scenario ends with a > that tools expect before the blank. */
static struct { struct scenario *scenario; char prompt[20]; } loaded;

static void *heap_alloc(void *ctx, size_t n)
{
	(void)ctx;
	return kvzalloc(n, "scenario");
}

static void heap_free(void *ctx, void *p)
{
	(void)ctx;
	kvfree(p);
}

static const struct scenario_heap scenario_memory = { NULL, heap_alloc, heap_free };

/* NAME, or NAME.walk. */
static const struct file *find(const char *name)
{
	char whole[80];
	const struct file *f = initrd_find(name);

	if (f)
		return f;
	str_printf(whole, sizeof(whole), "%s%s", name, SUFFIX);
	return initrd_find(whole);
}

/* All of the file, and a 0. NULL: a message was printed. */
static char *read_text(const struct file *f, struct out *errors)
{
	char *text;

	if (f->size > SCENARIO_MOST) {
		out_printf(errors, "%s: a scenario has at most %u MiB\n", f->name, SCENARIO_MOST >> 20);
		return NULL;
	}
	text = kvzalloc(f->size + 1, "scenario");
	if (text && phys_read(f->data, text, (size_t)f->size) == OK && str_starts(text, SCENARIO_MAGIC))
		return text;
	out_printf(errors, text ? "%s: not a scenario: its first line is not \"%s\"\n" : "%s: out of memory\n", f->name,
	           SCENARIO_MAGIC);
	kvfree(text);
	return NULL;
}

/* NULL: nothing has changed, and a message was printed. */
static struct target *make(const struct file *f, struct scenario **s, struct out *errors)
{
	struct scenario_source source = {
		.heap = &scenario_memory, .name = f->name, .text = read_text(f, errors), .length = (size_t)f->size,
		.errors = errors,
	};
	struct target *t;

	if (!source.text)
		return NULL;
	*s = scenario_parse(&source);
	if (!*s)
		return NULL;
	out_printf(errors, "%s: ", f->name);
	t = scenario_target(*s, errors);
	if (!t)
		scenario_free(*s);
	return t;
}

/* The shell returns to the live machine before the memory of the scenario is freed: between the two, Ctrl-C can end the command. */
static void give_up(void)
{
	shell_look_at(NULL, NULL);
	if (loaded.scenario)
		scenario_free(loaded.scenario);
	loaded.scenario = NULL;
}

/* The scenario before is given up only now, when the new one is complete: after a mistake in a file the old target stays. */
static void take(struct scenario *s, struct target *t, const char *name)
{
	give_up();
	loaded.scenario = s;
	t->file = name;
	str_printf(loaded.prompt, sizeof(loaded.prompt), "%s ", scenario_prompt(s) ? scenario_prompt(s) : "kd>");
	shell_look_at(t, loaded.prompt);
}

/* The message of a mistake is kept until the scenario is complete or given up: it is one line, and names the file. */
static void load(struct call *c)
{
	const struct file *f = find(c->arg[0].text);
	char text[200];
	struct out_buf errors;
	struct scenario *s;
	struct target *t;

	if (!f) {
		call_fail(c, 0, "no such file in the initrd; run without an argument lists them");
		return;
	}
	out_buf_init(&errors, text, sizeof(text));
	t = make(f, &s, &errors.out);
	if (t) {
		take(s, t, f->name);
		out_printf(c->out, "The target is now %s, %s.\n", t->name, t->file);
		return;
	}
	c->failed = true;
	out_puts(c->out, text);
}
COMMAND(load) = {
	.name = "load", .schema = "w", .synopsis = "load NAME", .flags = CMD_READ_ONLY | CMD_TARGET, .run = load,
	.what = "a scenario of the initrd as the target of the reading commands",
	.help = "  kd> load pae-large-page; pte 8054099e; unload\n"
	        "  A scenario is a text: pages of memory, registers, symbols, processes (docs/scenarios.md). The prompt is the\n"
	        "  one of the scenario; commands that need the live machine are refused until unload.\n"
	        "  WinDbg: .opendump   pagewalk: the file as its first argument\n",
};

/* What the commands of the scenario changed is nothing: it cannot be written. */
static void unload(struct call *c)
{
	if (!loaded.scenario) {
		call_fail(c, COMMAND_ARGS, "no scenario is loaded");
		return;
	}
	give_up();
	out_puts(c->out, "The target is now the live machine.\n");
}
COMMAND(unload) = {
	.name = "unload", .schema = "", .synopsis = "unload", .flags = CMD_READ_ONLY | CMD_TARGET, .run = unload,
	.what = "the live machine as the target again",
	.help = "  kd> load pae-large-page; unload\n  Frees the memory of the scenario.\n",
};
