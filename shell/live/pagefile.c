/* shell/live/pagefile.c - pagefile: lists page files and creates one.
 * SPDX-License-Identifier: MIT
 *
 * A page file is a disk with the header of lib/pagefile.h; its number is the one in page-file
 * entries. Disks without a header are listed with what is missing. `create` asks first, because it
 * destroys what is on the disk.
 * Linux: mkswap, swapon -s.
 */
#include "kernel/console.h"
#include "kernel/pagefile.h"
#include "kernel/reclaim.h"
#include "lib/cmdline.h"
#include "lib/string.h"
#include "mm/reclaim/compressed.h"
#include "mm/reclaim/slots.h"
#include "shell/command.h"

#define CONFIRMATION "yes"

/* Slot 0 is the header, so one slot less can be used. Slots are 4 KiB. */
static void put_file(struct out *out, unsigned n, const struct pagefile *f)
{
	out_printf(out, "page file %u: %s, %llu slots of 4 KiB (%llu KiB) behind its header\n", n, f->disk->name,
	           (unsigned long long)f->slots - 1, ((unsigned long long)f->slots - 1) * 4);
	if (f->promised > f->slots)
		out_printf(out, "  its header says %llu: the disk is too short, only the slots that exist are used\n",
		           (unsigned long long)f->promised - 1);
}

/* Why fewer slots are used than there are. */
static void put_limit(struct out *out, const struct slot_stats *s)
{
	if (s->total == s->offered)
		return;
	out_printf(out, "  of %llu slots, the header's among them, only %u are used: ", (unsigned long long)s->offered,
	           (unsigned)s->total);
	if (s->total == s->by_format)
		out_printf(out, "the largest Offset of a page-file entry of this format is %llx\n",
		           (unsigned long long)s->by_format - 1);
	else
		out_puts(out, "the table of slots takes at most a sixteenth of the free memory\n");
}

/* What page-out has done with the file; nothing before it uses it. */
static void put_slots(struct out *out, unsigned n)
{
	struct slot_stats s;

	if (!slots_stats(n, &s))
		return;
	put_limit(out, &s);
	out_printf(out, "  %u of %u usable slots in use, %u bad; %llu pages written, %llu read\n", (unsigned)s.used,
	           (unsigned)s.total - 1, (unsigned)s.bad, (unsigned long long)s.writes, (unsigned long long)s.reads);
}

/* A ratio with one decimal. */
static void put_ratio(struct out *out, uint64_t whole, uint64_t part)
{
	uint64_t tenths = part ? whole * 10 / part : 0;

	if (part)
		out_printf(out, ", ratio %llu.%llu", (unsigned long long)tenths / 10, (unsigned long long)tenths % 10);
	out_char(out, '\n');
}

/* Pages of one repeated word are left out of the ratio: they take no space, so a few of them would hide how well LZ4 does. KiB of
 * the space in use are rounded up. */
static void put_compressed(struct out *out, const struct compressed_stats *s)
{
	out_printf(out, "page file %u: compressed pages in memory, a pool of %llu KiB\n", COMPRESSED_FILE,
	           (unsigned long long)s->pool >> 10);
	put_slots(out, COMPRESSED_FILE);
	out_printf(out, "  %u pages (%u KiB) in %llu KiB: %u of one repeated word take no space, %u are stored whole",
	           (unsigned)s->pages, (unsigned)s->pages * 4, (unsigned long long)(s->used + 1023) >> 10, (unsigned)s->same,
	           (unsigned)s->whole);
	put_ratio(out, (uint64_t)(s->pages - s->same) * PAGE_SIZE, s->used);
}

/* Page files, then the other disks with the reason why they are none. */
static void list(struct out *out)
{
	const struct pagefile *f;
	struct compressed_stats packed;
	unsigned n = 0;

	for (; (f = pagefile(n)); n++) {
		put_file(out, n, f);
		/* The kernel knows PAGEFILES disks, but the file number behind the last of SLOT_DISKS is COMPRESSED_FILE. */
		if (n < SLOT_DISKS)
			put_slots(out, n);
		else
			out_printf(out, "  not used: page-out uses the page files 0 to %u of disks\n", SLOT_DISKS - 1);
	}
	if (compressed_stats(&packed))
		put_compressed(out, &packed);
	else if (n == 0)
		out_printf(out, "there is no page file%s\n", block_count() ? "" : ": no disk was found");
	for (unsigned i = 0; i < block_count(); i++)
		if (pagefile_missing(block_device(i)))
			out_printf(out, "%s: %s\n", block_device(i)->name, pagefile_missing(block_device(i)));
}

/* Reads a line from the console and echoes it; no line editor. Longer input than the word cannot
 * equal it: one more character is kept for the comparison. True: it is the confirmation. */
static bool confirmed(struct out *out)
{
	char line[sizeof(CONFIRMATION) + 1] = "";
	size_t n = 0;

	for (;;) {
		int c = console_get();

		if (c < 0 || c == '\r' || c == '\n')
			break;
		if (c < ' ' || c > '~')
			continue;
		out_char(out, (char)c);
		if (n < sizeof(line) - 1)
			line[n++] = (char)c;
	}
	out_char(out, '\n');
	return !strcmp(line, CONFIRMATION);
}

/* Asks even when the command comes from run=: the answer must then be typed. Nothing is written
 * before the answer. */
static void create(struct call *c)
{
	struct block_device *d;
	const char *where = c->rest;
	uint64_t n;
	err_t err;

	if (!call_next_number(c, &n)) {
		if (!c->failed)
			call_fail(c, COMMAND_ARGS, "which disk? `disks` lists their numbers");
		return;
	}
	if (!call_end(c))
		return;
	/* Compared with all 64 bits: a cut number could name a disk that exists. */
	d = n < BLOCK_DEVICES ? block_device((unsigned)n) : NULL;
	if (!d) {
		call_fail_at(c, where, "no such disk");
		return;
	}
	if (!pagefile_missing(d)) {
		call_fail_at(c, where, "%s is a page file already", d->name);
		return;
	}
	/* Sectors have 512 bytes. */
	out_printf(c->out, "%s (%llu KiB, %s) becomes a page file; everything on it will be lost. Type %s to continue: ", d->name,
	           (unsigned long long)d->sectors / 2, pagefile_missing(d), CONFIRMATION);
	if (!confirmed(c->out)) {
		out_puts(c->out, "nothing was written\n");
		return;
	}
	err = pagefile_create(d);
	c->failed = err != OK;
	if (err == OK) {
		/* Prints its errors. Without memory for a table of slots the disk stays a page file, but is not used. */
		(void)reclaim_use_pagefiles();
		list(c->out);
	} else {
		out_printf(c->out, "%s: %s\n", d->name, err_text(err));
	}
}

/* A size with an optional K, M or G, decimal. */
static void compress(struct call *c)
{
	const char *word = "", *end;
	uint64_t bytes;
	size_t at;
	err_t err;

	if (!call_next_word(c, &word, &at)) {
		if (!c->failed)
			call_fail(c, COMMAND_ARGS, "how large? For example 8M");
		return;
	}
	end = word;
	if (!cmdline_number(&end, &bytes) || *end) {
		call_fail_at(c, c->text + at, "not a size; for example 8M");
		return;
	}
	if (!call_end(c))
		return;
	/* No confirmation: nothing is overwritten. The pool stays until the next boot. */
	err = reclaim_use_compressed(bytes);
	if (err == OK)
		list(c->out);
	else
		call_fail_at(c, c->text + at, "%s", err == ERR_EXISTS ? "there is a compressed page file already" :
		             err == ERR_RANGE ? "at least 8K, and at most a quarter of the free memory" : err_text(err));
}

/* Read-only because of the list; create calls call_may_change(). */
static void pagefile_command(struct call *c)
{
	const char *word;
	size_t at;

	if (!*c->rest) {
		list(c->out);
		return;
	}
	if (!call_next_word(c, &word, &at) || (strcmp(word, "create") && strcmp(word, "compressed")))
		call_fail(c, COMMAND_ARGS, "the words allowed here are create and compressed");
	else if (call_may_change(c))
		(strcmp(word, "create") ? compress : create)(c);
}
COMMAND(pagefile) = {
	.name = "pagefile", .schema = "*", .synopsis = "pagefile [create N|compressed SIZE]", .flags = CMD_READ_ONLY,
	.run = pagefile_command,
	.what = "the page files, and why other disks are none",
	.help = "  kd> pagefile\n"
	        "  `pagefile create N` makes disk N a page file after a confirmation; its contents are lost. On the host\n"
	        "  tools/mkpagefile makes an image; `make run` attaches one (PAGEFILE=). Slot N is at N * 4096 of the image.\n"
	        "  `pagefile compressed 8M` makes page file 2, a pool of compressed pages in memory, which is filled first.\n"
	        "  Linux: mkswap, swapon -s, zram\n",
};
