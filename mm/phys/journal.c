/* mm/phys/journal.c - rows and freed tables in the journal, and reading it backwards.
 * SPDX-License-Identifier: MIT
 */
#include "mm/phys/journal.h"
#include "paging/bulk.h"

struct journal journal;

/* Sets single fields: clearing the whole record would take longer than the rest of the function. */
PT_INLINE struct journal_record *add(enum journal_kind kind, paddr_t pa, uint32_t len)
{
	struct journal_record *r = &journal.record[journal.records++ % JOURNAL_RECORDS];

	r->first = journal.stores + 1;
	r->pa = pa;
	r->len = (uint16_t)(len - 1);
	r->kind = kind;
	r->had_old = r->has_new = 0;
	return r;
}

/* ---- rows ---- */

/* Whole 64-bit words, so that every row is aligned. */
PT_INLINE uint32_t space_of(uint32_t len)
{
	return (len + 7) & ~7u;
}

/* The entries of one record stay contiguous: if they do not fit before the end of the ring, they begin at its start. */
PT_INLINE unsigned char *make_space(uint32_t len)
{
	uint32_t at = journal.values % JOURNAL_VALUES;

	if (at + len > JOURNAL_VALUES)
		journal.values += JOURNAL_VALUES - at;
	return &journal.value[journal.values % JOURNAL_VALUES];
}

PT_INLINE void copy_words(void *to, const void *from, unsigned len)
{
	uint32_t *t = to;
	const uint32_t *f = from;
	unsigned n = len / sizeof(uint32_t);

	for (; n >= 4; n -= 4, t += 4, f += 4) {
		t[0] = f[0];
		t[1] = f[1];
		t[2] = f[2];
		t[3] = f[3];
	}
	for (; n > 0; n--)
		*t++ = *f++;
}

void *journal_row_space(unsigned len)
{
	return make_space(space_of(len));
}

void journal_add_row(paddr_t pa, unsigned bytes, const void *old, const void *new, unsigned count, const char *why)
{
	uint32_t len = count * bytes, space = space_of(len), both = (old ? space : 0) + (new ? space : 0);
	struct journal_record *r;
	unsigned char *to;

	to = make_space(both);
	r = add(JOURNAL_ROW, pa, len);
	r->why = why;
	r->bytes = (uint8_t)bytes;
	r->had_old = old != NULL;
	r->has_new = new != NULL;
	r->values = journal.values;
	journal.values += both;
	journal.stores += count;
	if (old)
		copy_words(to, old, len);
	to += old ? space : 0;
	if (new && new != to)
		copy_words(to, new, len);
}

void journal_add_freed(paddr_t pa, unsigned len)
{
	(void)add(JOURNAL_FREED, pa, len);
}

/* ---- reading ---- */

static const struct journal_record *record_at(uint32_t n)
{
	return &journal.record[n % JOURNAL_RECORDS];
}

/* True if record n (below journal.records) and its values are still in the rings. */
static bool is_kept(uint32_t n)
{
	const struct journal_record *r = record_at(n);

	return journal.records - n <= JOURNAL_RECORDS &&
	       (r->kind != JOURNAL_ROW || journal.values - r->values <= JOURNAL_VALUES);
}

static unsigned entries_of(const struct journal_record *r)
{
	return r->kind == JOURNAL_FREED ? 0 : (r->len + 1u) / r->bytes;
}

static void take(const struct journal_record *r, unsigned i, struct journal_entry *out)
{
	const unsigned char *value = &journal.value[r->values % JOURNAL_VALUES];

	out->pa = paddr_add(r->pa, (uint64_t)i * r->bytes);
	out->why = r->why;
	out->old = r->old;
	out->new = r->new;
	if (r->kind != JOURNAL_ROW)
		return;
	out->old = r->had_old ? pt_load(value, r->bytes, i) : PTE(0);
	if (r->had_old)
		value += space_of(r->len + 1u);
	out->new = r->has_new ? pt_load(value, r->bytes, i) : PTE(0);
}

struct journal_cursor journal_end(void)
{
	return (struct journal_cursor){ journal.stores + 1, journal.records, 0 };
}

bool journal_previous(struct journal_cursor *c, struct journal_entry *out)
{
	for (;;) {
		if (c->index == 0) {
			if (c->record == 0 || !is_kept(c->record - 1))
				return false;
			c->index = entries_of(record_at(--c->record));
			continue;
		}
		take(record_at(c->record), --c->index, out);
		out->number = --c->number;
		if (out->old.v != out->new.v)
			return true;
	}
}

uint64_t journal_oldest(void)
{
	uint64_t oldest = journal.stores + 1;

	for (uint32_t n = journal.records; n > 0 && is_kept(n - 1); n--)
		oldest = record_at(n - 1)->first;
	return oldest;
}

static bool covers(const struct journal_record *r, paddr_t pa)
{
	return pa.v - r->pa.v <= r->len;
}

/* The change of the entry at `pa` by record n. False: the record did not change it. */
static bool change_in(uint32_t n, paddr_t pa, struct journal_entry *out)
{
	const struct journal_record *r = record_at(n);
	unsigned i;

	if (r->kind == JOURNAL_FREED || !covers(r, pa))
		return false;
	i = (unsigned)(pa.v - r->pa.v) / r->bytes;
	take(r, i, out);
	out->number = r->first + i;
	return out->pa.v == pa.v && out->old.v != out->new.v;
}

bool journal_find(paddr_t pa, uint64_t from, uint64_t to, bool oldest, struct journal_entry *out)
{
	struct journal_entry e;
	bool found = false;

	for (uint32_t n = journal.records; n > 0 && is_kept(n - 1); n--) {
		/* Records are in order: the changes of this one come before those of the next one. */
		if (n < journal.records && record_at(n)->first <= from + 1)
			break;
		if (!change_in(n - 1, pa, &e) || e.number <= from || e.number > to)
			continue;
		*out = e;
		found = true;
		if (!oldest)
			break;
	}
	return found;
}

bool journal_was_freed(paddr_t pa, uint64_t from, uint64_t to)
{
	for (uint32_t n = journal.records; n > 0 && is_kept(n - 1); n--) {
		const struct journal_record *r = record_at(n - 1);

		if (r->first <= from)
			break;
		if (r->kind == JOURNAL_FREED && r->first <= to + 1 && covers(r, pa))
			return true;
	}
	return false;
}
