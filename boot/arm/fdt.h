/* boot/arm/fdt.h - the flattened device tree, token by token.
 * SPDX-License-Identifier: MIT
 *
 * Devicetree Specification 0.4, chapter 5. The tree comes from outside: every length is checked before it is used. The
 * functions use no data of the image, so that they may run before the image is where it was linked to be.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define FDT_MAGIC     0xD00DFEEDu
#define FDT_MAX_BYTES (2u << 20)
/* Words of the header. */
enum { H_MAGIC, H_TOTAL, H_STRUCT, H_STRINGS, H_RESERVED, H_VERSION, H_COMPATIBLE, H_CPU, H_WORDS };

struct fdt {
	const uint8_t *base;
	uint32_t bytes;              /* of all of it */
	uint32_t at;                 /* the next token */
	unsigned depth;              /* of the node that at is in; the root's is 1 */
};

enum fdt_kind { FDT_NODE_BEGINS, FDT_PROPERTY, FDT_NODE_ENDS, FDT_TREE_ENDS, FDT_DAMAGED };
struct fdt_item {
	enum fdt_kind kind;
	unsigned depth;              /* of the node that begins, ends or has the property */
	const char *name;            /* of the node that begins, with its unit address, or of the property */
	const uint8_t *data;         /* the property's */
	uint32_t len;
};

static inline uint32_t fdt_word(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A number of so many cells; of more than two the last two count. */
uint64_t fdt_number(const uint8_t *p, uint32_t cells);
/* Is at the header of a tree? False also where its length makes no sense. */
bool fdt_begin(struct fdt *f, const void *at);
enum fdt_kind fdt_next(struct fdt *f, struct fdt_item *item);
/* Is word one of the strings that a property holds, one after the other? */
bool fdt_has_string(const uint8_t *data, uint32_t len, const char *word);
