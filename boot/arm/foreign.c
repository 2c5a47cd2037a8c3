/* boot/arm/foreign.c - is this QEMU's `virt`, or a machine like it? If not: where its device tree says its UART is.
 * SPDX-License-Identifier: MIT
 *
 * This runs where the loader put the image, before the image is moved to where it is linked, for there such a machine has
 * no RAM. Therefore this file, fdt.c and refuse.c are compiled as position-independent code and have no table of
 * pointers.
 */
#include "boot/arm/fdt.h"
#include "boot/arm/foreign.h"
#include "hw/arm/virt_regs.h"
#include "lib/addr.h"
#include "lib/string.h"

#define DEPTH 8            /* of nodes; deeper nodes are ignored */
#define PATH_BYTES 128

/* What a node's properties say of its children: specification 2.3.5 and 2.3.8. */
struct bus {
	uint32_t address_cells, size_cells;
	const uint8_t *ranges;
	uint32_t ranges_len;
	bool translates;
};

struct search {
	struct bus bus[DEPTH + 1];             /* [0]: what the root's parent would be */
	char path[PATH_BYTES];                 /* of the node that is read */
	uint32_t path_len[DEPTH + 1];
	/* Of the node that is read. */
	const uint8_t *compatible, *reg;
	uint32_t compatible_len, reg_len;
	/* What is looked for. */
	char wanted[PATH_BYTES];               /* stdout-path: a path, or an alias until it is replaced */
	char alias[PATH_BYTES];
	bool path_is_known, has_ram, has_own_uart;
	uint64_t uart;
	const char *model;
};

/* ---- addresses ---- */

/* Through the `ranges` of a bus: false where no range holds the address. */
static bool translate(const struct bus *b, uint32_t parent_cells, uint64_t *at)
{
	uint32_t own = b->address_cells, entry = (own + parent_cells + b->size_cells) * 4;

	if (!b->translates)
		return false;
	if (!b->ranges_len)
		return true;          /* empty: the same addresses */
	for (uint32_t i = 0; entry && i + entry <= b->ranges_len; i += entry) {
		uint64_t child = fdt_number(b->ranges + i, own);
		uint64_t parent = fdt_number(b->ranges + i + own * 4, parent_cells);
		uint64_t len = fdt_number(b->ranges + i + (own + parent_cells) * 4, b->size_cells);

		if (*at >= child && *at - child < len) {
			*at = parent + (*at - child);
			return true;
		}
	}
	return false;
}

/* The first address of the `reg` of a node at depth, as the CPU has it. */
static bool cpu_address(const struct search *s, unsigned depth, uint64_t *at)
{
	if (s->reg_len < s->bus[depth - 1].address_cells * 4)
		return false;
	*at = fdt_number(s->reg, s->bus[depth - 1].address_cells);
	for (unsigned d = depth - 1; d > 1; d--)
		if (!translate(&s->bus[d], s->bus[d - 1].address_cells, at))
			return false;
	return true;
}

/* ---- nodes ---- */

static bool is_memory(const char *node)
{
	return str_starts(node, "memory") && (!node[6] || node[6] == '@');
}

static bool covers_image(const struct search *s)
{
	uint32_t a = s->bus[1].address_cells, entry = (a + s->bus[1].size_cells) * 4;

	for (uint32_t i = 0; entry && i + entry <= s->reg_len; i += entry) {
		uint64_t base = fdt_number(s->reg + i, a);
		uint64_t len = fdt_number(s->reg + i + a * 4, s->bus[1].size_cells);

		if (base <= RAM_BASE && RAM_BASE - base < len)
			return true;
	}
	return false;
}

static void end_of_properties(struct search *s, unsigned depth)
{
	uint64_t at;

	if (depth == 2 && is_memory(s->path + 1) && covers_image(s))
		s->has_ram = true;
	if (depth > 1 && fdt_has_string(s->compatible, s->compatible_len, "arm,pl011") && cpu_address(s, depth, &at)) {
		bool wanted = !strcmp(s->path, s->wanted);

		if (at == UART_PA)
			s->has_own_uart = true;
		if (!s->uart || wanted)
			s->uart = at;
	}
	s->compatible_len = s->reg_len = 0;
}

static void begin_node(struct search *s, const struct fdt_item *item)
{
	unsigned d = item->depth;
	uint32_t at = d > 1 ? s->path_len[d - 1] : 0, len = (uint32_t)strlen(item->name);

	s->bus[d] = (struct bus){ .address_cells = 2, .size_cells = 1 };
	if (d > 1 && at + len + 2 <= PATH_BYTES) {
		s->path[at] = '/';
		memcpy(s->path + at + 1, item->name, len + 1);
		at += len + 1;
	} else {
		s->path[at] = 0;
	}
	s->path_len[d] = at;
}

static void copy_text(char *to, const struct fdt_item *item)
{
	uint32_t n = item->len < PATH_BYTES ? item->len : PATH_BYTES - 1;

	memcpy(to, item->data, n);
	to[n] = 0;
	/* "serial0:115200n8": what follows the colon is for the driver. */
	for (char *c = to; *c; c++)
		if (*c == ':')
			*c = 0;
}

static void cells(uint32_t *to, const struct fdt_item *item)
{
	/* More than four are more than any bus has, and would overflow what is multiplied by them. */
	if (item->len == 4 && fdt_word(item->data) <= 4)
		*to = fdt_word(item->data);
}

static void property(struct search *s, const struct fdt_item *item)
{
	struct bus *b = &s->bus[item->depth];
	const char *name = item->name;

	if (!strcmp(name, "#address-cells")) {
		cells(&b->address_cells, item);
	} else if (!strcmp(name, "#size-cells")) {
		cells(&b->size_cells, item);
	} else if (!strcmp(name, "ranges")) {
		b->translates = true;
		b->ranges = item->data;
		b->ranges_len = item->len;
	} else if (!strcmp(name, "reg")) {
		s->reg = item->data;
		s->reg_len = item->len;
	} else if (!strcmp(name, "compatible")) {
		s->compatible = item->data;
		s->compatible_len = item->len;
	} else if (item->depth == 1 && !strcmp(name, "model") && item->len && !item->data[item->len - 1]) {
		s->model = (const char *)item->data;
	} else if (!s->path_is_known && item->depth == 2 && !strcmp(s->path, "/chosen") &&
	           (!strcmp(name, "stdout-path") || (!s->wanted[0] && !strcmp(name, "linux,stdout-path")))) {
		copy_text(s->wanted, item);
	} else if (item->depth == 2 && !strcmp(s->path, "/aliases") && !strcmp(name, s->wanted)) {
		copy_text(s->alias, item);
	}
}

static bool read_tree(const void *at, struct search *s)
{
	struct fdt f;
	struct fdt_item item;

	if (!fdt_begin(&f, at))
		return false;
	for (;;)
		switch (fdt_next(&f, &item)) {
		case FDT_NODE_BEGINS:
			if (item.depth > 1 && item.depth <= DEPTH + 1)
				end_of_properties(s, item.depth - 1);
			if (item.depth <= DEPTH)
				begin_node(s, &item);
			break;
		case FDT_PROPERTY:
			if (item.depth && item.depth <= DEPTH)
				property(s, &item);
			break;
		case FDT_NODE_ENDS:
			/* Nothing was left by nodes in between: their ends have taken it. */
			if (item.depth <= DEPTH)
				end_of_properties(s, item.depth);
			break;
		case FDT_TREE_ENDS:
			return true;
		case FDT_DAMAGED:
			return false;
		}
}

bool foreign_machine(const void *at, struct foreign *f)
{
	struct search s;

	/* Once for stdout-path, which may stand behind what it names; once for an alias in it; once for the UART. */
	memset(&s, 0, sizeof(s));
	s.bus[0] = (struct bus){ .address_cells = 2, .size_cells = 1 };
	for (unsigned pass = 0; pass < 3; pass++) {
		s.uart = 0;
		if (!read_tree(at, &s))
			return false;
		s.path_is_known = true;
		if (s.alias[0])
			memcpy(s.wanted, s.alias, PATH_BYTES);
		s.alias[0] = 0;
	}
	*f = (struct foreign){ .uart = s.uart, .model = s.model };
	return !(s.has_ram && s.has_own_uart);
}
