/* shell/shell.c - reads lines, runs the commands in them, and survives what they do.
 * SPDX-License-Identifier: MIT
 *
 * Three things end a command early, and each comes back to this file: Ctrl-C (escape, at the
 * command's next output), an oops (guarded()), and a bugcheck (shell_run() again, on a stopped
 * machine). The line being run is static, because a bugcheck does not return: the shell continues
 * with the commands after the one that caused it.
 */
#include "kernel/bugcheck.h"
#include "kernel/console.h"
#include "kernel/live.h"
#include "kernel/main.h"
#include "kernel/oops.h"
#include "kernel/shell.h"
#include "kernel/symbols.h"
#include "kernel/trap.h"
#include "lib/cmdline.h"
#include "lib/string.h"
#include "mm/phys/kmap.h"
#include "shell/command.h"
#include "shell/line/lineedit.h"

/* Applied only while a command runs: reading a line needs PASSIVE_LEVEL, because it sleeps. */
unsigned shell_irql = PASSIVE_LEVEL;
const char *shell_prompt = SHELL_PROMPT;
/* `load`: a scenario, and its prompt. NULL: the shell's own. */
static struct target *looked_at = &live_target;
static const char *other_prompt;
static struct lineedit editor;
static struct history past;

void shell_look_at(struct target *t, const char *prompt)
{
	looked_at = t ? t : &live_target;
	other_prompt = prompt;
}

static const char *prompt(void)
{
	return other_prompt ? other_prompt : shell_prompt;
}

/* ---- output that Ctrl-C ends ---- */

/* Set in interrupt context. escape: where put() jumps to, valid while a command runs. */
static volatile bool interrupted;
static struct arch_jump escape;

/* Commands must not hold resources while they print, because Ctrl-C jumps out of them here; kmap
 * slots are freed below. */
static void put(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	if (interrupted)
		arch_throw(&escape);
	console.put(&console, bytes, n);
}

static struct out guarded_out = { .put = put };

/* Ctrl-C handler: only sets a flag. put() leaves the command, at its next output. */
static void interrupt(void)
{
	interrupted = true;
}

bool shell_take_break(void)
{
	bool was = interrupted;

	interrupted = false;
	return was;
}

/* Inside guarded(), so that what is thrown here never jumps over its frame. Ctrl-C ends the command
 * and prints ^C; the rest of the line is dropped in shell_execute(). */
static void run_call(void *ctx)
{
	struct call *c = ctx;

	interrupted = false;
	console_break(interrupt);
	current_irql = shell_irql;
	if (!arch_catch(&escape))
		c->command->run(c);
	current_irql = PASSIVE_LEVEL;
	console_break(NULL);
	if (!interrupted)
		return;
	kmap_reset();
	out_puts(&console, "^C\n");
}

/* ---- one line ---- */

/* run_command() calls it for commands without CMD_READ_ONLY; the others call it before they change
 * something. */
bool call_may_change(struct call *c)
{
	if (bugchecked)
		out_printf(c->out, "%s: after a bugcheck only read-only commands run\n", c->command->name);
	else if (c->read_only)
		out_printf(c->out, "%s is not a read-only command\n", c->command->name);
	return !bugchecked && !c->read_only;
}

bool call_fits_target(struct call *c)
{
	if (c->target == &live_target || (c->command->flags & CMD_TARGET))
		return true;
	out_printf(c->out, "%s needs the live machine; this is %s (unload)\n", c->command->name, c->target->name);
	return false;
}

/* Parses and runs one command. column: of its first character on the screen, for carets; SIZE_MAX:
 * unknown. False: it failed, was not found, or was interrupted. */
static bool run_command(const char *text, size_t n, size_t column)
{
	struct call c = { .out = &guarded_out, .target = looked_at, .column = column };

	interrupted = false;
	console.column = guarded_out.column = 0;
	if (!call_parse(&c, text, n))
		return false;
	if (!c.command)
		return true;
	if (!call_fits_target(&c))
		return false;
	if (!(c.command->flags & CMD_READ_ONLY) && !call_may_change(&c))
		return false;
	if (!guarded(run_call, &c)) {
		console_break(NULL);
		current_irql = PASSIVE_LEVEL;
		kmap_reset();
		return false;
	}
	return !c.failed && !interrupted;
}

/* The current line. A bugcheck restarts the shell, which continues at `next`. */
static struct {
	char text[LINE_BYTES];
	const char *next;            /* the next command; NULL: none */
	unsigned words;              /* run= words taken from the command line */
	bool is_word, word_failed;   /* the line is one of them; a command of one failed */
	bool lesson_begun;           /* lesson= was read */
} running;

void shell_execute(const char *line)
{
	size_t before = strlen(prompt());   /* a command can change it */

	/* After a bugcheck `line` is a part of running.text. */
	memmove(running.text, line, strlen(line) + 1);
	running.next = running.text;
	while (running.next) {
		const char *s = running.next, *end = command_end(s);
		/* The caret is correct only if the whole line fits in one row. */
		bool shown = before + strlen(running.text) < ROW_COLUMNS;
		size_t column = shown ? before + (size_t)(s - running.text) : SIZE_MAX;

		running.next = *end ? end + 1 : NULL;
		if (!run_command(s, (size_t)(end - s), column))
			running.word_failed |= running.is_word;
		/* Ctrl-C ends the line, not only the command that it came to. */
		if (interrupted)
			running.next = NULL;
	}
}

/* The exit status of `poweroff`. A failed command counts if it is one of run=: errors of typed ones
 * are seen. An oops and a bugcheck always count. */
bool shell_failed(void)
{
	return running.word_failed || oopsed() || bugchecked;
}

/* ---- completion: commands first in a command and after `help`, registers after @, else symbols ---- */

/* Whether the word at `word` is a command's name: first in the line or after ;, or the argument of
 * help. */
static bool names_command(const char *line, size_t word)
{
	while (word > 0 && line[word - 1] == ' ')
		word--;
	return word == 0 || line[word - 1] == ';' || (word == 4 && !strncmp(line, "help", 4));
}

/* Candidates for completion by index; NULL: no more. Symbols are in alphabetical order, so equal
 * beginnings are neighbours. */
static const char *any_command(unsigned i)
{
	return commands_start + i < commands_end ? commands_start[i].name : NULL;
}

static const char *any_symbol(unsigned i)
{
	return symbol_name(i, NULL);
}

static const char *any_register(unsigned i)
{
	return arch_regs[i].name;
}

/* Tab requests candidates 0, 1, 2 ...: the search continues after the last one. */
static const char *candidate(void *ctx, const char *line, size_t word, size_t cursor, unsigned i)
{
	static unsigned asked, next;
	const char *(*names)(unsigned i) = names_command(line, word) ? any_command :
		word > 0 && line[word - 1] == '@' ? any_register : any_symbol;
	const char *name;

	(void)ctx;
	if (i == 0 || i != asked)
		asked = next = 0;
	/* Asked again for one before: from the start. */
	while ((name = names(next)) != NULL) {
		next++;
		if (strncmp(name, line + word, cursor - word))
			continue;
		if (asked++ == i)
			return name;
	}
	return NULL;
}

/* ---- the loop ---- */

/* Lost bytes came after the bytes in the queue: every line until the queue is empty may be
 * incomplete. A line that is not whole is not run: a part of a command could be another command. */
static bool is_whole(unsigned *lost)
{
	if (editor.dropped) {
		out_printf(&console, "line too long by %zu characters (limit %u); nothing was run\n", editor.dropped,
		           LINE_BYTES - 1);
		return false;
	}
	if (*lost == 0)
		return true;
	out_printf(&console, "%u characters arrived faster than they were read and were lost; nothing was run\n", *lost);
	return false;
}

/* Feeds bytes to the editor until a line is complete, and runs it. An empty queue at the start of a
 * line ends the check for lost bytes. */
static void read_and_run(void)
{
	static unsigned lost;
	enum edit_result r = EDIT_MORE;

	lineedit_start(&editor, prompt());
	while (r == EDIT_MORE) {
		int c = console_try_get();

		if (c < 0) {
			if (editor.len == 0)
				lost = 0;
			c = console_get();
		}
		lost += console_lost();
		r = lineedit_feed(&editor, (unsigned char)c);
	}
	if (r == EDIT_LINE && is_whole(&lost))
		shell_execute(editor.line);
}

/* Runs the run= words in order. running.words is counted first: after a bugcheck a word is not
 * repeated. */
static void run_words(void)
{
	static char line[LINE_BYTES];

	running.is_word = true;
	while (cmdline_option(boot_info.cmdline, "run", running.words, line, sizeof(line))) {
		running.words++;
		if (!*line)
			continue;
		out_printf(&console, "%s%s\n", prompt(), line);
		shell_execute(line);
	}
	running.is_word = false;
}

/* lesson=UNIT or lesson=UNIT,SEED begins a lesson before the commands of run=. */
static void run_lesson(void)
{
	static char value[32], line[sizeof("lesson ") + sizeof(value)];
	char *comma;

	if (running.lesson_begun || !cmdline_option(boot_info.cmdline, "lesson", 0, value, sizeof(value)))
		return;
	running.lesson_begun = true;
	comma = strchr(value, ',');
	if (comma)
		*comma = ' ';
	str_printf(line, sizeof(line), "lesson %s", value);
	out_printf(&console, "%s%s\n", shell_prompt, line);
	shell_execute(line);
}

/* Entered at the end of the boot and again after each bugcheck: then running.next is the rest of the
 * line that caused it. */
_Noreturn void shell_run(void)
{
	lineedit_init(&editor, &console, &past, candidate, NULL);
	/* After a bugcheck commands inspect the machine that it stopped. */
	shell_look_at(NULL, NULL);
	if (running.next)
		shell_execute(running.next);
	run_lesson();
	run_words();
	for (;;)
		read_and_run();
}
