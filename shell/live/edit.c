/* shell/live/edit.c - memory changed, filled, compared and searched: eb ew ed eq, !eb .., fill, cmp, s.
 * SPDX-License-Identifier: MIT
 *
 * Like a debugger's, these writes go to physical memory: what is read-only for the kernel can be changed.
 */
#include "inspect/dump.h"
#include "kernel/kernel.h"
#include "lib/string.h"
#include "shell/command.h"

#define MOST_VALUES 64
#define CHUNK 256u

/* Little-endian, as every architecture here stores. */
static void put_value(unsigned char *to, unsigned item, uint64_t value)
{
	for (unsigned i = 0; i < item; i++)
		to[i] = (unsigned char)(value >> (8 * i));
}

/* The rest of the line as items; how many bytes they are, 0 when told what is wrong. */
static size_t values(struct call *c, unsigned item, unsigned char *bytes)
{
	size_t n = 0;
	uint64_t value;
	const char *at = c->rest;

	while (call_next(c, &value)) {
		if (item < 8 && value >> (8 * item) && ~value >> (8 * item - 1)) {
			call_fail_at(c, at, "does not fit in %u bytes", item);
			return 0;
		}
		if (n == (size_t)MOST_VALUES * item) {
			call_fail_at(c, at, "at most %u values", MOST_VALUES);
			return 0;
		}
		put_value(bytes + n, item, value);
		n += item;
		at = c->rest;
	}
	if (n == 0 && !c->failed)
		call_fail(c, COMMAND_ARGS, "a value is missing");
	return c->failed ? 0 : n;
}

static void enter(struct call *c)
{
	static const char sizes[] = "bwdq";
	const char *name = c->command->name;
	bool physical = *name == '!';
	unsigned char bytes[MOST_VALUES * 8];
	unsigned item = 1u << (strchr(sizes, name[physical + 1]) - sizes);
	size_t n = values(c, item, bytes);
	uint64_t at = c->arg[0].value;
	err_t err;

	if (n == 0)
		return;
	err = physical ? c->target->write_phys(c->target->ctx, PADDR(at), bytes, n)
	               : target_write_virt(c->target, at, bytes, n);
	if (err != OK)
		call_fail(c, 0, "cannot write there: %s", err_text(err));
}

#define ENTER(id, items) \
	COMMAND(id) = { \
		.name = #id, .schema = "a*", .synopsis = #id " VA VALUE...", .run = enter, \
		.what = "write " items " to virtual memory", \
		.help = "  kd> " #id " {scratch} 12 34\n" \
		        "  All or nothing; read-only pages can be written, too. Addresses are those of d*: after .process\n" \
		        "  /p user addresses are that process's. Who else maps the frame sees the change; an entry changed in\n" \
		        "  the self-map is not flushed, as setpte's is.\n" \
		        "  WinDbg: " #id "   crash: wr\n", \
	}; \
	COMMAND(id##_phys) = { \
		.name = "!" #id, .schema = "u*", .synopsis = "!" #id " PA VALUE...", .run = enter, \
		.what = "write " items " to physical memory", \
		.help = "  kd> !" #id " {scratch pa} 12 34\n  Only RAM can be written.\n  WinDbg: !" #id "\n", \
	}

ENTER(eb, "bytes");
ENTER(ew, "words");
ENTER(ed, "double words");
ENTER(eq, "quad words");

/* ---- ranges ---- */

static bool readable(const struct target *t, uint64_t va, uint64_t n)
{
	unsigned char bytes[CHUNK];

	for (uint64_t done = 0; done < n; done += CHUNK) {
		uint64_t part = n - done < CHUNK ? n - done : CHUNK;

		if (target_read_virt(t, va + done, bytes, (size_t)part) != OK)
			return false;
	}
	return va + n >= va;
}

static bool range_argument(struct call *c, uint64_t *n)
{
	if (!c->arg[1].given) {
		call_fail(c, 1, "L COUNT or the end of the range is missing");
		return false;
	}
	return call_range(c, 0, 1, 0, n);
}

static void fill(struct call *c)
{
	unsigned char pattern[MOST_VALUES], bytes[CHUNK];
	uint64_t n, at = c->arg[0].value;
	size_t length;
	err_t err = OK;

	if (!range_argument(c, &n))
		return;
	length = values(c, 1, pattern);
	if (length == 0)
		return;
	if (!readable(c->target, at, n)) {
		call_fail(c, 0, "not all of the range is mapped");
		return;
	}
	for (uint64_t done = 0; done < n && err == OK; ) {
		size_t part = 0;

		while (part < CHUNK && done + part < n) {
			bytes[part] = pattern[(done + part) % length];
			part++;
		}
		err = target_write_virt(c->target, at + done, bytes, part);
		done += part;
	}
	if (err != OK)
		call_fail(c, 0, "cannot write there: %s", err_text(err));
	else
		out_printf(c->out, "Filled 0x%llx bytes\n", (unsigned long long)n);
}
COMMAND(fill) = {
	.name = "fill", .aliases = "f", .schema = "aR*", .synopsis = "fill VA L COUNT BYTE...", .run = fill,
	.what = "repeat bytes over a range",
	.help = "  kd> fill {scratch} L10 55 aa\n"
	        "  As eb: pages that are read-only, and those of the process that .process chose.\n  WinDbg: f\n",
};

static void cmp(struct call *c)
{
	uint64_t n, a = c->arg[0].value, b = c->arg[2].value;
	unsigned char x[CHUNK], y[CHUNK];
	int digits = (int)target_va_digits(c->target);

	if (!range_argument(c, &n))
		return;
	if (!readable(c->target, a, n) || !readable(c->target, b, n)) {
		call_fail(c, readable(c->target, a, n) ? 2 : 0, "not all of the range is mapped");
		return;
	}
	for (uint64_t done = 0; done < n; done += CHUNK) {
		size_t part = n - done < CHUNK ? (size_t)(n - done) : CHUNK;

		call_pause(c);
		if (target_read_virt(c->target, a + done, x, part) != OK ||
		    target_read_virt(c->target, b + done, y, part) != OK)
			return;
		for (size_t i = 0; i < part; i++)
			if (x[i] != y[i])
				out_printf(c->out, "%0*llx  %02x - %0*llx  %02x\n", digits,
				           (unsigned long long)(a + done + i), x[i], digits,
				           (unsigned long long)(b + done + i), y[i]);
	}
}
COMMAND(cmp) = {
	.name = "cmp", .aliases = "c", .schema = "aRa", .synopsis = "cmp VA L COUNT VA",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = cmp,
	.what = "compare two ranges byte by byte: only differences are shown",
	.help = "  kd> cmp kmain L8 kmain+8\n  WinDbg: c\n",
};

/* ---- s ---- */

static const struct { const char *option; unsigned item; const char *dump; } kinds[] = {
	{ "-b", 1, "db" }, { "-w", 2, "dw" }, { "-d", 4, "dd" }, { "-q", 8, "dq" }, { "-a", 1, "db" },
};

/* What to look for: items of numbers, or with -a the characters of a word. */
static size_t pattern_of(struct call *c, unsigned kind, unsigned char *bytes)
{
	const char *text;
	size_t at;

	if (strcmp(kinds[kind].option, "-a"))
		return values(c, kinds[kind].item, bytes);
	if (!call_next_word(c, &text, &at) || !*text) {
		call_fail(c, COMMAND_ARGS, "a text is missing");
		return 0;
	}
	if (strlen(text) > MOST_VALUES) {
		call_fail(c, COMMAND_ARGS, "at most %u characters", MOST_VALUES);
		return 0;
	}
	/* Its characters are the values: no NUL goes along. */
	for (size_t i = 0; text[i]; i++)
		bytes[i] = (unsigned char)text[i];
	return strlen(text);
}

static const struct dump_format *dump_of(const char *name)
{
	const struct dump_format *f = dump_formats;

	while (strcmp(f->name, name))
		f++;
	return f;
}

/* Reads ahead a chunk and what a match that begins in it may need behind it. Unmapped pages are passed over whole. */
static void search(struct call *c, unsigned kind, const unsigned char *pattern, size_t length, uint64_t n)
{
	unsigned char bytes[CHUNK + MOST_VALUES * 8];
	uint64_t at = c->arg[0].value, done = 0;

	while (done + length <= n) {
		uint64_t left = n - done - length + 1, room = PAGE_SIZE - ((at + done) & PAGE_MASK);
		size_t starts = CHUNK < left ? CHUNK : (size_t)left;

		call_pause(c);
		if (starts > room)
			starts = (size_t)room;
		if (target_read_virt(c->target, at + done, bytes, starts + length - 1) != OK) {
			/* A match may still begin before a hole: one place at a time there, else the page is passed
			 * over. */
			if (target_read_virt(c->target, at + done, bytes, 1) != OK)
				starts = room < left ? (size_t)room : (size_t)left;
			else
				starts = 1;
		} else {
			for (size_t i = 0; i < starts; i += kinds[kind].item)
				if (!memcmp(bytes + i, pattern, length))
					dump_memory(c->out, c->target, DUMP_VIRTUAL, dump_of(kinds[kind].dump),
					            at + done + i, 16 / kinds[kind].item);
		}
		done += ALIGN_UP(starts, (size_t)kinds[kind].item);
	}
}

static void search_command(struct call *c)
{
	unsigned char pattern[MOST_VALUES * 8];
	unsigned kind = 0;
	uint64_t n;
	size_t length;

	while (c->arg[0].given && kind < ARRAY_LEN(kinds) && strcmp(kinds[kind].option, c->arg[0].text))
		kind++;
	if (kind == ARRAY_LEN(kinds)) {
		call_fail(c, 0, "-b, -w, -d, -q or -a is expected");
		return;
	}
	if (!c->arg[2].given) {
		call_fail(c, 2, "L COUNT or the end of the range is missing");
		return;
	}
	c->arg[0] = c->arg[1];
	if (!call_range(c, 1, kinds[kind].item, 0, &n))
		return;
	length = pattern_of(c, kind, pattern);
	if (length)
		search(c, kind, pattern, length, n * kinds[kind].item);
}
COMMAND(s) = {
	.name = "s", .schema = "oaR*", .synopsis = "s [-b|-w|-d|-q|-a] VA L COUNT VALUE...|TEXT",
	.flags = CMD_LOOKS | CMD_EXAMPLE,
	.run = search_command, .what = "search memory for values or, with -a, a text",
	.help = "  kd> s -a kmain L40000 \"Pageturner\"\n  COUNT is in items. What is not mapped is passed over.\n"
	        "  WinDbg: s   crash: search\n",
};
