/* boot/arm/dtb.c - reads the flattened device tree: memory, command line, initrd.
 * SPDX-License-Identifier: MIT
 *
 * Devicetree Specification 0.4, chapter 5. The tree comes from outside: every length is checked before it is used.
 */
#include "arch/arm/virt_regs.h"
#include "boot/arm/boot.h"
#include "kernel/string.h"

#define FDT_MAGIC     0xD00DFEEDu
#define FDT_MAX_BYTES (2u << 20)
enum { FDT_BEGIN_NODE = 1, FDT_END_NODE = 2, FDT_PROP = 3, FDT_NOP = 4, FDT_END = 9 };
/* Words of the header. */
enum { H_MAGIC, H_TOTAL, H_STRUCT, H_STRINGS, H_RESERVED, H_VERSION, H_COMPATIBLE, H_CPU, H_WORDS };

struct tree {
	const uint8_t *base;
	uint32_t bytes;                        /* of all of it */
	uint32_t address_cells, size_cells;    /* of the root, for the nodes right below it */
	struct boot_info *info;
};

struct property {
	const char *node, *name;
	unsigned depth;                        /* 1: the root's own */
	const uint8_t *data;
	uint32_t len;
};

static uint32_t word(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t number(const uint8_t *p, uint32_t cells)
{
	uint64_t v = 0;

	while (cells--) {
		v = v << 32 | word(p);
		p += 4;
	}
	return v;
}

static void add_range(struct boot_info *info, uint64_t base, uint64_t len, uint32_t type)
{
	if (!len)
		return;
	if (info->range_count == BOOT_MAX_RANGES) {
		info->ranges_dropped++;
		return;
	}
	info->range[info->range_count++] = (struct boot_range){ .base = base, .len = len, .type = type };
}

static void address_cells(struct tree *t, const struct property *p)
{
	if (p->len == 4)
		t->address_cells = word(p->data);
}

static void size_cells(struct tree *t, const struct property *p)
{
	if (p->len == 4)
		t->size_cells = word(p->data);
}

static void memory(struct tree *t, const struct property *p)
{
	uint32_t entry = (t->address_cells + t->size_cells) * 4;

	if (t->address_cells > 2 || t->size_cells > 2 || !entry)
		return;
	for (uint32_t at = 0; at + entry <= p->len; at += entry)
		add_range(t->info, number(p->data + at, t->address_cells),
		          number(p->data + at + t->address_cells * 4, t->size_cells), BOOT_RANGE_RAM);
}

static void command_line(struct tree *t, const struct property *p)
{
	size_t n = p->len < BOOT_CMDLINE ? p->len : BOOT_CMDLINE - 1;

	memcpy(t->info->cmdline, p->data, n);
	t->info->cmdline[n] = 0;
}

/* One or two cells, as long as the writer liked. */
static void initrd_start(struct tree *t, const struct property *p)
{
	if (p->len == 4 || p->len == 8)
		t->info->module[0].base = number(p->data, p->len / 4);
}

static void initrd_end(struct tree *t, const struct property *p)
{
	if (p->len == 4 || p->len == 8)
		t->info->module[0].len = number(p->data, p->len / 4);   /* the end, until all is read */
}

static void psci_method(struct tree *t, const struct property *p)
{
	if (p->len == 4 && !memcmp(p->data, "smc", 4))
		t->info->flags |= BOOT_PSCI_SMC;
}

/* Properties that matter. node: up to the unit address. */
static const struct {
	unsigned depth;
	const char *node, *name;
	void (*take)(struct tree *, const struct property *);
} wanted[] = {
	{ 1, "", "#address-cells", address_cells },
	{ 1, "", "#size-cells", size_cells },
	{ 2, "memory", "reg", memory },
	{ 2, "chosen", "bootargs", command_line },
	{ 2, "chosen", "linux,initrd-start", initrd_start },
	{ 2, "chosen", "linux,initrd-end", initrd_end },
	{ 2, "psci", "method", psci_method },
};

static bool node_is(const char *node, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(node, name, n) && (!node[n] || node[n] == '@');
}

static void take(struct tree *t, const struct property *p)
{
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		if (wanted[i].depth == p->depth && node_is(p->node, wanted[i].node) && !strcmp(p->name, wanted[i].name))
			wanted[i].take(t, p);
}

/* Length of the string at offset with its NUL, 0 when it does not end inside the tree. */
static uint32_t string_bytes(const struct tree *t, uint32_t offset)
{
	for (uint32_t at = offset; at < t->bytes; at++)
		if (!t->base[at])
			return at + 1 - offset;
	return 0;
}

/* One property whose token ends at `at`; where the next token is, or 0 when this one does not fit. */
static uint32_t read_property(struct tree *t, uint32_t at, unsigned depth, const char *node)
{
	uint32_t len, name;

	if (at + 8 > t->bytes)
		return 0;
	len = word(t->base + at);
	name = word(t->base + H_STRINGS * 4) + word(t->base + at + 4);
	at += 8;
	if (len > t->bytes - at || name >= t->bytes || !string_bytes(t, name))
		return 0;
	take(t, &(struct property){ .node = node, .name = (const char *)t->base + name, .depth = depth,
	                            .data = t->base + at, .len = len });
	return ALIGN_UP(at + len, 4u);
}

/* The structure block, token by token; false where it makes no sense. */
static bool read_structure(struct tree *t)
{
	uint32_t at = word(t->base + H_STRUCT * 4);
	const char *node = "";
	unsigned depth = 0;

	while (at && at <= t->bytes - 4) {
		uint32_t token = word(t->base + at), name;

		at += 4;
		if (token == FDT_BEGIN_NODE) {
			name = string_bytes(t, at);
			if (!name)
				return false;
			node = (const char *)t->base + at;
			at = ALIGN_UP(at + name, 4u);
			depth++;
		} else if (token == FDT_END_NODE) {
			/* Properties come before nodes inside a node: none follows, so the outer name is not wanted. */
			depth--;
		} else if (token == FDT_PROP) {
			at = read_property(t, at, depth, node);
		} else if (token == FDT_END) {
			return true;
		} else if (token != FDT_NOP) {
			return false;
		}
	}
	return false;
}

/* Pairs of 64-bit numbers up to one of length 0: memory to be left alone. */
static void read_reserved(struct tree *t)
{
	uint32_t at = word(t->base + H_RESERVED * 4);

	for (; at < t->bytes && t->bytes - at >= 16; at += 16) {
		uint64_t len = number(t->base + at + 8, 2);

		if (!len)
			return;
		add_range(t->info, number(t->base + at, 2), len, BOOT_RANGE_RESERVED);
	}
}

static void finish_initrd(struct boot_info *info)
{
	struct boot_module *m = &info->module[0];

	if (m->len <= m->base)
		return;
	m->len -= m->base;
	memcpy(m->name, "initrd", sizeof("initrd"));
	info->module_count = 1;
}

void boot_parse_dtb(uint32_t at, struct boot_info *info)
{
	struct tree t = { .base = (const uint8_t *)(uintptr_t)at, .address_cells = 2, .size_cells = 1, .info = info };

	info->loader = LOADER_DTB;
	memcpy(info->loader_name, "device tree", sizeof("device tree"));
	if (!at || !IS_ALIGNED(at, 4u) || word(t.base) != FDT_MAGIC)
		t.base = (const uint8_t *)(uintptr_t)RAM_BASE;
	if (word(t.base) != FDT_MAGIC)
		boot_stop("no device tree: r2 was %08x, and RAM at %08x does not begin with one. Where RAM does not reach to\n"
		          "      %08x, the kernel itself may have been put over it", (unsigned)at, RAM_BASE,
		          RAM_BASE + (unsigned)BOOT_MAP_BYTES);
	t.bytes = word(t.base + H_TOTAL * 4);
	if (t.bytes < H_WORDS * 4 || t.bytes > FDT_MAX_BYTES)
		boot_stop("the device tree at %p says it has %u bytes", (const void *)t.base, (unsigned)t.bytes);
	if (!read_structure(&t))
		boot_stop("the device tree at %p is damaged", (const void *)t.base);
	read_reserved(&t);
	finish_initrd(info);
	if (!info->range_count)
		boot_stop("the device tree at %p names no memory", (const void *)t.base);
}
