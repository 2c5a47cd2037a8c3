/* tools/image/windows.c - crash dumps of Windows: complete ones, and those with a bitmap of pages.
 * SPDX-License-Identifier: MIT
 *
 * DUMP_HEADER and DUMP_HEADER64 (4096 and 8192 bytes), BITMAP_DUMP behind them.
 */
#include <inttypes.h>
#include <stdio.h>

#include "lib/addr.h"
#include "tools/image/reader.h"

enum { FULL = 1, BITMAP_FULL = 5, BITMAP_KERNEL = 6, BITMAP_ACTIVE = 7 };
enum { I386 = 0x14c, AMD64 = 0x8664, ARM64 = 0xaa64 };

/* Where the fields of a header are. */
struct header {
	unsigned w;                /* bytes of an address */
	unsigned size, cr3, machine, type, runs, run;
};
static const struct header header32 = { 4, 0x1000, 0x10, 0x20, 0xf88, 0x64, 0x6c };
static const struct header header64 = { 8, 0x2000, 0x10, 0x30, 0xf98, 0x88, 0x98 };
enum { PAE_ENABLED = 0x5c, RUNS_MOST = 0x320 };
/* BITMAP_DUMP64, from the end of the header on. */
enum { FIRST_PAGE = 0x20, PAGES = 0x30, BITMAP = 0x38 };

static const char *type_name(uint32_t type)
{
	static const char *const name[] = { "type 0", "", "kernel memory only", "a header only", "a minidump" };

	return type < 5 ? name[type] : "an unknown type";
}

/* The machine's paging format and CR3; whether it has five levels the file does not say. */
static bool read_machine(struct image *m, const struct header *h)
{
	uint32_t machine = get32(m, h->machine);
	struct image_cpu *cpu = image_add_cpu(m);
	const char *format = machine == AMD64 ? "x64" : machine == ARM64 ? "a64" : !m->map[PAE_ENABLED] ? "legacy" : "pae";

	if (!cpu)
		return image_damaged(m, NO_OFFSET, "no memory for a CPU");
	if (machine != AMD64 && machine != ARM64 && machine != I386)
		return image_refused(m, "of the machine type %x, which is not read", machine);
	snprintf(m->format, sizeof(m->format), "%s", format);
	image_put_register(cpu, "root", get_number(m->map + h->cr3, h->w));
	return true;
}

/* PHYSICAL_MEMORY_DESCRIPTOR: the runs stand one behind the other after the header. */
static bool read_runs(struct image *m, const struct header *h)
{
	uint32_t count = get32(m, h->runs);
	uint64_t offset = h->size;

	if (count > (RUNS_MOST - h->run) / (2 * h->w))
		return image_damaged(m, h->runs, "%u runs of memory do not fit into the header", count);
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *at = m->map + h->run + 2 * h->w * i;
		uint64_t page = get_number(at, h->w), pages = get_number(at + h->w, h->w);

		if (page >> 52 || pages >> 52)
			return image_damaged(m, (uint64_t)(at - m->map), "a run of %" PRIx64 " pages from page %" PRIx64 " on",
			                     pages, page);
		if (!image_add(m, page << PAGE_SHIFT, pages << PAGE_SHIFT, offset))
			return false;
		offset += pages << PAGE_SHIFT;
	}
	return true;
}

/* The pages whose bits are set stand one behind the other from the first page on; neighbours make one run. */
static bool read_bitmap(struct image *m, uint64_t at)
{
	uint64_t pages, offset, from = 0;

	if (!image_has(m, at, BITMAP) || (memcmp(m->map + at, "SDMP", 4) && memcmp(m->map + at, "FDMP", 4)))
		return image_damaged(m, at, "no bitmap of pages begins here");
	offset = get64(m, at + FIRST_PAGE);
	pages = get64(m, at + PAGES);
	if ((pages + 7) / 8 < pages / 8 || !image_has(m, at + BITMAP, (pages + 7) / 8))
		return image_damaged(m, at + PAGES, "the file ends within the bitmap of %" PRIx64 " pages", pages);
	for (uint64_t i = 0; i <= pages; i++) {
		bool set = i < pages && (m->map[at + BITMAP + i / 8] >> i % 8 & 1);

		if (set)
			continue;
		if (!image_add(m, from << PAGE_SHIFT, (i - from) << PAGE_SHIFT, offset))
			return false;
		offset += (i - from) << PAGE_SHIFT;
		from = i + 1;
	}
	return true;
}

static bool read_dump(struct image *m, const struct header *h)
{
	uint32_t type;

	if (!image_has(m, 0, h->size))
		return image_damaged(m, m->size, "the file ends within its header");
	type = get32(m, h->type);
	if (!read_machine(m, h))
		return false;
	if (type == FULL)
		return read_runs(m, h);
	if (h->w == 8 && type >= BITMAP_FULL && type <= BITMAP_ACTIVE)
		return read_bitmap(m, h->size);
	return image_refused(m, "%s: only a complete dump or one with a bitmap of pages is read", type_name(type));
}

bool image_open_windows32(struct image *m)
{
	return read_dump(m, &header32);
}

bool image_open_windows64(struct image *m)
{
	return read_dump(m, &header64);
}
