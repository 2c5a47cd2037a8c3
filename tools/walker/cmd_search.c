/* tools/walker/cmd_search.c - search: looks for values or a text in physical memory, and for the addresses that lead there.
 * SPDX-License-Identifier: MIT
 *
 * Items are compared at addresses that are multiples of their size; -a and -b compare at each byte. A match may cross the end of a
 * page, if the next one follows in the image. Runs of a mapped file are compared in place, and holes of a sparse file are left
 * out, unless the pattern is zero. WinDbg: !search. crash: search -p.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/command.h"
#include "shell/look/values.h"
#include "tools/walker/session.h"

enum { CHUNK = 65536, HITS_MOST = 4096, NAMES_MOST = 8 };

enum { PHYS };
static const struct command_option options[] = {
	{ "--phys", "A-B", "only these physical addresses" },
	{ .name = NULL },
};

static const struct { const char *option; unsigned item; const char *dump; } kinds[] = {
	{ "-b", 1, "db" }, { "-w", 2, "dw" }, { "-d", 4, "dd" }, { "-q", 8, "dq" }, { "-a", 1, "db" },
};

/* ---- the virtual addresses of physical ones ---- */

struct mapping { uint64_t pa, va, size; };

struct reverse { struct mapping *list; size_t n, room; uint64_t largest; bool full; };

static bool add_mapping(void *ctx, const struct pt_visit_entry *e)
{
	struct reverse *r = ctx;

	if (r->n == r->room) {
		size_t room = 2 * r->room + 4096;
		struct mapping *more = realloc(r->list, room * sizeof(*more));

		r->full = !more;
		if (!more)
			return false;
		r->list = more;
		r->room = room;
	}
	r->list[r->n++] = (struct mapping){ e->pa.v, e->va, e->size };
	r->largest = e->size > r->largest ? e->size : r->largest;
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct mapping *x = a, *y = b;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return x->va < y->va ? -1 : x->va > y->va;
}

static void make_reverse(struct reverse *r, const struct target *t)
{
	struct pt_space space = target_space(t);

	/* A table that was visited is not visited again: it would lead to the same pages. */
	(void)!pt_visit(&space, 0, UINT64_MAX, PT_VISIT_LEAF, add_mapping, r);
	if (r->n)
		qsort(r->list, r->n, sizeof(*r->list), by_address);
}

static unsigned long long address(const struct mapping *m, uint64_t pa)
{
	return m->va + (pa - m->pa);
}

/* Prints " VA VA ..." of the pages that contain pa. */
static void put_addresses(struct out *out, const struct reverse *r, uint64_t pa)
{
	size_t low = 0, high = r->n;
	unsigned found = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->list[middle].pa > pa)
			high = middle;
		else
			low = middle + 1;
	}
	/* Those that begin at or below it, from the nearest on; none farther than the largest page can contain it. */
	while (low-- > 0 && pa - r->list[low].pa < r->largest) {
		if (pa - r->list[low].pa >= r->list[low].size)
			continue;
		if (found++ < NAMES_MOST)
			out_printf(out, "%s %llx", found > 1 ? "" : "  mapped at", address(&r->list[low], pa));
	}
	if (found > NAMES_MOST)
		out_printf(out, " and at %u more", found - NAMES_MOST);
	out_puts(out, found ? "\n" : "  not mapped\n");
}

/* ---- the search ---- */

struct search {
	struct call *call;
	struct session *s;
	const unsigned char *pattern;
	size_t length;
	unsigned kind, hits;
	uint64_t first, last;           /* --phys */
	bool zero;                      /* the pattern is: holes of the file have it */
	bool unread;                    /* a part could not be read */
	struct reverse reverse;
};

/* False: there are too many. */
static bool put_hit(struct search *q, uint64_t pa)
{
	struct out *out = q->call->out;
	const struct image_run *r = image_run_at(q->s->image, pa);
	unsigned item = kinds[q->kind].item;
	uint64_t left = r ? r->size - (pa - r->pa) : 16;

	if (q->hits++ == HITS_MOST)
		return false;
	if (q->hits == 1 && !q->s->off)
		make_reverse(&q->reverse, q->call->target);
	(void)dump_memory(out, q->call->target, DUMP_PHYSICAL, dump_format_named(kinds[q->kind].dump), pa,
	                  (left < 16 ? left : 16) / item);
	put_addresses(out, &q->reverse, pa);
	return true;
}

/* Matches that begin in the first `starts` of n bytes at pa. */
static bool look(struct search *q, const unsigned char *bytes, size_t starts, size_t n, uint64_t pa)
{
	unsigned item = kinds[q->kind].item;
	size_t at = (size_t)(-pa & (item - 1));

	while (at < starts && n - at >= q->length) {
		const unsigned char *next = memchr(bytes + at, q->pattern[0], starts - at);

		if (!next)
			break;
		at = (size_t)(next - bytes);
		if (!((pa + at) & (item - 1)) && n - at >= q->length && !memcmp(next, q->pattern, q->length) &&
		    !put_hit(q, pa + at))
			return false;
		at++;
	}
	return true;
}

/* One run, from pa to its end or the end of the range, in parts that overlap by a pattern. */
static bool search_run(struct search *q, const struct image_run *r, uint64_t pa, uint64_t last)
{
	static unsigned char buffer[CHUNK + MOST_VALUES * 8];
	struct image *m = q->s->image;

	for (;;) {
		uint64_t offset = r->offset + (pa - r->pa), left = last - pa;
		uint64_t hole = q->zero ? 0 : image_next_data(m, offset) - offset;
		size_t starts = left < CHUNK ? (size_t)left + 1 : CHUNK, n = starts + q->length - 1;

		if (hole > left)
			return true;
		/* A match can begin in the hole's last bytes, which are zero. */
		if (hole > q->length) {
			pa += hole - q->length;
			continue;
		}
		if (n - starts > left + 1 - starts)
			n = (size_t)left + 1;
		if (m->read && image_read(m, pa, buffer, n) != OK)
			q->unread = true;
		else if (!look(q, m->read ? buffer : m->map + offset, starts, n, pa))
			return false;
		if (left < CHUNK)
			return true;
		pa += starts;
	}
}

/* All runs; runs that touch each other are searched one by one. */
static void search_all(struct search *q)
{
	struct image *m = q->s->image;

	for (size_t i = 0; i < m->runs; i++) {
		const struct image_run r = m->run[i];
		uint64_t first = r.pa, last = r.pa + (r.size - 1);

		first = first < q->first ? q->first : first;
		last = last > q->last ? q->last : last;
		if (first <= last && !search_run(q, &r, first, last))
			break;
	}
}

static bool can_search(struct call *c, const struct session *s)
{
	uint64_t bytes = 0;

	if (!s->image) {
		call_lacks(c, "an image");
		return false;
	}
	for (size_t i = 0; i < s->image->runs; i++)
		bytes += s->image->run[i].size;
	if (bytes > 1ull << 46 && !c->option[PHYS].given)
		call_fail(c, COMMAND_ARGS, "%s does not say where its memory is: --phys A-B is needed", s->image->kind);
	return !c->failed;
}

/* The kind of items, before the values; without one: -b. */
static unsigned take_kind(struct call *c)
{
	for (unsigned i = 0; i < ARRAY_LEN(kinds); i++) {
		const char *end = c->rest + strlen(kinds[i].option);

		if (strncmp(c->rest, kinds[i].option, strlen(kinds[i].option)) || (*end && *end != ' ' && *end != CALL_GAP))
			continue;
		c->rest = end + (*end != 0);
		return i;
	}
	return 0;
}

static void search(struct call *c)
{
	static const unsigned char nothing[MOST_VALUES * 8];
	unsigned char pattern[MOST_VALUES * 8];
	struct search q = { .call = c, .s = c->target->ctx, .pattern = pattern, .last = UINT64_MAX };

	q.kind = take_kind(c);
	if (!can_search(c, q.s) || (c->option[PHYS].given && !call_option_range(c, PHYS, true, &q.first, &q.last)))
		return;
	q.length = call_pattern(c, !strcmp(kinds[q.kind].option, "-a"), kinds[q.kind].item, pattern);
	if (!q.length)
		return;
	q.zero = !memcmp(pattern, nothing, q.length);
	search_all(&q);
	if (q.hits > HITS_MOST)
		out_printf(c->out, "stopped after %u places, and there may be more\n", HITS_MOST);
	else
		out_printf(c->out, "%u places\n", q.hits);
	if (q.unread)
		out_puts(c->out, "Some memory was not read.\n");
	free(q.reverse.list);
	c->no_answer = !q.hits || q.unread;
}
COMMAND(search) = {
	.name = "search", .schema = "*", .synopsis = "search [-b|-w|-d|-q|-a] VALUE...|TEXT [--phys A-B]",
	.flags = CMD_READ_ONLY, .run = search, .options = options,
	.what = "search physical memory for values or, with -a, a text",
	.help = "  kd> search -q fee00000\n"
	        "  Prints each place with its bytes, and the virtual addresses at which the tables map it. s searches virtual\n"
	        "  addresses.\n"
	        "  WinDbg: !search   crash: search -p\n",
};
