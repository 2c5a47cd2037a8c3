/* shell/live/fault_inject.c - fault-inject: makes disk requests fail, or get no answer, at random.
 * SPDX-License-Identifier: MIT
 *
 * The fault is injected where a driver reports a completion (block_inject()): the hardware has
 * carried out the request, but its result is lost. It tests what follows: errors of a page-in or
 * page-out, time-outs, resets. The rate holds until it is changed.
 * Linux: /sys/kernel/debug/fail_make_request.
 */
#include "kernel/disk.h"
#include "lib/string.h"
#include "shell/command.h"

/* Reads a decimal number and advances *s; false: no number. A number that is too large ends early,
 * and the rest of it is then no valid rate. */
static bool take_number(const char **s, uint32_t *value)
{
	const char *at = *s;

	*value = 0;
	for (; *at >= '0' && *at <= '9' && *value < UINT32_MAX / 10 - 1; at++)
		*value = *value * 10 + (uint32_t)(*at - '0');
	if (at == *s)
		return false;
	*s = at;
	return true;
}

/* Reads "1/100" as count and one_in; "off" is 0 of 1. False: neither. */
static bool take_rate(const char *s, uint32_t *count, uint32_t *one_in)
{
	if (!strcmp(s, "off")) {
		*count = 0;
		*one_in = 1;
		return true;
	}
	return take_number(&s, count) && *s++ == '/' && take_number(&s, one_in) && !*s && *one_in > 0;
}

/* disk stands for all disks, disk0 for the first. */
static bool is_named(const struct block_device *d, const char *name)
{
	return !strcmp(name, "disk") || !strcmp(name, d->name);
}

/* One line for each disk: rate, kind of fault, faults injected since boot. */
static void show(struct out *out)
{
	for (unsigned i = 0; i < block_count(); i++) {
		const struct block_device *d = block_device(i);

		out_printf(out, "%s: %u of %u requests %s, %llu so far\n", d->name, (unsigned)d->fault.count,
		           (unsigned)(d->fault.count ? d->fault.one_in : 1),
		           d->fault.kind == BLOCK_FAULT_LOST ? "get no answer" : "fail",
		           (unsigned long long)d->stats.injected);
	}
	if (block_count() == 0)
		out_puts(out, "no disk was found\n");
}

/* Checks the rate and the kind before the first disk is changed. */
static void fault_inject(struct call *c)
{
	bool lost = !strcmp(c->arg[2].text, "lost");
	uint32_t count, one_in;
	unsigned n = 0;

	if (!c->arg[0].given) {
		show(c->out);
		return;
	}
	if (!take_rate(c->arg[1].text, &count, &one_in)) {
		call_fail(c, 1, "a rate such as 1/100, in decimal, or off");
		return;
	}
	if (c->arg[2].given && !lost) {
		call_fail(c, 2, "the only word allowed here is lost");
		return;
	}
	for (unsigned i = 0; i < block_count(); i++)
		if (is_named(block_device(i), c->arg[0].text)) {
			block_inject(block_device(i), count, one_in, lost ? BLOCK_FAULT_LOST : BLOCK_FAULT_ERROR);
			n++;
		}
	if (n == 0)
		call_fail(c, 0, "no such disk: disk stands for all, disk0 for the first");
	else
		show(c->out);
}
COMMAND(fault_inject) = {
	.name = "fault-inject", .schema = "WWW", .synopsis = "fault-inject [disk|diskN COUNT/OF|off [lost]]", .run = fault_inject,
	.what = "make disk requests fail at random",
	.help = "  kd> fault-inject\n"
	        "  `fault-inject disk 1/100`: one request in 100 ends with an I/O error, although the disk carried it out. With\n"
	        "  lost it gets no answer: after a time-out the disk is reset and the request is tried again.\n"
	        "  Linux: /sys/kernel/debug/fail_make_request\n",
};
