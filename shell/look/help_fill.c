/* shell/look/help_fill.c - what the names in braces in help's texts stand for: examples are true on every target.
 * SPDX-License-Identifier: MIT
 *
 * {pc} is the name of a register, {entry} a number. Names of registers come from the CPU family's
 * row (isa/isa.h), numbers from the target (target_system.example) or from a walk here.
 */
#include "shell/look/help_fill.h"
#include "isa/isa.h"
#include "lib/assert.h"
#include "inspect/target.h"
#include "lib/out.h"
#include "lib/string.h"

/* ---- numbers ---- */

/* Asks the target for a value. False: it has none of this name. */
static bool known(const struct target *t, const char *name, uint64_t *value)
{
	return t->system && t->system->example && t->system->example(t->system_ctx, name, value);
}

/* Where an entry that translates a page of the direct map can be read: in the self-map, or for a
 * format without one in the direct map. */
static bool entry(const struct target *t, uint64_t *value)
{
	struct pt_space space = target_space(t);
	struct pt_walk w;
	uint64_t va;

	if (!known(t, "logical", &va))
		return false;
	pt_walk(&space, va, &w, NULL, 0);
	if (w.outcome != PT_LEAF)
		return false;
	*value = t->selfmap_base ? pt_selfmap_entry(t->mode, t->selfmap_base, va, w.last.level)
	                         : t->direct_base + w.last.entry_pa.v;
	return true;
}

/* {self-map entry} has no value on a format without a self-map: the line is then left out. */
static bool number(const struct target *t, const char *name, uint64_t *value)
{
	if (!strcmp(name, "entry"))
		return entry(t, value);
	if (!strcmp(name, "self-map entry"))
		return t->selfmap_base && entry(t, value);
	return known(t, name, value);
}

/* ---- registers ---- */

/* Returns the name of the register with this role in the target's instruction set. NULL: no such
 * role. */
static const char *reg(const struct target *t, const char *name)
{
	const struct isa *isa = t->mode->format->isa;
	const struct { const char *name, *is; } registers[] = {
		{ "root", isa->root }, { "control", isa->control }, { "pc", isa->pc }, { "sp", isa->sp },
	};

	for (unsigned i = 0; i < ARRAY_LEN(registers); i++)
		if (!strcmp(name, registers[i].name))
			return registers[i].is;
	return NULL;
}

/* ---- the text ---- */

/* Prints the value of the name of n characters. False: it has none. Names are short constants of
 * help texts, hence the assertion. */
static bool fill(const struct target *t, const char *text, size_t n, struct out *out)
{
	const char *is;
	char name[24];
	uint64_t value;

	ASSERT(n < sizeof(name));
	memcpy(name, text, n);
	name[n] = 0;
	is = reg(t, name);
	if (is)
		out_puts(out, is);
	else if (number(t, name, &value))
		out_printf(out, "%llx", (unsigned long long)value);
	else
		return false;
	return true;
}

/* A brace that is not closed would read past the text: texts are constants, and tests print all of
 * them. */
bool help_fill(const struct target *t, const char *text, size_t n, char *to, size_t size)
{
	const char *end = text + n;
	struct out_buf b;

	out_buf_init(&b, to, size);
	while (text < end) {
		size_t length = 0;

		if (*text != '{') {
			out_char(&b.out, *text++);
			continue;
		}
		text++;
		while (text[length] != '}')
			length++;
		if (!fill(t, text, length, &b.out))
			return false;
		text += length + 1;
	}
	return true;
}
