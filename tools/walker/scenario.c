/* tools/walker/scenario.c - reads scenarios.
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700   /* getline */
#include <errno.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/addr.h"
#include "tools/image/message.h"
#include "tools/walker/scenario.h"

#define MAGIC "# pagewalk"
#define BUCKETS 1024u

struct page { struct page *next; uint64_t pa; uint8_t bytes[PAGE_SIZE]; };

struct scenario { struct page *bucket[BUCKETS]; };

static struct page *find(struct scenario *m, uint64_t pa, bool make)
{
	struct page **bucket = &m->bucket[(pa >> PAGE_SHIFT) % BUCKETS], *p = *bucket;

	while (p && p->pa != (pa & ~(uint64_t)PAGE_MASK))
		p = p->next;
	if (p || !make)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		exit(1);
	p->pa = pa & ~(uint64_t)PAGE_MASK;
	p->next = *bucket;
	*bucket = p;
	return p;
}

static void put(struct scenario *m, uint64_t pa, uint64_t word, unsigned bytes)
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

static bool parse_words(struct scenario *m, const char *s)
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

static bool parse_line(struct scenario *m, char *line, setting_fn setting, void *ctx)
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

static bool read_scenario(struct scenario *m, FILE *f, const char *path, setting_fn setting, void *ctx)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	bool good = true;

	for (unsigned n = 1; good && (length = getline(&line, &size, f)) >= 0; n++) {
		good = strlen(line) == (size_t)length && parse_line(m, line, setting, ctx);
		if (!good)
			message("%s:%u: neither NAME=VALUE nor PA: WORD...\n", path, n);
	}
	free(line);
	return good;
}

bool scenario_is(const char *path)
{
	char head[sizeof(MAGIC) - 1] = "";
	struct stat st;
	FILE *f;
	bool is;

	/* Opening a FIFO would wait for its other end. */
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	f = fopen(path, "rb");
	is = f && fread(head, 1, sizeof(head), f) == sizeof(head) && !memcmp(head, MAGIC, sizeof(head));
	if (f)
		fclose(f);
	return is;
}

struct scenario *scenario_open(const char *path, setting_fn setting, void *ctx)
{
	struct scenario *m = calloc(1, sizeof(*m));
	FILE *f = fopen(path, "rb");

	if (!m || !f) {
		message("%s: %s\n", path, strerror(errno));
		free(m);
		m = NULL;
	} else if (!read_scenario(m, f, path, setting, ctx)) {
		scenario_close(m);
		m = NULL;
	}
	if (f)
		fclose(f);
	return m;
}

void scenario_close(struct scenario *m)
{
	for (unsigned i = 0; i < BUCKETS; i++)
		while (m->bucket[i]) {
			struct page *p = m->bucket[i];

			m->bucket[i] = p->next;
			free(p);
		}
	free(m);
}

err_t scenario_read(struct scenario *m, uint64_t pa, void *buf, size_t n)
{
	uint8_t *to = buf;

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
