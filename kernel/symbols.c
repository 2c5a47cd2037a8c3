/* kernel/symbols.c - finds names and addresses in the symbol table that tools/symtab has appended to the image.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/symbols.h"
#include "lib/string.h"
#include <stddef.h>

/* As tools/symtab writes it: the rows by address, then 16-bit row numbers by name, then the names. */
struct symbol_row { uint32_t offset, name; };   /* offset: from base; name: from the first name; both in bytes */
struct symbol_table {
	uint64_t base;          /* virtual address of the image */
	uint32_t count, reserved;
	struct symbol_row row[];
};

extern const struct symbol_table symbols_start;
extern const char text_start[], image_end[];

/* Row numbers sorted by name, directly after the rows. 16 bits limit the table to 65,536 symbols. */
static const uint16_t *by_name(void)
{
	return (const uint16_t *)&symbols_start.row[symbols_start.count];
}

/* Names are stored in one block; a row has the offset. */
static const char *name_of(unsigned row)
{
	const char *names = (const char *)(by_name() + symbols_start.count);

	return names + symbols_start.row[row].name;
}

/* Finds the last row at or below `va` by binary search. Invariant: row[low].offset <= va - base,
 * and row[high], if there is one, is above it. ERR_NOT_FOUND: `va` is outside the image, or there
 * is no table (a build without tools/symtab). */
static err_t row_at(uint64_t va, uint32_t *row)
{
	const struct symbol_table *t = &symbols_start;
	uint32_t low = 0, high = t->count;

	if (va < (uintptr_t)text_start || va >= (uintptr_t)image_end || !t->count || va < t->base)
		return ERR_NOT_FOUND;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (t->row[middle].offset <= va - t->base)
			low = middle;
		else
			high = middle;
	}
	*row = low;
	return OK;
}

err_t symbol_at(uint64_t va, const char **name, uint64_t *offset)
{
	const struct symbol_table *t = &symbols_start;
	uint32_t row;
	err_t err = row_at(va, &row);

	if (err != OK)
		return err;
	*name = name_of(row);
	*offset = va - t->base - t->row[row].offset;
	return OK;
}

/* The last symbol extends to the end of the image. */
err_t symbol_size(uint64_t va, uint64_t *size)
{
	const struct symbol_table *t = &symbols_start;
	uint64_t end = (uintptr_t)image_end - t->base;
	uint32_t row;
	err_t err = row_at(va, &row);

	if (err != OK)
		return err;
	*size = (row + 1 < t->count ? t->row[row + 1].offset : end) - t->row[row].offset;
	return OK;
}

/* Returns the position, in alphabetical order, of the first name that is not before `name`;
 * `count` if all are. Several symbols can have one name (static functions): they are adjacent. */
static uint32_t first_name(const char *name)
{
	uint32_t low = 0, high = symbols_start.count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (strcmp(name_of(by_name()[middle]), name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

err_t symbol_value(const char *name, unsigned i, uint64_t *value)
{
	uint32_t at = first_name(name);

	if (i >= symbols_start.count - at || strcmp(name_of(by_name()[at + i]), name) != 0)
		return ERR_NOT_FOUND;
	*value = symbols_start.base + symbols_start.row[by_name()[at + i]].offset;
	return OK;
}

const char *symbol_name(unsigned i, uint64_t *value)
{
	if (i >= symbols_start.count)
		return NULL;
	if (value)
		*value = symbols_start.base + symbols_start.row[by_name()[i]].offset;
	return name_of(by_name()[i]);
}

bool kernel_image(uint64_t *first, uint64_t *bytes)
{
	*first = symbols_start.base;
	*bytes = (uintptr_t)image_end - symbols_start.base;
	return true;
}
