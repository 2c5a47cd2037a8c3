/* mm/reclaim/references.c - reference strings: parsed from text, and built-in.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/simulate.h"
#include "mm/space/vmalloc.h"

/* ---- numbering pages ---- */

/* Open addressing: twice as many places as references, a power of two. */
struct numbering { uint64_t *key; uint32_t *number; uint32_t mask; };

static uint32_t number_of(const struct numbering *n, struct reference_string *s, uint64_t key)
{
	uint32_t at = (uint32_t)((key * 0x9E3779B97F4A7C15u) >> 32) & n->mask;

	while (n->number[at] && n->key[at] != key)
		at = (at + 1) & n->mask;
	if (!n->number[at]) {
		n->key[at] = key;
		n->number[at] = ++s->pages;
	}
	return n->number[at] - 1;
}

static err_t begin_string(struct reference_string *s, struct numbering *n, uint32_t count)
{
	uint32_t places = 2;

	while (places < 2 * count)
		places *= 2;
	*s = (struct reference_string){ .reference = kvzalloc((uint64_t)count * sizeof(*s->reference), "reference string") };
	*n = (struct numbering){ .mask = places - 1 };
	n->key = kvzalloc((uint64_t)places * sizeof(*n->key), "reference string");
	n->number = kvzalloc((uint64_t)places * sizeof(*n->number), "reference string");
	return s->reference && n->key && n->number ? OK : ERR_NO_MEMORY;
}

static void add_reference(struct reference_string *s, const struct numbering *n, uint64_t page, bool write)
{
	s->reference[s->count++] = number_of(n, s, page) << 1 | write;
	s->writes += write;
}

static err_t end_string(struct reference_string *s, struct numbering *n, err_t err)
{
	kvfree(n->number);
	kvfree(n->key);
	if (err != OK)
		references_free(s);
	return err;
}

void references_free(struct reference_string *s)
{
	kvfree(s->reference);
	s->reference = NULL;
}

/* ---- text ---- */

struct scanner { const char *text; size_t n, at; };

static bool is_separator(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',';
}

/* Skips separators and comments. False: the end. */
static bool next_reference(struct scanner *s)
{
	for (; s->at < s->n; s->at++) {
		if (s->text[s->at] == '#')
			while (s->at < s->n && s->text[s->at] != '\n')
				s->at++;
		if (s->at < s->n && !is_separator(s->text[s->at]))
			return true;
	}
	return false;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' ^ 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False: no page number of at most 64 bits is at s->at. */
static bool read_reference(struct scanner *s, uint64_t *page, bool *write)
{
	size_t first = s->at;

	*page = 0;
	for (; s->at < s->n && digit_of(s->text[s->at]) >= 0; s->at++)
		*page = *page << 4 | (unsigned)digit_of(s->text[s->at]);
	if (s->at == first || s->at - first > 16)
		return false;
	*write = s->at < s->n && (s->text[s->at] == 'w' || s->text[s->at] == 'W');
	s->at += *write;
	return s->at == s->n || is_separator(s->text[s->at]) || s->text[s->at] == '#';
}

/* Number of references, at most SIM_REFERENCES_MAX + 1. *bad: where it stopped. */
static err_t count_references(const char *text, size_t n, uint32_t *count, size_t *bad)
{
	struct scanner s = { text, n, 0 };
	uint64_t page;
	bool write;

	*count = 0;
	while (*count <= SIM_REFERENCES_MAX && next_reference(&s)) {
		*bad = s.at;
		if (!read_reference(&s, &page, &write))
			return ERR_INVALID;
		++*count;
	}
	return *count && *count <= SIM_REFERENCES_MAX ? OK : ERR_RANGE;
}

err_t references_parse(const char *text, size_t n, struct reference_string *out, size_t *bad)
{
	struct scanner s = { text, n, 0 };
	struct numbering numbers;
	uint64_t page;
	uint32_t count;
	bool write;
	err_t err = count_references(text, n, &count, bad);

	if (err != OK)
		return err;
	err = begin_string(out, &numbers, count);
	while (err == OK && next_reference(&s) && read_reference(&s, &page, &write))
		add_reference(out, &numbers, page, write);
	return end_string(out, &numbers, err);
}

/* ---- built-in strings ---- */

static uint32_t belady(uint32_t i)
{
	static const unsigned char page[] = { 1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5 };

	return (uint32_t)page[i] << 1;
}

static uint32_t loop(uint32_t i)
{
	return i % 10 << 1;
}

static uint32_t mix(uint32_t x)
{
	x *= 0x9E3779B1u;
	x = (x ^ x >> 15) * 0x85EBCA77u;
	return x ^ x >> 13;
}

/* Phases of 200 references: 9 of 10 to 8 pages, which change with the phase, the others to any of 40; 1 of 4 writes. */
static uint32_t locality(uint32_t i)
{
	uint32_t x = mix(i), page = x % 10 ? i / 200 * 7 % 33 + (x >> 8) % 8 : (x >> 8) % 40;

	return page << 1 | ((x >> 20) % 4 == 0);
}

const struct reference_builtin reference_builtins[] = {
	{ "belady", "fifo has more faults with 4 frames than with 3 (Belady's anomaly)", { 3, 4 }, 12, belady },
	{ "loop", "ten pages in a circle: with less than 10 frames, fifo and lru never hit", { 9, 10 }, 200, loop },
	{ "locality", "phases that use 8 pages most of the time", { 8, 12 }, 1600, locality },
	{ .name = NULL },
};

err_t references_builtin(const struct reference_builtin *b, struct reference_string *out)
{
	struct numbering numbers;
	err_t err = begin_string(out, &numbers, b->count);

	for (uint32_t i = 0; err == OK && i < b->count; i++)
		add_reference(out, &numbers, b->reference(i) >> 1, b->reference(i) & 1);
	return end_string(out, &numbers, err);
}
