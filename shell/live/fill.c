/* shell/live/fill.c - fill: repeats bytes over a range of virtual memory.
 * SPDX-License-Identifier: MIT
 *
 * The pattern is repeated from the start of the range and cut at its end. As eb: the bytes are
 * written through physical memory, so a read-only page is changed too, and addresses are translated
 * as for d*.
 * WinDbg: f.
 */
#include "shell/live/store_virt.h"
#include "shell/look/values.h"

/* Bytes on the stack; a chunk is written at once, all or nothing. */
#define CHUNK 256u

/* The whole range is checked first: if a part of it has no page, nothing is written. An error later
 * (no memory) leaves the part that was done, and so does Ctrl-C. */
static void fill(struct call *c)
{
	unsigned char pattern[MOST_VALUES], bytes[CHUNK];
	uint64_t n, at = c->arg[0].value;
	size_t length;

	if (!call_bytes(c, &n))
		return;
	length = call_values(c, 1, pattern);
	if (length == 0)
		return;
	if (!target_storable(c->target, at, n)) {
		call_fail(c, 0, "not all of the range is mapped");
		return;
	}
	for (uint64_t done = 0; done < n; ) {
		size_t part = 0;

		call_pause(c);
		while (part < CHUNK && done + part < n) {
			bytes[part] = pattern[(done + part) % length];
			part++;
		}
		if (!call_store(c, at + done, bytes, part))
			return;
		done += part;
	}
	out_printf(c->out, "Filled 0x%llx bytes\n", (unsigned long long)n);
}
COMMAND(fill) = {
	.name = "fill", .aliases = "f", .schema = "aR*", .synopsis = "fill VA L COUNT BYTE...", .run = fill,
	.what = "repeat bytes over a range",
	.help = "  kd> fill {scratch} L10 55 aa\n"
	        "  As eb: also writes read-only pages, and uses the process that .process selected.\n  WinDbg: f\n",
};
