/* boot/arm/fdt.c - the flattened device tree, token by token.
 * SPDX-License-Identifier: MIT
 */
#include "boot/arm/fdt.h"
#include "lib/addr.h"
#include "lib/string.h"

/* Tokens, 5.4.1 */
#define TOKEN_BEGIN 1
#define TOKEN_END   2
#define TOKEN_PROP  3
#define TOKEN_NOP   4
#define TOKEN_STOP  9

uint64_t fdt_number(const uint8_t *p, uint32_t cells)
{
	uint64_t v = 0;

	for (; cells; cells--, p += 4)
		v = v << 32 | fdt_word(p);
	return v;
}

bool fdt_begin(struct fdt *f, const void *at)
{
	*f = (struct fdt){ .base = at };
	if (fdt_word(f->base) != FDT_MAGIC)
		return false;
	f->bytes = fdt_word(f->base + H_TOTAL * 4);
	f->at = fdt_word(f->base + H_STRUCT * 4);
	return f->bytes >= H_WORDS * 4 && f->bytes <= FDT_MAX_BYTES;
}

/* Length of the string at offset with its NUL, 0 when it does not end inside the tree. */
static uint32_t string_bytes(const struct fdt *f, uint32_t offset)
{
	for (uint32_t at = offset; at < f->bytes; at++)
		if (!f->base[at])
			return at + 1 - offset;
	return 0;
}

static enum fdt_kind begin_node(struct fdt *f, struct fdt_item *item)
{
	uint32_t bytes = string_bytes(f, f->at);

	if (!bytes)
		return FDT_DAMAGED;
	item->name = (const char *)f->base + f->at;
	item->depth = ++f->depth;
	f->at = ALIGN_UP(f->at + bytes, 4u);
	return FDT_NODE_BEGINS;
}

static enum fdt_kind property(struct fdt *f, struct fdt_item *item)
{
	uint32_t name;

	if (f->bytes - f->at < 8)
		return FDT_DAMAGED;
	item->len = fdt_word(f->base + f->at);
	name = fdt_word(f->base + H_STRINGS * 4) + fdt_word(f->base + f->at + 4);
	f->at += 8;
	if (item->len > f->bytes - f->at || name >= f->bytes || !string_bytes(f, name))
		return FDT_DAMAGED;
	item->name = (const char *)f->base + name;
	item->data = f->base + f->at;
	item->depth = f->depth;
	f->at = ALIGN_UP(f->at + item->len, 4u);
	return FDT_PROPERTY;
}

enum fdt_kind fdt_next(struct fdt *f, struct fdt_item *item)
{
	uint32_t token = TOKEN_NOP;

	*item = (struct fdt_item){ .kind = FDT_DAMAGED };
	while (token == TOKEN_NOP) {
		if (f->at > f->bytes - 4)
			return FDT_DAMAGED;
		token = fdt_word(f->base + f->at);
		f->at += 4;
	}
	if (token == TOKEN_BEGIN)
		item->kind = begin_node(f, item);
	else if (token == TOKEN_PROP)
		item->kind = property(f, item);
	else if (token == TOKEN_STOP)
		item->kind = FDT_TREE_ENDS;
	else if (token == TOKEN_END && f->depth) {
		item->kind = FDT_NODE_ENDS;
		item->depth = f->depth--;
	}
	return item->kind;
}

bool fdt_has_string(const uint8_t *data, uint32_t len, const char *word)
{
	uint32_t bytes = (uint32_t)strlen(word) + 1;

	for (uint32_t at = 0; bytes <= len && at <= len - bytes; at++)
		if ((!at || !data[at - 1]) && !memcmp(data + at, word, bytes))
			return true;
	return false;
}
