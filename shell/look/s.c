/* shell/look/s.c - s: searches virtual memory for values or a text.
 * SPDX-License-Identifier: MIT
 *
 * Items of 1, 2, 4 or 8 bytes are compared at multiples of their size from the start of the range,
 * -a compares characters at each byte. A match is printed as a line of the matching dump command.
 * Addresses that are not mapped are skipped.
 * WinDbg: s. crash: search.
 */
#include "inspect/windbg.h"
#include "shell/command.h"
#include "shell/look/values.h"
#include "lib/string.h"

/* Start addresses that are tried with one read. */
#define CHUNK 256u

/* Bytes of an item, and the dump in which a match is shown; without an option: -b. */
static const struct { const char *option; unsigned item; const char *dump; } kinds[] = {
	{ "-b", 1, "db" }, { "-w", 2, "dw" }, { "-d", 4, "dd" }, { "-q", 8, "dq" }, { "-a", 1, "db" },
};

/* Prints every match in [arg[0], arg[0] + n). Reads one chunk and the bytes after it that a match
 * may need; a chunk ends with its page, so that an unmapped page costs one step. A match must end
 * inside the range. */
static void search(struct call *c, unsigned kind, const unsigned char *pattern, size_t length, uint64_t n)
{
	unsigned char bytes[CHUNK + MOST_VALUES * 8];
	uint64_t at = c->arg[0].value, done = 0;
	bool warned = false;

	while (done + length <= n) {
		uint64_t left = n - done - length + 1, room = PAGE_SIZE - ((at + done) & PAGE_MASK);
		size_t starts = CHUNK < left ? CHUNK : (size_t)left;

		call_pause(c);
		if (starts > room)
			starts = (size_t)room;
		if (target_read_virt(c->target, at + done, bytes, starts + length - 1) != OK) {
			/* If the first byte is readable, a match can begin here and end before the unmapped page: try
			 * one address at a time. Otherwise skip the page. */
			if (target_read_virt(c->target, at + done, bytes, 1) != OK) {
				warned = warned || windbg_compressed(c->out, c->target, at + done);
				starts = room < left ? (size_t)room : (size_t)left;
			} else {
				starts = 1;
			}
		} else {
			for (size_t i = 0; i < starts; i += kinds[kind].item)
				if (!memcmp(bytes + i, pattern, length))
					(void)dump_memory(c->out, c->target, DUMP_VIRTUAL, dump_format_named(kinds[kind].dump),
					            at + done + i, 16 / kinds[kind].item);
		}
		done += ALIGN_UP(starts, (size_t)kinds[kind].item);
	}
}

/* The option is first in the schema but optional: the arguments are moved by one, so that
 * call_range() finds start and end where it expects them. */
static void search_command(struct call *c)
{
	unsigned char pattern[MOST_VALUES * 8];
	unsigned kind = 0;
	uint64_t n;
	size_t length;

	while (c->arg[0].given && kind < ARRAY_LEN(kinds) && strcmp(kinds[kind].option, c->arg[0].text))
		kind++;
	if (kind == ARRAY_LEN(kinds)) {
		call_fail(c, 0, "expected -b, -w, -d, -q or -a");
		return;
	}
	if (!c->arg[2].given) {
		call_fail(c, 2, "expected L COUNT or the end of the range");
		return;
	}
	c->arg[0] = c->arg[1];
	if (!call_range(c, 1, kinds[kind].item, 0, &n))
		return;
	length = call_pattern(c, !strcmp(kinds[kind].option, "-a"), kinds[kind].item, pattern);
	if (length)
		search(c, kind, pattern, length, n * kinds[kind].item);
}
COMMAND(s) = {
	.name = "s", .schema = "oaR*", .synopsis = "s [-b|-w|-d|-q|-a] VA L COUNT VALUE...|TEXT",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE,
	.run = search_command, .what = "search memory for values or, with -a, a text",
	.help = "  kd> s -a kmain L40000 \"Pageturner\"\n  COUNT is in items. Addresses that are not mapped are skipped.\n"
	        "  WinDbg: s   crash: search\n",
};
