/* scenario/scenario.c - reads a scenario: settings, memory, records (docs/scenarios.md).
 * SPDX-License-Identifier: MIT
 *
 * The text is cut into lines and words in place, so that names need no memory of their own.
 */
#include "inspect/windbg.h"
#include "lib/string.h"
#include "scenario/impl.h"

#define WHAT_LINE "neither NAME=VALUE nor PA: WORD..."

/* "text" of ASCII, or L"text" of sixteen bits a character, without a zero at its end. */
static const char *put_text(struct scenario *s, const char *at, uint64_t *pa)
{
	unsigned bytes = *at == 'L' ? 2 : 1;
	const char *c = at + bytes;

	for (; *c && *c != '"'; c++)
		for (unsigned i = 0; i < bytes; i++)
			if (!scenario_put(s, (*pa)++, i ? 0 : (uint8_t)*c))
				s->why = err_text(ERR_NO_MEMORY);
	if (!*c)
		s->why = "no closing quote";
	return *c ? c + 1 : c;
}

/* A word of more than eight digits takes eight bytes, any other four. */
static const char *put_word(struct scenario *s, const char *at, uint64_t *pa)
{
	unsigned digits, bytes;
	uint64_t word;
	const char *end = scenario_hex(at, &word, &digits);

	bytes = digits > 8 ? 8 : 4;
	/* The last byte must have an address. */
	if (!digits || (*end && scenario_skip_blanks(end) == end) || *pa > UINT64_MAX - (bytes - 1)) {
		s->why = WHAT_LINE;
		return end;
	}
	for (unsigned i = 0; i < bytes; i++)
		if (!scenario_put(s, (*pa)++, (uint8_t)(word >> 8 * i)))
			s->why = err_text(ERR_NO_MEMORY);
	return end;
}

static void words(struct scenario *s, const char *at)
{
	unsigned digits;
	uint64_t pa;

	at = scenario_hex(at, &pa, &digits);
	if (!digits || *at != ':') {
		s->why = WHAT_LINE;
		return;
	}
	for (at = scenario_skip_blanks(at + 1); *at && !s->why; at = scenario_skip_blanks(at)) {
		bool more = *at == '"' || (*at == 'L' && at[1] == '"');

		at = more ? put_text(s, at, &pa) : put_word(s, at, &pa);
		if (!pa && *scenario_skip_blanks(at))
			s->why = WHAT_LINE;
	}
}

/* ---- settings of the view: they are no property of the paging mode ---- */

/* "+180", "-90", "0": minutes. */
static bool zone(struct scenario *s, const char *value)
{
	bool west = *value == '-';
	uint64_t minutes;
	char digits[8] = "0n";

	value += west || *value == '+';
	if (strlen(value) > 4)
		return false;
	str_copy(digits + 2, value, sizeof(digits) - 2);
	if (!scenario_number(digits, &minutes) || minutes > 14 * 60)
		return false;
	s->zone = west ? -(int)minutes : (int)minutes;
	return true;
}

static bool at_style(struct scenario *s, const char *value)
{
	bool wide = !strcmp(value, "16");

	s->style = (s->style & ~(unsigned)WINDBG_WIDE_AT) | (wide ? WINDBG_WIDE_AT : 0);
	return wide || !strcmp(value, "8");
}

static bool vtop_style(struct scenario *s, const char *value)
{
	bool is_short = !strcmp(value, "short");

	s->style = (s->style & ~(unsigned)WINDBG_SHORT) | (is_short ? WINDBG_SHORT : 0);
	return is_short || !strcmp(value, "long");
}

/* It ends as every prompt of a debugger does, so that a tool finds it. */
static bool prompt(struct scenario *s, const char *value)
{
	size_t n = strlen(value);

	s->prompt = value;
	return n >= 3 && n <= 16 && !strcmp(value + n - 3, "kd>");
}

static bool kernel(struct scenario *s, const char *value)
{
	s->kernel = value;
	return true;
}

static bool vmemmap(struct scenario *s, const char *value)
{
	return scenario_number(value, &s->vmemmap);
}

static bool linux_pte(struct scenario *s, const char *value)
{
	return scenario_number(value, &s->linux_pte) && s->linux_pte <= PAGE_SIZE;
}

/* SECONDS.MICROSECONDS, six digits behind the point. */
static bool clock(struct scenario *s, const char *value)
{
	char digits[24] = "0n";
	size_t n = 2;

	for (; *value && n < sizeof(digits) - 1; value++)
		if (*value != '.' || strlen(value) != 7)
			digits[n++] = *value;
	digits[n] = 0;
	return !*value && scenario_number(digits, &s->clock);
}

static bool frame_bytes(struct scenario *s, const char *value)
{
	return scenario_number(value, &s->frame_bytes) && s->frame_bytes;
}

static const struct { const char *name; bool (*store)(struct scenario *s, const char *value); } views[] = {
	{ "at", at_style }, { "vtop", vtop_style }, { "prompt", prompt }, { "zone", zone }, { "vmemmap", vmemmap },
	{ "page_struct", frame_bytes }, { "linux_pte", linux_pte }, { "clock", clock },
	{ "kernel", kernel },
};

/* A value ends at a blank, or with its quotes. */
static void setting(struct scenario *s, char *name, char *equals)
{
	char *value = equals + 1, *end;
	const char *why = NULL;

	*equals = 0;
	end = value;
	value = *value == ' ' || *value == '\t' || *value == '\r' || *value == '\n' || !*value ? NULL : scenario_word(&end, &why);
	if (why) {
		s->why = why;
		return;
	}
	value = value ? value : equals;
	for (size_t i = 0; i < ARRAY_LEN(views); i++)
		if (!strcmp(name, views[i].name)) {
			s->why = views[i].store(s, value) ? NULL : "the setting has no such value";
			return;
		}
	if (!s->setting(s->setting_ctx, name, value))
		s->why = "no such setting, or it has no such value";
}

/* ---- lines ---- */

static void parse_line(struct scenario *s, char *line)
{
	char *at = line + (scenario_skip_blanks(line) - line), *equals, *end = at;

	if (!*at || *at == '#' || scenario_record(s, at))
		return;
	equals = strchr(at, '=');
	while (end < equals && *end != '"')
		end++;
	if (equals && end == equals)
		setting(s, at, equals);
	else
		words(s, at);
}

/* Cuts the text into lines. A line with a 0 in it ends too early. */
static void parse(struct scenario *s, size_t length)
{
	char *end = s->text + length;

	for (char *line = s->text; line < end && !s->why; ) {
		size_t n = 0;

		while (line + n < end && line[n] != '\n')
			n++;
		line[n] = 0;
		s->line++;
		if (strlen(line) == n)
			parse_line(s, line);
		else
			s->why = WHAT_LINE;
		line += n + 1;
	}
	if (!s->why && !scenario_sort_symbols(s))
		s->why = err_text(ERR_NO_MEMORY);
}

struct scenario *scenario_parse(const struct scenario_source *source)
{
	const struct scenario_heap *heap = source->heap;
	struct scenario *s = heap->alloc(heap->ctx, sizeof(*s));

	if (!s) {
		out_printf(source->errors, "%s: %s\n", source->name, err_text(ERR_NO_MEMORY));
		heap->free(heap->ctx, source->text);
		return NULL;
	}
	s->heap = heap;
	s->text = source->text;
	s->setting = source->setting ? source->setting : scenario_store_setting;
	s->setting_ctx = source->setting ? source->ctx : s;
	s->frame_bytes = 64;
	parse(s, source->length);
	if (!s->why)
		return s;
	out_printf(source->errors, "%s:%u: %s\n", source->name, s->line, s->why);
	scenario_free(s);
	return NULL;
}

void scenario_free(struct scenario *s)
{
	const struct scenario_heap *heap = s->heap;

	scenario_free_pages(s);
	scenario_free_records(s);
	heap->free(heap->ctx, s->text);
	heap->free(heap->ctx, s);
}

const char *scenario_prompt(const struct scenario *s)
{
	return s->prompt;
}

struct scenario_counts scenario_counts(const struct scenario *s)
{
	return (struct scenario_counts){ s->pages, s->processes.count, s->symbols.count, s->modules.count };
}

const char *scenario_note(const struct scenario *s, unsigned i)
{
	const struct scenario_node *n = s->notes.first;

	while (n && i--)
		n = n->next;
	return n ? ((const struct scenario_text *)n)->text : NULL;
}
