/* tools/walker/report.c - what a command printed, as JSON or CSV, or with its changes marked.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/nested.h"
#include "tools/walker/report.h"
#include "tools/walker/session.h"

/* ---- capture ---- */

static void put_capture(struct out *out, const char *bytes, size_t n)
{
	struct capture *c = (struct capture *)out;

	if (c->n + n + 1 > c->room) {
		size_t room = 2 * (c->n + n) + 4096;
		char *text = realloc(c->text, room);

		if (!text)
			exit(1);
		c->text = text;
		c->room = room;
	}
	memcpy(c->text + c->n, bytes, n);
	c->n += n;
	c->text[c->n] = 0;
}

void capture_begin(struct capture *c)
{
	*c = (struct capture){ .out = { .put = put_capture } };
	put_capture(&c->out, "", 0);
}

void capture_free(struct capture *c)
{
	free(c->text);
}

/* ---- ranges: the lines of ptdump ---- */

struct range { unsigned long long first, last, pa; char size[16], page[16], letters[32]; bool wx; };

/* "0xFIRST-0xLAST   SIZE PAGE LETTERS pa PA", with W+X behind it if the range is both. */
static bool range_of(const char *line, struct range *r)
{
	char more[8] = "";

	if (sscanf(line, "0x%llx-0x%llx %15s %15s %31s pa %llx %7s", &r->first, &r->last, r->size, r->page, r->letters, &r->pa,
	           more) < 6)
		return false;
	r->wx = !strncmp(more, "W+X", 3);
	return true;
}

/* Copies the next line without its end; false: there are no more. */
static bool next_line(const char **text, char *line, size_t room)
{
	size_t n = strcspn(*text, "\n");

	if (!**text)
		return false;
	snprintf(line, room, "%.*s", (int)n, *text);
	*text += n + ((*text)[n] != 0);
	return true;
}

void report_csv(const char *text)
{
	struct range r;
	char line[512];

	puts("first,last,bytes,page,letters,pa,wx");
	while (next_line(&text, line, sizeof(line)))
		if (range_of(line, &r))
			printf("%llx,%llx,%llu,%s,%s,%llx,%d\n", r.first, r.last, r.last - r.first + 1, r.page, r.letters,
			       r.pa, r.wx);
}

/* ---- JSON ---- */

static void put_string(const char *s, size_t n)
{
	putchar('"');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < ' ' || c > '~')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void put_rights(prot_t prot)
{
	printf("\"rights\":\"%c%c%c%c\"", prot & PROT_R ? 'r' : '-', prot & PROT_W ? 'w' : '-', prot & PROT_X ? 'x' : '-',
	       prot & PROT_U ? 'u' : '-');
}

static const char *const kinds[] = {
	[PT_EMPTY] = "empty", [PT_SOFT] = "software", [PT_TABLE] = "table", [PT_LEAF] = "page", [PT_BAD] = "bad",
};

/* One object of "steps". stage 0: there is one stage. */
static void put_step(const char **comma, const struct pt_mode *mode, const struct pt_step *step, bool unread, unsigned stage)
{
	const char *name = mode->format->level[step->level].vendor;

	printf("%s{", *comma);
	*comma = ",";
	if (stage)
		printf("\"stage\":%u,", stage);
	printf("\"level\":%u,\"name\":", step->level);
	put_string(name, strlen(name));
	printf(",\"at\":\"0x%llx\",", (unsigned long long)step->entry_pa.v);
	if (unread)
		fputs("\"kind\":\"unreadable\"}", stdout);
	else
		printf("\"entry\":\"0x%llx\",\"kind\":\"%s\"}", (unsigned long long)step->entry.v, kinds[step->kind]);
}

/* The steps of the second stage for one address. */
static void put_second(const char **comma, const struct nested *n, uint64_t guest)
{
	struct pt_step step[PT_MAX_LEVELS];
	struct pt_walk w;

	pt_walk(&n->second, guest, &w, step, ARRAY_LEN(step));
	for (unsigned i = 0; i < w.n; i++)
		put_step(comma, n->second.half[0].mode, &step[i], w.err == ERR_IO && i == w.n - 1, 2);
}

/* "pa" is the machine's address, "guest" what the first stage of two ends at. */
static void put_page(const struct pt_walk *w, const struct nested *n)
{
	paddr_t pa = w->pa;

	if (n)
		printf("\"guest\":\"0x%llx\",", (unsigned long long)w->pa.v);
	if (!n || nested_translate(n, w->pa, &pa))
		printf("\"pa\":\"0x%llx\",", (unsigned long long)pa.v);
	printf("\"page\":%llu,", (unsigned long long)w->page.size);
	put_rights(w->prot);
	putchar(',');
}

static void put_symbol(const struct target *t, uint64_t va)
{
	const char *name;
	uint64_t offset;

	if (!t->symbol_at || t->symbol_at(t->ctx, va, &name, &offset) != OK)
		return;
	fputs("\"symbol\":", stdout);
	put_string(name, strlen(name));
	printf(",\"offset\":%llu,", (unsigned long long)offset);
}

static void put_translation(const struct target *t, const struct subject *about)
{
	struct pt_space space = target_space(t);
	const struct pt_mode *mode = pt_tree_at(&space, about->va)->mode;
	struct pt_step step[PT_MAX_LEVELS];
	struct nested both, *n = about->two_stages ? &both : NULL;
	struct pt_walk w;
	const char *comma = "";

	/* The command has printed why there is no second stage. */
	if (n && !nested_of_target(n, &session_errors, t, about->second))
		return;
	pt_walk(n ? &n->first : &space, about->va, &w, step, ARRAY_LEN(step));
	printf(",\"translation\":{\"va\":\"0x%llx\",", (unsigned long long)about->va);
	if (w.outcome == PT_LEAF)
		put_page(&w, n);
	put_symbol(t, about->va);
	fputs("\"steps\":[", stdout);
	for (unsigned i = 0; i < w.n && i < ARRAY_LEN(step); i++) {
		if (n)
			put_second(&comma, n, step[i].entry_pa.v);
		put_step(&comma, mode, &step[i], w.err == ERR_IO && i == w.n - 1, n != NULL);
	}
	if (n && w.outcome == PT_LEAF)
		put_second(&comma, n, w.pa.v);
	fputs("]}", stdout);
}

static void put_ranges(const char *text)
{
	const char *comma = ",\"ranges\":[";
	struct range r;
	char line[512];
	bool any = false;

	for (; next_line(&text, line, sizeof(line)); ) {
		if (!range_of(line, &r))
			continue;
		printf("%s{\"first\":\"0x%llx\",\"last\":\"0x%llx\",\"page\":\"%s\",", comma, r.first, r.last, r.page);
		printf("\"letters\":\"%s\",\"pa\":\"0x%llx\",\"wx\":%s}", r.letters, r.pa, r.wx ? "true" : "false");
		comma = ",";
		any = true;
	}
	if (any)
		putchar(']');
}

void report_json(const char *command, int status, const char *text, const struct target *t,
                 const struct subject *about)
{
	fputs("{\"command\":", stdout);
	put_string(command, strlen(command));
	printf(",\"status\":%d,\"lines\":[", status);
	for (const char *line = text; *line; ) {
		size_t n = strcspn(line, "\n");

		if (line != text)
			putchar(',');
		put_string(line, n);
		line += n + (line[n] != 0);
	}
	putchar(']');
	put_ranges(text);
	if (about)
		put_translation(t, about);
	puts("}");
}

/* ---- changes ---- */

void report_changes(const char *before, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n"), old = before ? strcspn(before, "\n") : 0;
		bool same = !before || (n == old && !memcmp(before, text, n));

		printf("%s%.*s\n", same ? "  " : "* ", (int)n, text);
		text += n + (text[n] != 0);
		if (before)
			before += old + (before[old] != 0);
	}
}
