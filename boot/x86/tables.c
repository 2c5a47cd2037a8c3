/* boot/x86/tables.c - the first tables: an identity map and the kernel's half.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"

#define BOOT_MAP_BYTES (16u << 20)

/* A stretch of physical memory: what it may at its own address, in the direct map, and, where it is part of the image,
 * at the address that it is linked for. W^X holds for each frame, under all of its names. */
struct stretch { uint64_t from, to; prot_t low, image, direct; bool in_image, hole; };

static void map_at(struct boot_tables *t, uint64_t base, const struct stretch *s, prot_t rights)
{
	boot_map(t, base + s->from, s->from, s->to - s->from, rights);
}

static void map_stretch(struct boot_tables *t, const struct x86_image *im, const struct stretch *s)
{
	uint64_t base = im->header.base;
	bool twice = im->direct != base;

	map_at(t, 0, s, s->low);
	if (twice)
		map_at(t, im->direct, s, s->direct | PROT_GLOBAL);
	if (!s->hole && (!twice || s->in_image))
		map_at(t, base, s, s->image | PROT_GLOBAL);
}

static void map_everything(struct boot_tables *t, const struct x86_image *im, uint64_t top)
{
	const struct image_header *h = &im->header;
	uint64_t base = h->base, boot = (uintptr_t)boot_start, text = (uintptr_t)boot_text_end;
	uint64_t guard = im->stack_guard - base;
	const struct stretch map[] = {
		{ 0, boot, PROT_W, PROT_W, PROT_W, false, false },
		{ boot, text, PROT_X, 0, 0, false, false },
		{ text, (uintptr_t)boot_end, PROT_W, PROT_W, PROT_W, false, false },
		{ (uintptr_t)boot_end, h->text - base, 0, 0, 0, true, false },   /* the image's header */
		{ h->text - base, h->rodata - base, 0, PROT_X, 0, true, false },
		{ h->rodata - base, h->data - base, 0, 0, 0, true, false },
		{ h->data - base, guard, PROT_W, PROT_W, PROT_W, true, false },
		{ guard, guard + PAGE_SIZE, PROT_W, 0, PROT_W, true, true },
		{ guard + PAGE_SIZE, h->end - base, PROT_W, PROT_W, PROT_W, true, false },
		{ h->end - base, top, PROT_W, PROT_W, PROT_W, false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(map); i++)
		map_stretch(t, im, &map[i]);
}

/* Formats whose top entries the CPU keeps in registers get every directory now, so that no top entry changes later. */
static void make_directories(struct boot_tables *t)
{
	const struct pt_format *f = t->mode.format;
	paddr_t at;

	for (uint64_t va = 0; (f->caps & PT_RELOAD_ROOT) && va <= pt_va_mask(f); va += pt_level_size(f, f->levels - 1u))
		if (pt_ensure(&t->space, va, f->sync_level, NULL, &at) != OK)
			boot_stop("no room for the directory of %08llx", (unsigned long long)va);
}

void boot_build_tables(struct boot_tables *t, const struct x86_image *im, struct boot_info *info,
                       const struct pt_format *format)
{
	const struct image_header *h = &im->header;
	uint64_t top = ALIGN_UP(h->end - h->base, (uint64_t)BOOT_MAP_BYTES);
	const struct pt_mode mode = {
		.format = format, .levels = format->levels, .pa_bits = info->pa_bits, .nx = info->nx, .pse = info->pse,
		.pge = info->pge, .gib_pages = info->gib_pages, .wp = info->wp, .hw_accessed = true, .hw_dirty = true,
	};

	boot_tables_begin(t, &mode, h->pool - h->base, h->pool_bytes);
	make_directories(t);
	map_everything(t, im, top);
	if (pt_selfmap_install(&t->space, h->selfmap[info->format & 1], NULL) != OK)
		boot_stop("cannot install the self-map");
	boot_tables_done(t, h, top, info);
}
