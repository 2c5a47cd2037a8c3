/* inspect/dump.c - memory in rows of bytes, words, double words or quad words.
 * SPDX-License-Identifier: MIT
 *
 * 8054099e  33 db 8b 75 18 8b 7d 1c-0f 23 fb 0f 23 c6 8b 5d  3..u..}..#..#..]    virtual
 * #  54099e 33 db 8b 75 18 8b 7d 1c-0f 23 fb 0f 23 c6 8b 5d 3..u..}..#..#..]     physical
 *
 * If a line cannot be read as a whole, its items are read one by one, so the readable ones are printed.
 */
#include "inspect/dump.h"
#include "inspect/windbg.h"

#define LINE_BYTES 16

const struct dump_format dump_formats[] = {
	{ "db", 1, 16, true },
	{ "dw", 2, 8, false },
	{ "dd", 4, 4, false },
	{ "dq", 8, 2, false },
	{ "dc", 4, 4, true },
	{ NULL, 0, 0, false },
};

struct line {
	uint64_t address;
	unsigned items;
	unsigned readable;                /* bit i: item i was read */
	unsigned char bytes[LINE_BYTES];
};

struct dumper {
	struct out *out;
	const struct target *t;
	enum dump_space space;
	const struct dump_format *f;
	bool warned;                      /* once for a command, however many pages are compressed */
};

static err_t read_memory(const struct dumper *d, uint64_t address, void *buf, size_t n)
{
	if (d->space == DUMP_PHYSICAL)
		return d->t->read_phys(d->t->ctx, PADDR(address), buf, n);
	return target_read_virt(d->t, address, buf, n);
}

static void read_line(const struct dumper *d, struct line *l)
{
	unsigned item = d->f->item;

	l->readable = (1u << l->items) - 1;
	if (!read_memory(d, l->address, l->bytes, l->items * item))
		return;
	for (unsigned i = 0; i < l->items; i++)
		if (read_memory(d, l->address + (uint64_t)i * item, l->bytes + (size_t)i * item, item))
			l->readable &= ~(1u << i);
}

static void put_address(const struct dumper *d, uint64_t address)
{
	if (d->space == DUMP_PHYSICAL)
		out_printf(d->out, "#%8llx ", (unsigned long long)address);
	else if (target_va_digits(d->t) == 16)
		out_printf(d->out, "%08x`%08x  ", (unsigned)(address >> 32), (unsigned)address);
	else
		out_printf(d->out, "%08llx  ", (unsigned long long)address);
}

static void put_item(const struct dumper *d, const struct line *l, unsigned i)
{
	const unsigned char *bytes = l->bytes + i * d->f->item;

	/* Most significant byte first; a back-tick between the halves of a quad word. */
	for (unsigned n = d->f->item; n-- > 0; ) {
		if (n == 3 && d->f->item == 8)
			out_char(d->out, '`');
		if (l->readable & 1u << i)
			out_printf(d->out, "%02x", bytes[n]);
		else
			out_puts(d->out, "??");
	}
}

static void put_items(const struct dumper *d, const struct line *l)
{
	for (unsigned i = 0; i < l->items; i++) {
		if (i > 0)
			out_char(d->out, d->f->item == 1 && i == 8 ? '-' : ' ');
		put_item(d, l, i);
	}
}

static void put_chars(const struct dumper *d, const struct line *l)
{
	for (unsigned i = 0; i < l->items * d->f->item; i++) {
		unsigned char c = l->bytes[i];

		if (!(l->readable & 1u << i / d->f->item))
			out_char(d->out, '?');
		else
			out_char(d->out, c >= ' ' && c <= '~' ? (char)c : '.');
	}
}

static void put_line(const struct dumper *d, const struct line *l)
{
	unsigned start;

	put_address(d, l->address);
	start = d->out->column;
	put_items(d, l);
	if (d->f->chars) {
		/* Short last lines keep their characters in the same column. */
		out_pad_to(d->out, start + d->f->per_line * (2 * d->f->item + 1) - 1);
		out_puts(d->out, d->space == DUMP_PHYSICAL ? " " : "  ");
		put_chars(d, l);
	}
	out_char(d->out, '\n');
}

/* An item can end in the next page. */
static void warn(struct dumper *d, const struct line *l)
{
	for (unsigned i = 0; d->space == DUMP_VIRTUAL && i < l->items && !d->warned; i++) {
		uint64_t at = l->address + (uint64_t)i * d->f->item;

		if (!(l->readable & 1u << i))
			d->warned = windbg_compressed(d->out, d->t, at) || windbg_compressed(d->out, d->t, at + d->f->item - 1);
	}
}

/* Limits a dump to the end of the address space. */
static uint64_t clip(const struct dumper *d, uint64_t address, uint64_t count)
{
	uint64_t top = target_va_digits(d->t) == 8 && d->space == DUMP_VIRTUAL ? 0xffffffffu : UINT64_MAX;
	uint64_t room = address <= top ? (top - address) / d->f->item : 0;

	return count > room ? room + 1 : count;
}

/* False: the dump ends. WinDbg stops at the first physical address that cannot be read. */
static bool dump_line(struct dumper *d, struct line *l)
{
	unsigned good = 0;

	read_line(d, l);
	warn(d, l);
	while (good < l->items && l->readable & 1u << good)
		good++;
	if (d->space == DUMP_VIRTUAL || good == l->items) {
		put_line(d, l);
		return true;
	}
	l->items = good;
	if (good > 0)
		put_line(d, l);
	out_printf(d->out, "Physical memory read at %llx failed\n",
	           (unsigned long long)(l->address + (uint64_t)good * d->f->item));
	return false;
}

bool dump_memory(struct out *out, const struct target *t, enum dump_space space,
                 const struct dump_format *f, uint64_t address, uint64_t count)
{
	struct dumper d = { out, t, space, f, false };
	bool whole = true;
	struct line l;

	if (count == 0)
		return true;
	for (count = clip(&d, address, count); count > 0; count -= l.items) {
		l.address = address;
		l.items = count < f->per_line ? (unsigned)count : f->per_line;
		address += (uint64_t)f->per_line * f->item;
		if (!dump_line(&d, &l))
			return false;
		whole &= l.readable == (1u << l.items) - 1;
	}
	return whole;
}
