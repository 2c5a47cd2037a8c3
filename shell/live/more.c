/* shell/live/more.c - more: another command's output, a screen at a time.
 * SPDX-License-Identifier: MIT
 *
 * Only read-only commands, with read_only set: a command that changes something with some arguments
 * refuses them here. q does not stop the command, only its output; Ctrl-C ends both.
 * Linux: more.
 */
#include "kernel/console.h"
#include "lib/string.h"
#include "shell/command.h"

/* A terminal of 24 lines, less the one for the question. */
#define SCREEN_LINES 23
#define QUESTION "-- more: any key, q ends --"

/* An out that counts lines and passes bytes to `to`. ended: q was typed. */
struct pager { struct out out, *to; unsigned lines; bool ended; };

/* Asks, and removes the question again with backspaces, which every terminal supports. True: go on. */
static bool ask(struct out *to)
{
	int key;

	out_puts(to, QUESTION);
	key = console_get();
	if (key == 'q') {
		out_puts(to, "\n");
		return false;
	}
	for (size_t i = 0; i < strlen(QUESTION); i++)
		out_puts(to, "\b \b");
	return true;
}

/* The put() of struct pager. After q it drops all output; the command still runs to its end. */
static void put(struct out *out, const char *bytes, size_t n)
{
	struct pager *p = (struct pager *)out;

	for (size_t i = 0; i < n && !p->ended; i++) {
		if (p->lines == SCREEN_LINES) {
			p->ended = !ask(p->to);
			p->lines = 0;
			if (p->ended)
				return;
		}
		p->to->put(p->to, &bytes[i], 1);
		p->lines += bytes[i] == '\n';
	}
}

/* The inner command has no column (SIZE_MAX): its errors name a position instead of showing a caret. */
static void more(struct call *c)
{
	struct pager p = { .out = { .put = put }, .to = c->out };
	struct call inner = { .out = &p.out, .target = c->target, .column = SIZE_MAX, .read_only = true };

	if (!*c->rest) {
		call_fail(c, COMMAND_ARGS, "expected a command");
		return;
	}
	c->failed = !call_parse(&inner, c->rest, strlen(c->rest));
	if (c->failed || !inner.command)
		return;
	if (!call_fits_target(&inner))
		c->failed = true;
	else if (inner.command->flags & CMD_READ_ONLY) {
		inner.command->run(&inner);
		c->failed = inner.failed;
		c->no_answer = inner.no_answer;
	} else {
		call_fail(c, COMMAND_ARGS, "%s is not a read-only command", inner.command->name);
	}
}
COMMAND(more) = {
	.name = "more", .schema = "*", .synopsis = "more COMMAND", .flags = CMD_READ_ONLY | CMD_TARGET, .run = more,
	.what = "the output of a read-only command, one screen at a time",
	.help = "  kd> more help\n  Any key continues, q quits.\n  Linux: more\n",
};
