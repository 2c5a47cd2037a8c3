/* tools/live/socket.c - connects to a machine, keeps pages that were read.
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/addr.h"
#include "tools/image/message.h"
#include "tools/live/socket.h"

#define PATIENCE_MS 10000

static int connect_unix(const char *path, const char **why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
	} else if (fd >= 0) {
		memcpy(address.sun_path, path, strlen(path) + 1);
		if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
			return fd;
	}
	*why = strerror(errno);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The port follows the last colon. */
static int connect_tcp(const char *where, const char *colon, const char **why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	char host[256];
	int fd = -1, error;

	snprintf(host, sizeof(host), "%.*s", (int)(colon - where), where);
	error = getaddrinfo(*host ? host : "localhost", colon + 1, &hints, &list);
	if (error) {
		*why = gai_strerror(error);
		return -1;
	}
	for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen)) {
			*why = strerror(errno);
			close(fd);
			fd = -1;
		}
	}
	/* Questions are short and follow answers: none waits for the acknowledgement of the one before. */
	if (fd >= 0)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	freeaddrinfo(list);
	return fd;
}

static void close_live(struct image *m)
{
	struct live *l = m->own;

	if (l->leave)
		l->leave(m);
	close(l->fd);
	free(l->page);
	free(l);
}

static err_t read_live(struct image *m, uint64_t pa, void *buf, size_t n)
{
	struct live *l = m->own;
	struct live_page *p = &l->page[pa / LIVE_PAGE % LIVE_CACHED];
	uint64_t first = pa & ~(uint64_t)(LIVE_PAGE - 1);

	if (!p->valid || p->pa != first) {
		err_t err = l->fetch(m, first, p->bytes);

		p->pa = first;
		p->missing = err == ERR_NOT_FOUND;
		p->valid = err == OK || p->missing;
		if (!p->valid)
			return ERR_CORRUPT;
	}
	if (p->missing)
		return ERR_IO;
	memcpy(buf, p->bytes + (pa - first), n);
	return OK;
}

void live_forget(struct image *m)
{
	struct live *l = m->own;

	for (size_t i = 0; i < LIVE_CACHED; i++)
		l->page[i].valid = false;
}

struct image *live_connect(const char *where, const char *kind)
{
	const char *colon = strrchr(where, ':'), *why = "no memory";
	struct image *m = calloc(1, sizeof(*m));
	struct live *l = calloc(1, sizeof(*l));
	int fd = strchr(where, '/') || !colon ? connect_unix(where, &why) : connect_tcp(where, colon, &why);

	if (l)
		l->page = calloc(LIVE_CACHED, sizeof(*l->page));
	if (fd < 0 || !m || !l || !l->page) {
		message("%s: %s does not answer: %s\n", where, kind, why);
		if (fd >= 0)
			close(fd);
		if (l)
			free(l->page);
		free(l);
		free(m);
		return NULL;
	}
	l->fd = fd;
	*m = (struct image){ .path = where, .kind = kind, .own = l, .close = close_live, .read = read_live, .fd = -1 };
	if (image_add(m, 0, UINT64_MAX, 0))
		return m;
	image_close(m);
	return NULL;
}

bool live_send(struct live *l, const char *bytes, size_t n)
{
	while (n && !l->lost) {
		ssize_t sent = send(l->fd, bytes, n, MSG_NOSIGNAL);

		if (sent <= 0)
			l->lost = true;
		else
			bytes += sent, n -= (size_t)sent;
	}
	return !l->lost;
}

int live_byte(struct live *l)
{
	if (l->from == l->to) {
		struct pollfd p = { .fd = l->fd, .events = POLLIN };
		ssize_t n = !l->lost && poll(&p, 1, PATIENCE_MS) > 0 ? recv(l->fd, l->in, sizeof(l->in), 0) : 0;

		if (n <= 0) {
			l->lost = true;
			return -1;
		}
		l->from = 0;
		l->to = (size_t)n;
	}
	return (unsigned char)l->in[l->from++];
}

void live_put_register(struct image_cpu *cpu, const char *name, uint64_t value)
{
	static const char *const known[] = {
		"cr0", "cr2", "cr3", "cr4", "efer", "ttbr0", "ttbr1", "ttbcr", "tcr", "sctlr", "mair", "mair0", "mair1", "dacr",
		"satp",
	};
	char small[32];
	uint64_t low, high;
	size_t n = 0;

	for (; name[n] && n < sizeof(small) - 1; n++)
		small[n] = (char)tolower((unsigned char)name[n]);
	small[n] = 0;
	/* AArch64's names have the exception level. */
	if (n > 4 && !strcmp(small + n - 4, "_el1"))
		small[n - 4] = 0;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (!strcmp(small, known[i]))
			image_put_register(cpu, small, value);
	/* LPAE has its memory types in two registers. */
	if (image_register(cpu, "mair0", &low) && image_register(cpu, "mair1", &high))
		image_put_register(cpu, "mair", low | high << 32);
}
