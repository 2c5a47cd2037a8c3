/* tools/walker/cmd_roots.c - roots: the page tables of every process that an image holds.
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "shell/command.h"
#include "tools/walker/session.h"

/* Registers of the CPUs that hold this root. */
static void put_holders(struct out *out, const struct session *s, uint64_t root)
{
	static const char *const names[] = { "cr3", "ttbr0", "ttbr1", "satp" };

	for (unsigned i = 0; s->image && i < s->image->cpus; i++)
		for (size_t k = 0; k < ARRAY_LEN(names); k++) {
			uint64_t value;
			paddr_t held;

			if (image_register(&s->image->cpu[i], names[k], &value) && pt_root_of(&s->mode, value, &held) == OK &&
			    held.v == root)
				out_printf(out, "  CPU %u: %s", i, names[k]);
		}
}

static void roots(struct call *c)
{
	struct session *s = c->target->ctx;

	if (!roots_search(s)) {
		c->no_answer = true;
		return;
	}
	out_puts(c->out, "root              kernel pages  KiB of user mode\n");
	for (size_t i = 0; i < s->roots.n; i++) {
		const struct root *r = &s->roots.list[i];

		out_printf(c->out, "%016llx  %11u%%  %16llu", (unsigned long long)r->root, r->same * 100 / r->asked,
		           (unsigned long long)(r->user >> 10));
		put_holders(c->out, s, r->root);
		out_char(c->out, '\n');
	}
}
COMMAND(roots) = {
	.name = "roots", .schema = "", .synopsis = "roots", .flags = CMD_READ_ONLY, .run = roots,
	.what = "the roots of all processes that an image holds",
	.help = "  kd> roots\n"
	        "  Every table that maps the kernel's pages as the loaded root does, in which part of them it has, and how much\n"
	        "  memory user mode reaches through it. Tables of processes that have ended can be among them. With the option\n"
	        "  --roots the command whomaps searches them all.\n"
	        "  WinDbg: !process 0 0   crash: ps\n",
};
