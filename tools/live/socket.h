/* tools/live/socket.h - connections to a machine; for tools/live/ only.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "tools/image/reader.h"
#include "tools/live/live.h"

#define LIVE_PAGE 4096u
#define LIVE_CACHED 1024u

struct live_page { uint64_t pa; bool valid, missing; uint8_t bytes[LIVE_PAGE]; };

struct live {
	int fd;
	bool lost;                   /* closed, or an answer is overdue: a later one would answer the wrong question */
	char in[65536];              /* received and not used: [from, to) */
	size_t from, to;
	struct live_page *page;      /* LIVE_CACHED of them */
	/* Reads LIVE_PAGE bytes. ERR_NOT_FOUND: there is no memory. ERR_IO: the connection is lost. */
	err_t (*fetch)(struct image *m, uint64_t pa, uint8_t *to);
	void (*leave)(struct image *m);   /* before the connection is closed; NULL: nothing */
	size_t packet;               /* gdb: bytes of memory in one answer */
	bool owes;                   /* gdb: the last answer is not acknowledged yet */
};

/* Connects and makes an image of the kind, with an empty cache and all addresses as one run. NULL: a message was printed. */
struct image *live_connect(const char *where, const char *kind);
/* Forgets all pages that were read: the machine has run since then. */
void live_forget(struct image *m);
bool live_send(struct live *l, const char *bytes, size_t n);
/* The next byte; -1: the connection was closed, or nothing came for ten seconds. It is not used again then. */
int live_byte(struct live *l);
