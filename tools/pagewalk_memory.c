/* tools/pagewalk_memory.c - reads images and scenarios.
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700   /* getline, fseeko, file types */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/pagewalk_memory.h"

#define MAGIC "# pagewalk"

struct page { struct page *next; uint64_t pa; uint8_t bytes[PAGE_SIZE]; };

struct memory {
	FILE *image;           /* NULL: a scenario */
	uint64_t base, size;   /* the image's */
	struct page *pages;    /* the scenario's */
};

static struct page *find(struct memory *m, uint64_t pa, bool make)
{
	struct page *p = m->pages;

	while (p && p->pa != (pa & ~(uint64_t)PAGE_MASK))
		p = p->next;
	if (p || !make)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		exit(1);
	p->pa = pa & ~(uint64_t)PAGE_MASK;
	p->next = m->pages;
	m->pages = p;
	return p;
}

static void put(struct memory *m, uint64_t pa, uint64_t word, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		find(m, pa + i, true)->bytes[(pa + i) & PAGE_MASK] = (uint8_t)(word >> 8 * i);
}

/* Hex digits with back-ticks between them; count says how many digits there were, 0: none, or too many. */
static const char *parse_hex(const char *s, uint64_t *value, unsigned *count)
{
	*value = 0;
	*count = 0;
	for (; isxdigit((unsigned char)*s) || (*s == '`' && *count); s++) {
		if (*s == '`')
			continue;
		*value = *value << 4 | (uint64_t)(isdigit((unsigned char)*s) ? *s - '0' : (*s | 0x20) - 'a' + 10);
		++*count;
	}
	if (*count > 16)
		*count = 0;
	return s;
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

static bool parse_words(struct memory *m, const char *s)
{
	unsigned digits;
	uint64_t pa, word;

	s = parse_hex(s, &pa, &digits);
	if (!digits || *s != ':')
		return false;
	for (s = skip_blanks(s + 1); *s; s = skip_blanks(s)) {
		unsigned bytes;

		s = parse_hex(s, &word, &digits);
		if (!digits || (*s && !isspace((unsigned char)*s)))
			return false;
		bytes = digits > 8 ? 8 : 4;
		/* The last byte must have an address. */
		if (pa > UINT64_MAX - (bytes - 1))
			return false;
		put(m, pa, word, bytes);
		pa += bytes;
		if (!pa && *skip_blanks(s))
			return false;
	}
	return true;
}

static bool parse_line(struct memory *m, char *line, setting_fn setting, void *ctx)
{
	char *s = line + strspn(line, " \t\r\n"), *equals = strchr(s, '=');

	if (*s == 0 || *s == '#')
		return true;
	if (!equals)
		return parse_words(m, s);
	*equals = 0;
	equals[1 + strcspn(equals + 1, " \t\r\n")] = 0;
	return setting(ctx, s, equals + 1);
}

static bool read_scenario(struct memory *m, FILE *f, const char *path, setting_fn setting, void *ctx)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	bool good = true;

	for (unsigned n = 1; good && (length = getline(&line, &size, f)) >= 0; n++) {
		good = strlen(line) == (size_t)length && parse_line(m, line, setting, ctx);
		if (!good)
			fprintf(stderr, "%s:%u: neither NAME=VALUE nor PA: WORD...\n", path, n);
	}
	free(line);
	return good;
}

/* ---- what is no image ---- */

static const struct { mode_t type; const char *what; } kinds[] = {
	{ S_IFDIR, "a directory" }, { S_IFCHR, "a character device" }, { S_IFBLK, "a block device" },
	{ S_IFIFO, "a FIFO" }, { S_IFSOCK, "a socket" },
};

/* Files that have physical memory in them, but not at the offset that is its address. */
static const struct { const char *magic; unsigned bytes; const char *what; } formats[] = {
	{ "\x7f" "ELF", 4, "an ELF file" }, { "EMiL", 4, "a LiME dump" }, { "AVML", 4, "an AVML dump" },
	{ "KDUMP   ", 8, "a kdump file" }, { "DISKDUMP", 8, "a diskdump file" },
	{ "PAGEDUMP", 8, "a Windows crash dump" }, { "PAGEDU64", 8, "a Windows crash dump" },
	{ "\xd0\xbe\xd2\xbe", 4, "a VMware snapshot" }, { "\xd1\xba\xd1\xba", 4, "a VMware snapshot" },
	{ "\xd2\xbe\xd2\xbe", 4, "a VMware snapshot" }, { "\xd3\xbe\xd3\xbe", 4, "a VMware snapshot" },
	{ "QFI\xfb", 4, "a qcow2 disk" }, { "QEVM", 4, "a QEMU migration stream" }, { "\x1f\x8b", 2, "compressed (gzip)" },
	{ "\x28\xb5\x2f\xfd", 4, "compressed (zstd)" }, { "\xfd" "7zXZ", 5, "compressed (xz)" },
};

/* Asked before the file is opened: opening a FIFO waits for its other end. */
static bool is_file(const char *path)
{
	struct stat st;

	if (stat(path, &st)) {
		perror(path);
		return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if ((st.st_mode & S_IFMT) == kinds[i].type)
			fprintf(stderr, "%s: %s, not a file\n", path, kinds[i].what);
	return S_ISREG(st.st_mode);
}

static bool is_image(const char *path, const char *head, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (n >= formats[i].bytes && !memcmp(head, formats[i].magic, formats[i].bytes)) {
			fprintf(stderr, "%s: %s, not a raw image or a scenario\n", path, formats[i].what);
			return false;
		}
	if (!n)
		fprintf(stderr, "%s: an empty file\n", path);
	return n > 0;
}

struct memory *memory_open(const char *path, setting_fn setting, void *ctx)
{
	struct memory *m;
	FILE *f;
	char head[16] = "";
	size_t n;
	off_t size;

	if (!is_file(path))
		return NULL;
	m = calloc(1, sizeof(*m));
	f = fopen(path, "rb");
	if (!m || !f) {
		perror(path);
		free(m);
		return NULL;
	}
	n = fread(head, 1, sizeof(head), f);
	size = fseeko(f, 0, SEEK_END) ? 0 : ftello(f);
	m->size = size > 0 ? (uint64_t)size : 0;
	rewind(f);
	if (strncmp(head, MAGIC, sizeof(MAGIC) - 1) != 0) {
		m->image = f;
		if (is_image(path, head, n))
			return m;
		memory_close(m);
		return NULL;
	}
	if (!read_scenario(m, f, path, setting, ctx)) {
		memory_close(m);
		m = NULL;
	}
	fclose(f);
	return m;
}

void memory_close(struct memory *m)
{
	while (m->pages) {
		struct page *p = m->pages;

		m->pages = p->next;
		free(p);
	}
	if (m->image)
		fclose(m->image);
	free(m);
}

bool memory_is_image(const struct memory *m)
{
	return m->image != NULL;
}

void memory_set_base(struct memory *m, uint64_t base)
{
	m->base = base;
}

static err_t read_image(struct memory *m, uint64_t pa, void *buf, size_t n)
{
	if (pa < m->base || pa - m->base > m->size || m->size - (pa - m->base) < n)
		return ERR_IO;
	if (fseeko(m->image, (off_t)(pa - m->base), SEEK_SET) || fread(buf, 1, n, m->image) != n)
		return ERR_IO;
	return OK;
}

err_t memory_read(struct memory *m, uint64_t pa, void *buf, size_t n)
{
	uint8_t *to = buf;

	if (m->image)
		return read_image(m, pa, buf, n);
	for (size_t done = 0; done < n; ) {
		struct page *p = find(m, pa + done, false);
		size_t offset = (pa + done) & PAGE_MASK, part = PAGE_SIZE - offset;

		if (!p)
			return ERR_IO;
		if (part > n - done)
			part = n - done;
		memcpy(to + done, p->bytes + offset, part);
		done += part;
	}
	return OK;
}
