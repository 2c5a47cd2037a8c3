/* tools/walker/linux_regions.c - --regions linux-...: the regions of a Linux kernel, found in its tables.
 * SPDX-License-Identifier: MIT
 *
 * Linux's documents fix most bounds (arch/x86/x86_64/mm.rst, arch/arm/memory.rst, arch/arm64/memory.rst, riscv/vm-layout.rst). Some
 * depend on the amount of memory, or are random: the direct map is where most bytes have the same distance between virtual and
 * physical address. What follows it begins with the first page that is mapped behind it, as vmalloc() takes the lowest addresses
 * first.
 */
#include "tools/walker/linux_regions.h"

#include <string.h>

#include "tools/walker/session.h"

#define TIB (1ull << 40)
#define ENOUGH 512u               /* different distances: the direct map's is among the first ones, since its pages are large */

/* FIXED: the bounds are those of the table. DIRECT: searched between them. AFTER: begins with the first page behind the region
 * before it, at a multiple of `align`, and has `bytes`. REST: from the region before it to `last`. */
enum how { FIXED, DIRECT, AFTER, REST };

struct linux_region {
	const char *name;
	enum how how;
	uint64_t first, last, bytes, align;
};

struct linux_layout {
	const char *name;
	struct linux_region region[12];
};

#define USER(last) { "user", FIXED, 0, last, 0, 0 }
#define X86_TOP \
	{ "cpu_entry_area", FIXED, 0xfffffe0000000000, 0xfffffe7fffffffff, 0, 0 }, \
	{ "espfix", FIXED, 0xffffff0000000000, 0xffffff7fffffffff, 0, 0 }, \
	{ "EFI", FIXED, 0xffffffef00000000, 0xfffffffeffffffff, 0, 0 }, \
	{ "kernel text", FIXED, 0xffffffff80000000, 0xffffffffbfffffff, 0, 0 }, \
	{ "modules", FIXED, 0xffffffffc0000000, 0xfffffffffeffffff, 0, 0 }, \
	{ "fixmap", FIXED, 0xffffffffff000000, 0xffffffffffffffff, 0, 0 }
#define ARM_ALL \
	USER(0xbeffffff), \
	{ "modules", FIXED, 0xbf000000, 0xbfdfffff, 0, 0 }, \
	{ "pkmap", FIXED, 0xbfe00000, 0xbfffffff, 0, 0 }, \
	{ "direct map", DIRECT, 0xc0000000, 0xf7ffffff, 0, 0 }, \
	{ "vmalloc", REST, 0, 0xff7fffff, 0, 0 }, \
	{ "fixmap", FIXED, 0xff800000, 0xfffeffff, 0, 0 }, \
	{ "vectors", FIXED, 0xffff0000, 0xffff1fff, 0, 0 }
#define RISCV_TOP \
	{ "modules", FIXED, 0xffffffff00000000, 0xffffffff7fffffff, 0, 0 }, \
	{ "kernel text", FIXED, 0xffffffff80000000, 0xffffffffffffffff, 0, 0 }

static const struct linux_layout layouts[] = {
	{ "linux-amd64", {
		USER(0x00007fffffffffff),
		{ "LDT remap", FIXED, 0xffff880000000000, 0xffff887fffffffff, 0, 0 },
		{ "direct map", DIRECT, 0xffff888000000000, 0xfffffdffffffffff, 0, 0 },
		{ "vmalloc", AFTER, 0, 0xfffffdffffffffff, 32 * TIB, 1 << 30 },
		{ "vmemmap", AFTER, 0, 0xfffffdffffffffff, TIB, 1 << 30 },
		X86_TOP,
	} },
	{ "linux-amd64-5level", {
		USER(0x00ffffffffffffff),
		{ "LDT remap", FIXED, 0xff10000000000000, 0xff10ffffffffffff, 0, 0 },
		{ "direct map", DIRECT, 0xff11000000000000, 0xfffffdffffffffff, 0, 0 },
		{ "vmalloc", AFTER, 0, 0xfffffdffffffffff, 12800 * TIB, 1 << 30 },
		{ "vmemmap", AFTER, 0, 0xfffffdffffffffff, 512 * TIB, 1 << 30 },
		X86_TOP,
	} },
	{ "linux-i386", {
		USER(0xbfffffff),
		{ "direct map", DIRECT, 0xc0000000, 0xfeffffff, 0, 0 },
		{ "vmalloc", REST, 0, 0xfeffffff, 0, 0 },
		{ "fixed addresses", FIXED, 0xff000000, 0xffffffff, 0, 0 },
	} },
	{ "linux-arm", { ARM_ALL } },
	{ "linux-arm64", {
		USER(0x0000ffffffffffff),
		{ "direct map", DIRECT, 0xffff000000000000, 0xffff7fffffffffff, 0, 0 },
		{ "modules", FIXED, 0xffff800000000000, 0xffff800007ffffff, 0, 0 },
		{ "vmalloc", FIXED, 0xffff800008000000, 0xfffffbffefffffff, 0, 0 },
		{ "fixmap", FIXED, 0xfffffbfffdbf9000, 0xfffffbfffdffffff, 0, 0 },
		{ "PCI I/O", FIXED, 0xfffffbfffe800000, 0xfffffbffff7fffff, 0, 0 },
		{ "vmemmap", FIXED, 0xfffffc0000000000, 0xfffffdffffffffff, 0, 0 },
	} },
	{ "linux-riscv-sv39", {
		USER(0x0000003fffffffff),
		{ "fixmap", FIXED, 0xffffffc6fea00000, 0xffffffc6feffffff, 0, 0 },
		{ "PCI I/O", FIXED, 0xffffffc6ff000000, 0xffffffc6ffffffff, 0, 0 },
		{ "vmemmap", FIXED, 0xffffffc700000000, 0xffffffc7ffffffff, 0, 0 },
		{ "vmalloc", FIXED, 0xffffffc800000000, 0xffffffd7ffffffff, 0, 0 },
		{ "direct map", FIXED, 0xffffffd800000000, 0xfffffff6ffffffff, 0, 0 },
		RISCV_TOP,
	} },
	{ "linux-riscv-sv48", {
		USER(0x00007fffffffffff),
		{ "fixmap", FIXED, 0xffff8d7ffea00000, 0xffff8d7ffeffffff, 0, 0 },
		{ "PCI I/O", FIXED, 0xffff8d7fff000000, 0xffff8d7fffffffff, 0, 0 },
		{ "vmemmap", FIXED, 0xffff8d8000000000, 0xffff8f7fffffffff, 0, 0 },
		{ "vmalloc", FIXED, 0xffff8f8000000000, 0xffffaf7fffffffff, 0, 0 },
		{ "direct map", FIXED, 0xffffaf8000000000, 0xffffef7fffffffff, 0, 0 },
		RISCV_TOP,
	} },
	{ "linux-riscv-sv57", {
		USER(0x00ffffffffffffff),
		{ "fixmap", FIXED, 0xff1bfffffea00000, 0xff1bfffffeffffff, 0, 0 },
		{ "PCI I/O", FIXED, 0xff1bffffff000000, 0xff1bffffffffffff, 0, 0 },
		{ "vmemmap", FIXED, 0xff1c000000000000, 0xff1fffffffffffff, 0, 0 },
		{ "vmalloc", FIXED, 0xff20000000000000, 0xff5fffffffffffff, 0, 0 },
		{ "direct map", FIXED, 0xff60000000000000, 0xffdeffffffffffff, 0, 0 },
		RISCV_TOP,
	} },
};

const struct linux_layout *linux_layout(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(layouts); i++)
		if (!strcmp(layouts[i].name, name))
			return &layouts[i];
	return NULL;
}

const char *linux_layout_name(size_t i)
{
	return i < ARRAY_LEN(layouts) ? layouts[i].name : NULL;
}

/* ---- bounds that the tables say ---- */

struct distance { uint64_t value, bytes, first, last; };

struct distances { struct distance list[ENOUGH]; unsigned n; };

static bool add_distance(void *ctx, const struct pt_visit_entry *e)
{
	struct distances *d = ctx;
	uint64_t value = e->va - e->pa.v;
	unsigned i = 0;

	while (i < d->n && d->list[i].value != value)
		i++;
	if (i == ENOUGH)
		return true;
	if (i == d->n)
		d->list[d->n++] = (struct distance){ .value = value, .first = e->va };
	d->list[i].bytes += e->size;
	d->list[i].last = e->va + (e->size - 1);
	return true;
}

static bool first_page(void *ctx, const struct pt_visit_entry *e)
{
	*(uint64_t *)ctx = e->va;
	return false;
}

/* The first mapped address in [first, last]; last: there is none. */
static uint64_t first_mapped(struct session *s, uint64_t first, uint64_t last)
{
	struct pt_space space = target_space(&s->target);
	uint64_t found = last;

	if (session_new_folds(s))
		(void)!pt_visit(&space, first, last, PT_VISIT_LEAF, first_page, &found);
	return found;
}

/* The range of most bytes at one distance; false: nothing is mapped there. */
static bool find_direct(struct session *s, const struct linux_region *r, struct region *to)
{
	static struct distances d;
	struct pt_space space = target_space(&s->target);
	unsigned best = 0;

	d.n = 0;
	if (session_new_folds(s))
		(void)!pt_visit(&space, r->first, r->last, PT_VISIT_LEAF, add_distance, &d);
	for (unsigned i = 1; i < d.n; i++)
		if (d.list[i].bytes > d.list[best].bytes)
			best = i;
	if (d.n) {
		to->first = d.list[best].first;
		to->last = d.list[best].last;
	}
	return d.n;
}

static bool find_bounds(struct session *s, const struct linux_region *r, uint64_t before, struct region *to)
{
	to->first = r->first;
	to->last = r->last;
	switch (r->how) {
	case DIRECT:
		return find_direct(s, r, to);
	case AFTER:
		to->first = first_mapped(s, before + 1, r->last) / r->align * r->align;
		to->first = to->first > before ? to->first : before + 1;
		to->last = r->last - to->first < r->bytes ? r->last : to->first + (r->bytes - 1);
		return to->first < r->last;
	case REST:
		to->first = before + 1;
		return to->first < to->last;
	default:
		return true;
	}
}

void linux_regions(struct session *s, const struct linux_layout *layout)
{
	uint64_t before = 0;
	size_t n = 0;

	for (const struct linux_region *r = layout->region; r < layout->region + ARRAY_LEN(layout->region) && r->name; r++) {
		struct region found = { .kind = n ? REGION_VIRTUAL : REGION_USER, .name = r->name };

		if (!find_bounds(s, r, before, &found))
			continue;
		s->regions[n++] = found;
		before = found.last;
	}
	s->target.regions = s->regions;
}
