/* tools/walker/elf_symbols.c - the symbol table of an ELF file, of 32 or 64 bits, little-endian.
 * SPDX-License-Identifier: MIT
 *
 * System V ABI, "Object Files". .symtab, or without it .dynsym.
 */
#include <string.h>

#include "tools/walker/symbols.h"

enum { SHT_SYMTAB = 2, SHT_DYNSYM = 11, STT_FUNC = 2, SHN_UNDEF = 0, SHN_ABS = 0xfff1 };

struct file { const uint8_t *bytes; size_t n; bool wide; };
struct section { uint64_t type, offset, size, link; };

static uint64_t number(const struct file *f, uint64_t at, unsigned bytes)
{
	uint64_t v = 0;

	if (at <= f->n && f->n - at >= bytes)
		while (bytes--)
			v = v << 8 | f->bytes[at + bytes];
	return v;
}

/* Section i; one that does not end within the file has no bytes. */
static struct section section(const struct file *f, uint64_t i)
{
	uint64_t table = f->wide ? number(f, 40, 8) : number(f, 32, 4), at = table + i * (f->wide ? 64 : 40);
	struct section s = {
		number(f, at + 4, 4), f->wide ? number(f, at + 24, 8) : number(f, at + 16, 4),
		f->wide ? number(f, at + 32, 8) : number(f, at + 20, 4), number(f, at + (f->wide ? 40 : 24), 4),
	};

	if (s.offset > f->n || s.size > f->n - s.offset)
		s.size = 0;
	return s;
}

static void add(struct symbols *to, const struct file *f, uint64_t at, const struct section *strings)
{
	uint64_t name = number(f, at, 4), value = f->wide ? number(f, at + 8, 8) : number(f, at + 4, 4);
	unsigned type = number(f, at + (f->wide ? 4 : 12), 1) & 15, index = (unsigned)number(f, at + (f->wide ? 6 : 14), 2);
	const char *text = (const char *)f->bytes + strings->offset + name;

	if (type > STT_FUNC || index == SHN_UNDEF || name >= strings->size || !*text ||
	    !memchr(text, 0, (size_t)(strings->size - name)))
		return;
	symbols_add(to, value, index == SHN_ABS, text);
}

bool symbols_of_elf(struct symbols *to, const char *bytes, size_t n, const char **what)
{
	struct file f = { (const uint8_t *)bytes, n, n > 5 && bytes[4] == 2 };
	uint64_t sections = number(&f, f.wide ? 60 : 48, 2), table = 0;
	struct section s, strings;

	*what = "not a little-endian ELF file with a symbol table";
	if (n < 52 || bytes[5] != 1)
		return false;
	for (uint64_t i = 1; i < sections; i++) {
		uint64_t type = section(&f, i).type;

		if (type == SHT_SYMTAB || (type == SHT_DYNSYM && !table))
			table = i;
		if (type == SHT_SYMTAB)
			break;
	}
	if (!table)
		return false;
	s = section(&f, table);
	strings = section(&f, s.link);
	for (uint64_t at = 0; s.size - at >= (f.wide ? 24 : 16); at += f.wide ? 24 : 16)
		add(to, &f, s.offset + at, &strings);
	return true;
}
