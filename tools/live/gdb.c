/* tools/live/gdb.c - QEMU's gdb stub: physical memory, and the registers that its target description names.
 * SPDX-License-Identifier: MIT
 *
 * GDB manual, "Remote Protocol"; Qqemu.PhyMemMode is QEMU's. While the stub has a client the machine stands still.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tools/live/live.h"
#include "tools/live/socket.h"

#define ANSWER_MOST (1u << 20)    /* bytes; QEMU's largest file of registers has 100 KiB */
#define MEMORY_MOST 2048u         /* bytes in one answer, in hexadecimal */
#define CPUS_MOST 256u

static int hex_digit(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Two hexadecimal digits for each byte. False: a character is no digit. */
static bool parse_bytes(const char *text, uint8_t *to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(text[2 * i]), low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);

		if (low < 0)
			return false;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* The acknowledgement of the last answer goes with the next question: one message, not two. */
static bool put(struct live *l, const char *text)
{
	char packet[256];
	unsigned sum = 0;
	int n;

	for (const char *c = text; *c; c++)
		sum += (unsigned char)*c;
	n = snprintf(packet, sizeof(packet), "%s$%s#%02x", l->owes ? "+" : "", text, sum & 0xff);
	l->owes = false;
	return n < (int)sizeof(packet) && live_send(l, packet, (size_t)n);
}

/* The next packet's contents, without escapes and runs; its length, -1: the connection is lost. */
static long get(struct live *l, char *to, size_t room)
{
	size_t n = 0;
	int c;

	if (l->owes && !live_send(l, "+", 1))
		return -1;
	l->owes = false;
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
			/* What is left of it would be the next answer. */
			if (n + 1 >= room) {
				l->lost = true;
				return -1;
			}
			to[n++] = (char)c;
		}
	}
	to[n] = 0;
	if (c < 0 || live_byte(l) < 0 || live_byte(l) < 0)
		return -1;
	l->owes = true;
	return (long)n;
}

/* A machine that stops because of the connection reports it in between: T or S and the reason, for each CPU at most. */
static bool ask(struct live *l, const char *question, char *answer, size_t room)
{
	bool good = put(l, question);
	unsigned stops = 0;

	do
		good = good && get(l, answer, room) >= 0;
	while (good && (*answer == 'T' || *answer == 'S') && stops++ < CPUS_MOST);
	l->lost |= stops > CPUS_MOST;
	return good && !l->lost;
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
		if (strlen(answer) != 2 * l->packet || !parse_bytes(answer, to + at, l->packet))
			return ERR_NOT_FOUND;
	}
	return OK;
}

static void leave(struct image *m)
{
	char answer[64];

	(void)!ask(m->own, "D", answer, sizeof(answer));
}

/* The connection of detach_at_end(). */
static int stub;

/* A connection that is only closed leaves the machine stopped. */
static void detach_at_end(int number)
{
	(void)!send(stub, "$D#44", 5, MSG_NOSIGNAL);
	signal(number, SIG_DFL);
	raise(number);
}

static void watch_for_the_end(const struct live *l)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	stub = l->fd;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (signal(signals[i], detach_at_end) == SIG_IGN)
			signal(signals[i], SIG_IGN);
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
		/* There is more, but none of it comes. */
		if (!piece[1])
			break;
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
	uint8_t bytes[8];
	size_t n;

	snprintf(question, sizeof(question), "p%x", number);
	if (!ask(m->own, question, answer, sizeof(answer)))
		return;
	n = strlen(answer) / 2;
	/* The stub has the bytes in the machine's order, which is little-endian here. */
	if (n >= 4 && n <= sizeof(bytes) && parse_bytes(answer, bytes, n))
		live_put_register(cpu, name, get_number(bytes, (unsigned)n));
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

/* The registers of the thread whose identity has n characters. */
static void read_thread(struct image *m, const char *thread, size_t n, const char *xml)
{
	struct image_cpu *cpu = image_add_cpu(m);
	char question[64], answer[64];
	unsigned number = 0;

	snprintf(question, sizeof(question), "Hg%.*s", (int)n, thread);
	if (cpu && ask(m->own, question, answer, sizeof(answer)))
		read_registers(m, cpu, xml, &number, 0);
}

/* The names of the stub's threads, separated by commas; a stub has them in one answer or in several. False: there is none. */
static bool read_threads(struct live *l, char *to, size_t room)
{
	char answer[4096];
	bool more = ask(l, "qfThreadInfo", answer, sizeof(answer));
	size_t n = 0;

	while (more && *answer == 'm' && answer[1] && n + strlen(answer) < room) {
		n += (size_t)sprintf(to + n, "%s%s", n ? "," : "", answer + 1);
		more = ask(l, "qsThreadInfo", answer, sizeof(answer));
	}
	return n;
}

/* The CPUs are the stub's threads. */
static bool read_cpus(struct image *m)
{
	struct live *l = m->own;
	char threads[8192], *next = threads, *xml = read_xml(l, "target.xml");

	if (!xml || !read_threads(l, threads, sizeof(threads))) {
		free(xml);
		return image_damaged(m, NO_OFFSET, "it does not describe its registers");
	}
	while (*next && m->cpus < CPUS_MOST) {
		size_t n = strcspn(next, ",");

		read_thread(m, next, n, xml);
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
	watch_for_the_end(l);
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
