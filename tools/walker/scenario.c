/* tools/walker/scenario.c - scenarios from files of the host; scenario/ reads their lines.
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/image/message.h"
#include "tools/walker/scenario.h"
#include "tools/walker/session.h"

static void *host_alloc(void *ctx, size_t n)
{
	(void)ctx;
	return calloc(1, n);
}

static void host_free(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

static const struct scenario_heap heap = { NULL, host_alloc, host_free };

bool scenario_is(const char *path)
{
	char head[sizeof(SCENARIO_MAGIC) - 1] = "";
	struct stat st;
	FILE *f;
	bool is;

	/* Opening a FIFO would wait for its other end. */
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	f = fopen(path, "rb");
	is = f && fread(head, 1, sizeof(head), f) == sizeof(head) && !memcmp(head, SCENARIO_MAGIC, sizeof(head));
	if (f)
		fclose(f);
	return is;
}

/* All of a file, and a 0. NULL: a message was printed. */
static char *read_text(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *text = NULL;

	*n = 0;
	if (!f || fstat(fileno(f), &st)) {
		message("%s: %s\n", path, strerror(errno));
	} else if ((unsigned long long)st.st_size > SCENARIO_MOST) {
		message("%s: a scenario has at most %u MiB\n", path, SCENARIO_MOST >> 20);
	} else {
		text = calloc(1, (size_t)st.st_size + 1);
		*n = text ? fread(text, 1, (size_t)st.st_size, f) : 0;
		if (!text || ferror(f))
			message("%s: %s\n", path, strerror(errno));
	}
	if (f)
		fclose(f);
	return text;
}

struct scenario *scenario_open(const char *path, scenario_setting_fn setting, void *ctx)
{
	struct scenario_source source = { .heap = &heap, .name = path, .errors = &session_errors, .setting = setting, .ctx = ctx };

	source.text = read_text(path, &source.length);
	return source.text ? scenario_parse(&source) : NULL;
}
