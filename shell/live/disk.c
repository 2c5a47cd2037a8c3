/* shell/live/disk.c - disk: reads and writes sectors, sets the transfer mode.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/disk.h"
#include "lib/pagefile.h"
#include "lib/string.h"
#include "shell/command.h"

#define ROW 16
#define HEADER_SECTORS (PAGEFILE_SLOT / BLOCK_SECTOR)
#define COUNT_MAX 0x10000

static void put_row(struct out *out, uint64_t offset, const unsigned char *p)
{
	out_printf(out, "%08llx ", (unsigned long long)offset);
	for (unsigned i = 0; i < ROW; i++)
		out_printf(out, "%c%02x", i == ROW / 2 ? '-' : ' ', p[i]);
	out_puts(out, "  ");
	for (unsigned i = 0; i < ROW; i++)
		out_char(out, p[i] >= ' ' && p[i] <= '~' ? (char)p[i] : '.');
	out_char(out, '\n');
}

/* Offsets are those of the image. */
static void put_sector(struct out *out, uint64_t sector, const unsigned char *bytes)
{
	for (unsigned i = 0; i < BLOCK_SECTOR; i += ROW)
		put_row(out, sector * BLOCK_SECTOR + i, bytes + i);
}

static void report(struct call *c, const struct block_device *d, const char *what, uint64_t sector, err_t err)
{
	static const char *const why[] = {
		[ERR_IO] = "the disk reports an error", [ERR_RANGE] = "beyond the end of the disk",
		[ERR_ACCESS] = "the disk is read-only or no page file",
	};

	if (err == OK)
		return;
	c->failed = true;
	out_printf(c->out, "%s: %s of sector %llx: %s\n", d->name, what, (unsigned long long)sector,
	           err < ARRAY_LEN(why) && why[err] ? why[err] : err_text(err));
}

static void read(struct call *c, struct block_device *d)
{
	static unsigned char bytes[BLOCK_SECTOR];
	uint64_t sector, count = 1;
	err_t err = OK;

	if (!call_next_number(c, &sector)) {
		call_fail(c, COMMAND_ARGS, "the sector is missing");
		return;
	}
	if (*c->rest && (!call_next_number(c, &count) || count > COUNT_MAX)) {
		call_fail(c, COMMAND_ARGS, "at most %x sectors at once", COUNT_MAX);
		return;
	}
	for (; err == OK && count > 0; sector++, count--) {
		err = disk_read(d, sector, bytes, 1);
		if (err == OK)
			put_sector(c->out, sector, bytes);
		else
			report(c, d, "read", sector, err);
		call_pause(c);
	}
}

/* Replaces the first bytes of a sector. */
static void write(struct call *c, struct block_device *d)
{
	static unsigned char bytes[BLOCK_SECTOR];
	uint64_t sector, value;
	unsigned n = 0;
	err_t err;

	if (!call_next_number(c, &sector) || !*c->rest) {
		call_fail(c, COMMAND_ARGS, "a sector and bytes are needed");
		return;
	}
	if (d->may_write && sector < HEADER_SECTORS) {
		call_fail(c, COMMAND_ARGS, "slot 0 is the header of the page file");
		return;
	}
	err = d->read_only || !d->may_write ? ERR_ACCESS : disk_read(d, sector, bytes, 1);
	while (err == OK && n < BLOCK_SECTOR && call_next_number(c, &value))
		bytes[n++] = (unsigned char)value;
	if (c->failed)
		return;
	if (err == OK)
		err = disk_write(d, sector, bytes, 1);
	report(c, d, "write", sector, err);
}

static void set_mode(struct call *c, struct block_device *d, bool dma)
{
	err_t err = block_set_dma(d, dma);

	c->failed = err != OK;
	out_printf(c->out, "%s: %s\n", d->name, err == OK ? d->driver->mode(d) :
	           err == ERR_BUSY ? "requests are in flight" : "its driver has only one transfer mode");
}

static void set_pio(struct call *c, struct block_device *d)
{
	set_mode(c, d, false);
}

static void set_dma(struct call *c, struct block_device *d)
{
	set_mode(c, d, true);
}

static void disk(struct call *c)
{
	static const struct { const char *name; void (*run)(struct call *c, struct block_device *d); } verbs[] = {
		{ "read", read }, { "write", write }, { "pio", set_pio }, { "dma", set_dma },
	};
	struct block_device *d;
	const char *word;
	size_t at;
	uint64_t n;
	unsigned v = 0;

	if (!call_next_word(c, &word, &at)) {
		call_fail(c, COMMAND_ARGS, "read, write, pio or dma?");
		return;
	}
	while (v < ARRAY_LEN(verbs) && strcmp(verbs[v].name, word))
		v++;
	if (v == ARRAY_LEN(verbs) || !call_next_number(c, &n)) {
		call_fail(c, COMMAND_ARGS, "read, write, pio or dma, and the number of a disk");
		return;
	}
	d = n < BLOCK_DEVICES ? block_device((unsigned)n) : NULL;
	if (!d)
		call_fail(c, COMMAND_ARGS, "there is no disk %llx", (unsigned long long)n);
	else
		verbs[v].run(c, d);
}
COMMAND(disk) = {
	.name = "disk", .schema = "*", .synopsis = "disk read N SECTOR [COUNT] | disk write N SECTOR BYTE... | disk pio|dma N",
	.run = disk,
	.what = "read or write sectors of a disk, or set its transfer mode",
	.help = "  Offsets are those of the image. `disk write` replaces the first bytes of a sector; it works only on a page\n"
	        "  file, and not on its header. pio and dma set the transfer mode of an ATA disk.\n"
	        "  Linux: dd if=/dev/vda skip=SECTOR count=1 | xxd; hdparm -d\n",
};
