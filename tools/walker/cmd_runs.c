/* tools/walker/cmd_runs.c - runs: where the file has which physical addresses, and both ways between them.
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "inspect/eval.h"
#include "shell/command.h"
#include "tools/walker/session.h"

static unsigned long long ull(uint64_t v)
{
	return v;
}

/* The file offset of a physical address and the address of a file offset; each can be missing. */
static void convert(struct call *c, struct image *m, uint64_t number)
{
	const struct image_run *at = image_run_at(m, number), *of = image_run_of_offset(m, number);

	if (at && !m->read)
		out_printf(c->out, "physical address %llx is at file offset %llx\n", ull(number),
		           ull(at->offset + (number - at->pa)));
	else
		out_printf(c->out, "physical address %llx %s\n", ull(number),
		           !at ? "is not in the file" : m->map ? "is compressed" : "is memory of a machine, not in a file");
	if (of)
		out_printf(c->out, "file offset %llx has physical address %llx\n", ull(number),
		           ull(of->pa + (number - of->offset)));
	c->no_answer = !at && !of;
}

static void list(struct call *c, const struct image *m, bool registers)
{
	uint64_t total = 0;

	out_printf(c->out, m->read ? "first            last                         size\n" :
	           "first            last                         size  file offset\n");
	for (size_t i = 0; i < m->runs; i++) {
		const struct image_run *r = &m->run[i];

		out_printf(c->out, "%016llx %016llx %16llx", ull(r->pa), ull(r->pa + (r->size - 1)), ull(r->size));
		if (!m->read)
			out_printf(c->out, "  %llx", ull(r->offset));
		out_char(c->out, '\n');
		total += r->size;
	}
	out_printf(c->out, "%s: %zu runs, %llu KiB\n", m->kind ? m->kind : "a raw image", m->runs, ull(total >> 10));
	for (unsigned i = 0; registers && i < m->cpus; i++) {
		out_printf(c->out, "CPU %u:", i);
		for (unsigned k = 0; k < m->cpu[i].count; k++)
			out_printf(c->out, " %s=%llx", m->cpu[i].reg[k].name, ull(m->cpu[i].reg[k].value));
		out_char(c->out, '\n');
	}
}

static void runs(struct call *c)
{
	const struct session *s = c->target->ctx;

	if (c->arg[0].given && strcmp(c->arg[0].text, "-v"))
		call_fail(c, 0, "no such option");
	else if (!s->image)
		call_lacks(c, "an image");
	else if (c->arg[1].given)
		convert(c, s->image, c->arg[1].number);
	else
		list(c, s->image, c->arg[0].given);
}
COMMAND(runs) = {
	.name = "runs", .aliases = "physmem", .schema = "oU", .synopsis = "runs [-v] [NUMBER]", .flags = CMD_READ_ONLY, .run = runs,
	.what = "where an image has which physical addresses",
	.help = "  kd> runs\n"
	        "  With NUMBER: the file offset of that physical address, and the physical address of that file offset. -v adds\n"
	        "  the CPUs' registers that the file has.\n"
	        "  Volatility: vmwareinfo --verbose\n",
};
