/* boot/arm/dtb.c - reads the flattened device tree: memory, command line, initrd.
 * SPDX-License-Identifier: MIT
 *
 * Devicetree Specification 0.4, chapter 5. The tree comes from outside: every length is checked before it is used.
 */
#include "boot/arm/boot.h"
#include "boot/arm/fdt.h"
#include "hw/arm/virt_regs.h"
#include "lib/string.h"

struct tree {
	struct fdt fdt;
	uint32_t address_cells, size_cells;    /* of the root, for the nodes right below it */
	struct boot_info *info;
	/* Of the node that is read, below the root: what names a device and where its registers are. */
	struct { const uint8_t *data; uint32_t len; } compatible, reg;
};

struct property {
	const char *node, *name;
	unsigned depth;                        /* 1: the root's own */
	const uint8_t *data;
	uint32_t len;
};

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
		t->address_cells = fdt_word(p->data);
}

static void size_cells(struct tree *t, const struct property *p)
{
	if (p->len == 4)
		t->size_cells = fdt_word(p->data);
}

static void memory(struct tree *t, const struct property *p)
{
	uint32_t entry = (t->address_cells + t->size_cells) * 4;

	if (t->address_cells > 2 || t->size_cells > 2 || !entry)
		return;
	for (uint32_t at = 0; at + entry <= p->len; at += entry)
		add_range(t->info, fdt_number(p->data + at, t->address_cells),
		          fdt_number(p->data + at + t->address_cells * 4, t->size_cells), BOOT_RANGE_RAM);
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
		t->info->module[0].base = fdt_number(p->data, p->len / 4);
}

static void initrd_end(struct tree *t, const struct property *p)
{
	if (p->len == 4 || p->len == 8)
		t->info->module[0].len = fdt_number(p->data, p->len / 4);   /* the end, until all is read */
}

static void psci_method(struct tree *t, const struct property *p)
{
	if (p->len == 4 && !memcmp(p->data, "smc", 4))
		t->info->flags |= BOOT_PSCI_SMC;
}

static void compatible(struct tree *t, const struct property *p)
{
	t->compatible.data = p->data;
	t->compatible.len = p->len;
}

static void reg(struct tree *t, const struct property *p)
{
	t->reg.data = p->data;
	t->reg.len = p->len;
}

/* Properties that matter. node: up to the unit address; NULL: any. */
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
	{ 2, NULL, "compatible", compatible },
	{ 2, NULL, "reg", reg },
};

/* Interrupt controllers: the distributor's registers come first, then the CPU interface's (version 2) or those of the
 * redistributors (version 3). */
static const struct { const char *name; uint32_t version; } gics[] = {
	{ "arm,cortex-a15-gic", 2 }, { "arm,cortex-a9-gic", 2 }, { "arm,cortex-a7-gic", 2 }, { "arm,gic-400", 2 },
	{ "arm,gic-v3", 3 },
};

/* The node's properties have all been seen. */
static void end_of_properties(struct tree *t)
{
	uint32_t entry = (t->address_cells + t->size_cells) * 4;
	bool fits = t->address_cells <= 2 && t->size_cells <= 2 && t->address_cells && t->reg.len >= 2 * entry;

	for (size_t i = 0; fits && i < ARRAY_LEN(gics); i++)
		if (fdt_has_string(t->compatible.data, t->compatible.len, gics[i].name)) {
			const uint8_t *second = t->reg.data + entry;

			t->info->gic_version = gics[i].version;
			t->info->gic_dist = fdt_number(t->reg.data, t->address_cells);
			t->info->gic_cpu = fdt_number(second, t->address_cells);
			t->info->gic_cpu_bytes = fdt_number(second + t->address_cells * 4, t->size_cells);
		}
	t->compatible.len = t->reg.len = 0;
}

static bool node_is(const char *node, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(node, name, n) && (!node[n] || node[n] == '@');
}

static void take(struct tree *t, const struct property *p)
{
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		if (wanted[i].depth == p->depth && (!wanted[i].node || node_is(p->node, wanted[i].node)) &&
		    !strcmp(p->name, wanted[i].name))
			wanted[i].take(t, p);
}

/* The structure block; false where it makes no sense. */
static bool read_structure(struct tree *t)
{
	const char *node = "";
	struct fdt_item item;

	for (;;)
		switch (fdt_next(&t->fdt, &item)) {
		case FDT_NODE_BEGINS:
			end_of_properties(t);
			node = item.name;
			break;
		case FDT_PROPERTY:
			/* Properties come before nodes inside a node: the last name is its own. */
			take(t, &(struct property){ .node = node, .name = item.name, .depth = item.depth,
			                            .data = item.data, .len = item.len });
			break;
		case FDT_NODE_ENDS:
			end_of_properties(t);
			break;
		case FDT_TREE_ENDS:
			return true;
		case FDT_DAMAGED:
			return false;
		}
}

/* Pairs of 64-bit numbers up to one of length 0: memory to be left alone. */
static void read_reserved(struct tree *t)
{
	const uint8_t *base = t->fdt.base;
	uint32_t at = fdt_word(base + H_RESERVED * 4);

	for (; at < t->fdt.bytes && t->fdt.bytes - at >= 16; at += 16) {
		uint64_t len = fdt_number(base + at + 8, 2);

		if (!len)
			return;
		add_range(t->info, fdt_number(base + at, 2), len, BOOT_RANGE_RESERVED);
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
	struct tree t = { .address_cells = 2, .size_cells = 1, .info = info };
	const uint8_t *base = (const uint8_t *)(uintptr_t)at;

	info->loader = LOADER_DTB;
	memcpy(info->loader_name, "device tree", sizeof("device tree"));
	if (!at || !IS_ALIGNED(at, 4u) || fdt_word(base) != FDT_MAGIC)
		base = (const uint8_t *)(uintptr_t)RAM_BASE;
	if (fdt_word(base) != FDT_MAGIC)
		boot_stop("no device tree: r2 was %08x, and RAM at %08x does not begin with one. Where RAM does not reach to\n"
		          "      %08x, the kernel itself may have been put over it", (unsigned)at, RAM_BASE,
		          RAM_BASE + (unsigned)BOOT_MAP_BYTES);
	if (!fdt_begin(&t.fdt, base))
		boot_stop("the device tree at %p says it has %u bytes", (const void *)base, (unsigned)t.fdt.bytes);
	if (!read_structure(&t))
		boot_stop("the device tree at %p is damaged", (const void *)base);
	read_reserved(&t);
	finish_initrd(info);
	if (!info->range_count)
		boot_stop("the device tree at %p names no memory", (const void *)base);
}
