/* tools/live/gdb.c - QEMU's gdb stub: physical memory, and the registers that its target description names.
 * SPDX-License-Identifier: MIT
 *
 * GDB manual, "Remote Protocol"; Qqemu.PhyMemMode is QEMU's. While the stub has a client the machine stands still.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/live/live.h"
#include "tools/live/socket.h"

#define ANSWER_MOST (1u << 20)    /* bytes; QEMU's largest file of registers has 100 KiB */
#define MEMORY_MOST 2048u         /* bytes in one answer, in hexadecimal */
#define CPUS_MOST 256u

static int hex_digit(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool put(struct live *l, const char *text)
{
	char packet[256];
	unsigned sum = 0;
	int n;

	for (const char *c = text; *c; c++)
		sum += (unsigned char)*c;
	n = snprintf(packet, sizeof(packet), "$%s#%02x", text, sum & 0xff);
	return n < (int)sizeof(packet) && live_send(l, packet, (size_t)n);
}

/* The next packet's contents, without escapes and runs; its length, -1: the connection is lost. */
static long get(struct live *l, char *to, size_t room)
{
	size_t n = 0;
	int c;

	do
		c = live_byte(l);
	while (c >= 0 && c != '$');
	while ((c = live_byte(l)) >= 0 && c != '#') {
		int more = 1;

		if (c == '}')
			c = live_byte(l) ^ 0x20;
		else if (c == '*' && n) {
			more = live_byte(l) - 29;
			c = to[n - 1];
		}
		for (; more > 0; more--) {
			if (n + 1 >= room)
				return -1;
			to[n++] = (char)c;
		}
	}
	to[n] = 0;
	if (c < 0 || live_byte(l) < 0 || live_byte(l) < 0 || !live_send(l, "+", 1))
		return -1;
	return (long)n;
}

/* A machine that stops because of the connection reports it in between: T or S and the reason. */
static bool ask(struct live *l, const char *question, char *answer, size_t room)
{
	bool good = put(l, question);

	do
		good = good && get(l, answer, room) >= 0;
	while (good && (*answer == 'T' || *answer == 'S'));
	return good;
}

/* ---- memory ---- */

static err_t fetch(struct image *m, uint64_t pa, uint8_t *to)
{
	struct live *l = m->own;
	char question[64], answer[2 * MEMORY_MOST + 16];

	for (size_t at = 0; at < LIVE_PAGE; at += l->packet) {
		snprintf(question, sizeof(question), "m%" PRIx64 ",%zx", pa + at, l->packet);
		if (!ask(l, question, answer, sizeof(answer))) {
			image_damaged(m, NO_OFFSET, "the connection is lost");
			return ERR_IO;
		}
		if (strlen(answer) != 2 * l->packet)
			return ERR_NOT_FOUND;
		for (size_t i = 0; i < l->packet; i++)
			to[at + i] = (uint8_t)(hex_digit(answer[2 * i]) << 4 | hex_digit(answer[2 * i + 1]));
	}
	return OK;
}

static void leave(struct image *m)
{
	char answer[64];

	(void)!ask(m->own, "D", answer, sizeof(answer));
}

/* ---- registers ---- */

static char *read_xml(struct live *l, const char *name)
{
	char *text = calloc(1, ANSWER_MOST), *piece = malloc(ANSWER_MOST), question[160];
	size_t n = 0;

	while (text && piece) {
		snprintf(question, sizeof(question), "qXfer:features:read:%.64s:%zx,7f0", name, n);
		if (!ask(l, question, piece, ANSWER_MOST) || (*piece != 'm' && *piece != 'l') || n + strlen(piece) >= ANSWER_MOST)
			break;
		strcpy(text + n, piece + 1);
		n += strlen(piece + 1);
		if (*piece == 'l') {
			free(piece);
			return text;
		}
	}
	free(piece);
	free(text);
	return NULL;
}

/* The value of an attribute of the element that begins at `at`. False: it has none. */
static bool attribute(const char *at, const char *name, char *to, size_t room)
{
	const char *end = strchr(at, '>');
	char key[32];

	snprintf(key, sizeof(key), " %s=\"", name);
	at = strstr(at, key);
	if (!at || !end || at > end)
		return false;
	at += strlen(key);
	snprintf(to, room, "%.*s", (int)strcspn(at, "\""), at);
	return true;
}

static void read_register(struct image *m, struct image_cpu *cpu, const char *name, unsigned number)
{
	char question[32], answer[256];
	uint64_t value = 0;

	snprintf(question, sizeof(question), "p%x", number);
	if (!ask(m->own, question, answer, sizeof(answer)) || strlen(answer) > 16 || strlen(answer) < 8)
		return;
	/* The stub has the bytes in the machine's order, which is little-endian here. */
	for (size_t i = strlen(answer) / 2; i-- > 0; )
		value = value << 8 | (unsigned)(hex_digit(answer[2 * i]) << 4 | hex_digit(answer[2 * i + 1]));
	live_put_register(cpu, name, value);
}

/* Names that can matter; asking for every register of ARM takes a second. */
static bool is_wanted(const char *name)
{
	struct image_cpu probe = { 0 };

	live_put_register(&probe, name, 0);
	return probe.count;
}

/* The registers of a description and of those that it includes; *number is the next register's. */
static void read_registers(struct image *m, struct image_cpu *cpu, const char *xml, unsigned *number, unsigned depth)
{
	char value[128], name[128];

	for (const char *at = strchr(xml, '<'); at; at = strchr(at + 1, '<')) {
		/* QEMU's description of x86 has registers that are commented out. */
		if (!strncmp(at, "<!--", 4) && (at = strstr(at, "-->")) == NULL)
			break;
		if (!strncmp(at, "<xi:include", 11) && depth < 4 && attribute(at, "href", name, sizeof(name))) {
			char *inner = read_xml(m->own, name);

			if (inner)
				read_registers(m, cpu, inner, number, depth + 1);
			free(inner);
		}
		if (strncmp(at, "<reg ", 5) || !attribute(at, "name", name, sizeof(name)))
			continue;
		if (attribute(at, "regnum", value, sizeof(value)))
			*number = (unsigned)strtoul(value, NULL, 10);
		if (is_wanted(name))
			read_register(m, cpu, name, *number);
		++*number;
	}
}

/* The CPUs are the stub's threads. */
static bool read_cpus(struct image *m)
{
	struct live *l = m->own;
	char threads[4096], question[64], answer[64], *next = threads + 1;
	char *xml = read_xml(l, "target.xml");

	if (!xml || !ask(l, "qfThreadInfo", threads, sizeof(threads)) || *threads != 'm') {
		free(xml);
		return image_damaged(m, NO_OFFSET, "it does not describe its registers");
	}
	while (*next && m->cpus < CPUS_MOST) {
		size_t n = strcspn(next, ",");
		struct image_cpu *cpu = image_add_cpu(m);
		unsigned number = 0;

		snprintf(question, sizeof(question), "Hg%.*s", (int)n, next);
		if (cpu && ask(l, question, answer, sizeof(answer)))
			read_registers(m, cpu, xml, &number, 0);
		next += n + (next[n] == ',');
	}
	free(xml);
	return true;
}

struct image *live_open_gdb(const char *where)
{
	struct image *m = live_connect(where, "a gdb stub");
	struct live *l = m ? m->own : NULL;
	char answer[4096];
	const char *size;

	if (!m)
		return NULL;
	l->fetch = fetch;
	l->leave = leave;
	l->packet = 1024;
	if (!ask(l, "qSupported:xmlRegisters=i386,arm,riscv", answer, sizeof(answer))) {
		image_damaged(m, NO_OFFSET, "no answer");
	} else {
		size = strstr(answer, "PacketSize=");
		if (size && strtoul(size + 11, NULL, 16) >= 2 * MEMORY_MOST)
			l->packet = MEMORY_MOST;
		if (!ask(l, "Qqemu.PhyMemMode:1", answer, sizeof(answer)) || strcmp(answer, "OK"))
			image_refused(m, "it has no physical memory mode; QEMU's has");
		else if (read_cpus(m))
			return m;
	}
	image_close(m);
	return NULL;
}
