/* shell/look/target.c - target: what the commands look at.
 * SPDX-License-Identifier: MIT
 *
 * The live machine, a scenario, an image. A scenario can have notes, on what is known of its source.
 * WinDbg: ||.
 */
#include "inspect/target.h"
#include "shell/command.h"

/* The notes of a scenario: where its memory is from, and what the source has wrong. Other targets have none. */
static void put_notes(struct out *out, const struct target *t)
{
	const char *note;

	for (unsigned i = 0; t->system && t->system->note && (note = t->system->note(t->system_ctx, i)) != NULL; i++)
		out_printf(out, "Note: %s\n", note);
}

/* The root is the one that commands use. It differs from the CPU's after `.process /p`, or `root`. */
static void target(struct call *c)
{
	const struct target *t = c->target;
	struct system_process p;

	out_printf(c->out, "The target is %s%s%s.\n", t->name, t->file ? ", " : "", t->file ? t->file : "");
	out_printf(c->out, "format %s, root %llx", t->mode->format->name, (unsigned long long)t->root.v);
	if (t->hw_root.v != t->root.v)
		out_printf(c->out, ", the CPU's root %llx", (unsigned long long)t->hw_root.v);
	if (target_implicit(t, &p))
		out_printf(c->out, ", process %s", p.name);
	out_char(c->out, '\n');
	put_notes(c->out, t);
}
COMMAND(target) = {
	.name = "target", .schema = "", .synopsis = "target", .flags = CMD_READ_ONLY | CMD_TARGET, .run = target,
	.what = "what the commands look at: the live machine, a scenario, an image",
	.help = "  kd> target\n  load selects a scenario, unload the live machine.\n  WinDbg: ||\n",
};
