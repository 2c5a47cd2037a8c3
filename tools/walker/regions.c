/* tools/walker/regions.c - --regions: a file with the names of address ranges.
 * SPDX-License-Identifier: MIT
 *
 * A line is "FIRST-LAST NAME", both addresses hexadecimal and included, a comment (#), or empty. The region "user" is the one of
 * programs.
 */
#define _POSIX_C_SOURCE 200809L   /* getline, strndup */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/walker/number.h"
#include "tools/walker/session.h"

/* "FIRST-LAST NAME" into a region. NULL: good; else what is wrong. */
static const char *parse_line(char *line, struct region *r)
{
	char *last = strchr(line, '-'), *name;

	if (!last)
		return "FIRST-LAST NAME is expected";
	*last++ = 0;
	name = last + strcspn(last, " \t");
	if (*name)
		*name++ = 0;
	name += strspn(name, " \t");
	if (!parse_number(line, 16, &r->first) || !parse_number(last, 16, &r->last) || !*name)
		return "FIRST-LAST NAME is expected";
	for (const char *c = name; *c; c++)
		if (*c < ' ' || *c > '~')
			return "a name has printable characters";
	if (r->last < r->first)
		return "the end is below the start";
	r->kind = strcmp(name, "user") ? REGION_VIRTUAL : REGION_USER;
	r->name = strdup(name);
	return r->name ? NULL : "no memory";
}

/* Puts *r among n regions. NULL: good. */
static const char *insert(struct region *list, size_t n, const struct region *r)
{
	size_t at = n;

	while (at && list[at - 1].first > r->first)
		at--;
	if ((at && list[at - 1].last >= r->first) || (at < n && list[at].first <= r->last))
		return "it overlaps another region";
	memmove(list + at + 1, list + at, (n - at) * sizeof(*list));
	list[at] = *r;
	return NULL;
}

static const char *take_line(struct session *s, size_t *n, char *line)
{
	struct region r = { .name = NULL };
	const char *wrong;

	line[strcspn(line, "\r\n")] = 0;
	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return NULL;
	if (*n == REGIONS_MOST)
		return "too many regions";
	wrong = parse_line(line, &r);
	if (!wrong)
		wrong = insert(s->regions, *n, &r);
	if (wrong)
		free((char *)r.name);
	else
		++*n;
	return wrong;
}

static bool read_file(struct session *s, const char *path)
{
	FILE *f = fopen(path, "r");
	const char *wrong = NULL;
	char *line = NULL;
	size_t room = 0, n = 0;
	unsigned number = 0;

	if (!f) {
		message("%s: %s\n", path, strerror(errno));
		return false;
	}
	while (!wrong && getline(&line, &room, f) >= 0) {
		number++;
		wrong = take_line(s, &n, line);
	}
	if (wrong)
		message("%s:%u: %s\n", path, number, wrong);
	free(line);
	fclose(f);
	s->named = !wrong;
	return !wrong;
}

bool regions_take(struct session *s, const char *name)
{
	const char *known;

	if (strncmp(name, "linux-", 6))
		return read_file(s, name);
	s->layout = linux_layout(name);
	if (s->layout)
		return true;
	message("--regions %s: no such layout; there are:", name);
	for (size_t i = 0; (known = linux_layout_name(i)) != NULL; i++)
		message(" %s", known);
	message("\n");
	return false;
}

void regions_free(struct session *s)
{
	for (size_t i = 0; s->options.regions && !s->layout && i < REGIONS_MOST; i++)
		free((char *)s->regions[i].name);
}
