/* tools/live/qmp.c - QEMU's monitor: registers by `info registers`, memory from the RAM's file, or else by `xp`.
 * SPDX-License-Identifier: MIT
 *
 * The machine is not stopped. QMP answers are JSON objects of one line; those of human-monitor-command have one string.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/live/live.h"
#include "tools/live/socket.h"

#define LINE_MOST (4u << 20)
#define QOM_GET "{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"/objects/%s\",\"property\":\"%s\"}}"

/* The next line; NULL: the connection is lost, or there is no memory. The caller frees it. */
static char *get_line(struct live *l)
{
	char *line = NULL;
	size_t n = 0, room = 0;
	int c;

	while ((c = live_byte(l)) >= 0 && c != '\n') {
		if (n + 2 > room) {
			char *more = room < LINE_MOST ? realloc(line, room = 2 * room + 4096) : NULL;

			if (!more) {
				free(line);
				return NULL;
			}
			line = more;
		}
		line[n++] = (char)c;
	}
	if (c < 0) {
		free(line);
		return NULL;
	}
	if (!line)
		return calloc(1, 1);
	line[n] = 0;
	return line;
}

/* Replaces the JSON string that begins behind the quote by its characters. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s && *s != '"'; s++) {
		if (*s != '\\' || !s[1]) {
			*to++ = *s;
			continue;
		}
		s++;
		*to++ = *s == 'n' ? '\n' : *s == 't' ? '\t' : *s == 'r' ? ' ' : *s;
	}
	*to = 0;
}

/* Sends a command and returns the line with its answer; NULL: an error, or the connection is lost. */
static char *execute(struct live *l, const char *command)
{
	if (!live_send(l, command, strlen(command)) || !live_send(l, "\n", 1))
		return NULL;
	for (;;) {
		char *line = get_line(l);

		if (!line)
			return NULL;
		/* Events come in between. */
		if (!strncmp(line, "{\"return\"", 9))
			return line;
		if (!strncmp(line, "{\"error\"", 8)) {
			free(line);
			return NULL;
		}
		free(line);
	}
}

/* The text that a command has as its answer, at the start of the line; NULL: none. */
static char *execute_text(struct live *l, const char *command)
{
	char *line = execute(l, command), *text = line ? strstr(line, "\"return\": \"") : NULL;

	if (!text) {
		free(line);
		return NULL;
	}
	memmove(line, text + 11, strlen(text + 11) + 1);
	unescape(line);
	return line;
}

static char *monitor(struct live *l, const char *command)
{
	char text[160];

	snprintf(text, sizeof(text), "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"%s\"}}", command);
	return execute_text(l, text);
}

/* ---- memory by xp: lines of "ADDRESS: 0xWORD 0xWORD" ---- */

static err_t fetch(struct image *m, uint64_t pa, uint8_t *to)
{
	char command[64], *text, *at;
	size_t n = 0;

	snprintf(command, sizeof(command), "xp /512xg 0x%" PRIx64, pa);
	text = monitor(m->own, command);
	if (!text) {
		image_damaged(m, NO_OFFSET, "the connection is lost");
		return ERR_IO;
	}
	for (at = strstr(text, " 0x"); at && n < LIVE_PAGE; at = strstr(at + 1, " 0x")) {
		uint64_t word = strtoull(at, NULL, 16);

		for (unsigned i = 0; i < 8; i++)
			to[n++] = (uint8_t)(word >> 8 * i);
	}
	free(text);
	return n == LIVE_PAGE ? OK : ERR_NOT_FOUND;
}

/* ---- registers: NAME=VALUE, or NAME VALUE at the start of a line ---- */

static void read_cpu(struct image *m, const char *text, size_t n)
{
	struct image_cpu *cpu = image_add_cpu(m);

	for (const char *at = text; cpu && at < text + n; ) {
		char name[32];
		size_t length = 0;

		while (length < sizeof(name) - 1 && isalnum((unsigned char)at[length]))
			length++;
		snprintf(name, sizeof(name), "%.*s", (int)length, at);
		at += length;
		if (length && (*at == '=' || *at == ' ')) {
			const char *value = at + strspn(at, "= ");

			if (isxdigit((unsigned char)*value))
				live_put_register(cpu, name, strtoull(value, NULL, 16));
		}
		at += !length || *at == '=';
	}
}

static bool read_cpus(struct image *m)
{
	char *text = monitor(m->own, "info registers -a");
	const char *at = text ? strstr(text, "CPU#") : NULL;

	if (!text)
		return image_damaged(m, NO_OFFSET, "it does not tell its registers");
	if (!at)
		read_cpu(m, text, strlen(text));
	while (at) {
		const char *next = strstr(at + 1, "CPU#");

		read_cpu(m, at, next ? (size_t)(next - at) : strlen(at));
		at = next;
	}
	free(text);
	return true;
}

/* ---- the file of the RAM ---- */

struct backing { char name[64]; const uint8_t *map; uint64_t size; };

static bool map_shared(struct backing *b, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map = MAP_FAILED;

	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size) {
		b->size = (uint64_t)st.st_size;
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	}
	close(fd);
	b->map = map == MAP_FAILED ? NULL : map;
	return b->map;
}

/* The one memory-backend-file that the machine shares. */
static bool find_backing(struct live *l, struct backing *b)
{
	char *list = execute(l, "{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"/objects\"}}"), command[320], *path, *share;
	const char *type = list ? strstr(list, "\"child<memory-backend-file>\"") : NULL;
	const char *name = list, *next;
	bool good;

	/* An object is {"name": NAME, "type": TYPE}, in this order. */
	while (type && (next = strstr(name + 1, "\"name\": \"")) != NULL && next < type)
		name = next;
	if (!type || name == list || strstr(type + 1, "\"child<memory-backend-file>\"")) {
		free(list);
		return false;
	}
	snprintf(b->name, sizeof(b->name), "%.*s", (int)strcspn(name + 9, "\""), name + 9);
	free(list);
	snprintf(command, sizeof(command), QOM_GET, b->name, "share");
	share = execute(l, command);
	snprintf(command, sizeof(command), QOM_GET, b->name, "mem-path");
	path = execute_text(l, command);
	good = share && path && strstr(share, "true") && map_shared(b, path);
	free(share);
	free(path);
	return good;
}

/* The lines of `info mtree -f` that are RAM of this file: "FIRST-LAST (prio 0, ram): NAME @OFFSET". Flat views repeat them. */
static bool add_ranges(struct image *m, const struct backing *b, const char *text)
{
	size_t before = m->runs;

	for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		size_t length = strcspn(line, "\n");
		const char *kind = strstr(line, ", ram): "), *name = kind ? kind + 8 : NULL, *at;
		char *end;
		uint64_t first, last, offset = 0;

		if (!kind || name > line + length)
			continue;
		name += !strncmp(name, "/objects/", 9) ? 9 : 0;
		if (strncmp(name, b->name, strlen(b->name)) || isalnum((unsigned char)name[strlen(b->name)]))
			continue;
		first = strtoull(line, &end, 16);
		last = *end == '-' ? strtoull(end + 1, NULL, 16) : 0;
		at = memchr(name, '@', (size_t)(line + length - name));
		if (at)
			offset = strtoull(at + 1, NULL, 16);
		if (last <= first || offset > b->size || last - first >= b->size - offset ||
		    !image_add(m, first, last - first + 1, offset))
			return false;
	}
	return m->runs > before;
}

/* Makes the runs those of the file. Without a file that can be read the monitor gives the memory. */
static void use_file(struct image *m)
{
	struct live *l = m->own;
	struct backing b = { .map = NULL };
	char *text = find_backing(l, &b) ? monitor(l, "info mtree -f") : NULL;
	err_t (*slow)(struct image *, uint64_t, void *, size_t) = m->read;

	m->runs = 0;
	if (text) {
		image_may_shrink(m);
		m->map = b.map;
		m->size = b.size;
		m->read = NULL;
		if (add_ranges(m, &b, text) && image_sort(m)) {
			free(text);
			return;
		}
	}
	free(text);
	m->read = slow;
	m->runs = 0;
	(void)image_add(m, 0, UINT64_MAX, 0);
}

struct image *live_open_qmp(const char *where)
{
	struct image *m = live_connect(where, "QEMU's monitor");
	struct live *l = m ? m->own : NULL;
	char *greeting, *answer = NULL;

	if (!m)
		return NULL;
	l->fetch = fetch;
	m->begin = live_forget;
	greeting = get_line(l);
	if (greeting && strstr(greeting, "\"QMP\""))
		answer = execute(l, "{\"execute\":\"qmp_capabilities\"}");
	free(greeting);
	if (!answer)
		image_refused(m, "it does not speak QMP, or has another client");
	free(answer);
	if (answer && read_cpus(m)) {
		use_file(m);
		return m;
	}
	image_close(m);
	return NULL;
}
