/* boot/x86/tables.c - the first tables: an identity map and the kernel's half.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"

#define BOOT_MAP_BYTES (16u << 20)

/* Formats whose top entries the CPU keeps in registers get every directory now, so that no top entry changes later. */
static void make_directories(struct boot_tables *t)
{
	const struct pt_format *f = t->mode.format;
	paddr_t at;

	for (uint64_t va = 0; (f->caps & PT_RELOAD_ROOT) && va <= pt_va_mask(f); va += pt_level_size(f, f->levels - 1u))
		if (pt_ensure(&t->space, va, f->shared_level, NULL, &at) != OK)
			boot_stop("no room for the directory of %08llx", (unsigned long long)va);
}

void boot_build_tables(struct boot_tables *t, const struct image_header *h, struct boot_info *info,
                       const struct pt_format *format)
{
	uint64_t top = ALIGN_UP(h->end - h->base, (uint64_t)BOOT_MAP_BYTES);
	const struct pt_mode mode = {
		.format = format, .levels = format->levels, .pa_bits = info->pa_bits, .nx = info->nx, .pse = info->pse,
		.pge = info->pge, .gib_pages = info->gib_pages, .wp = info->wp, .hw_accessed = true, .hw_dirty = true,
	};

	boot_tables_begin(t, &mode, h->pool - h->base, h->pool_bytes);
	make_directories(t);
	boot_map_image(t, h, 0, top);
	if (pt_selfmap_install(&t->space, h->selfmap[info->format & 1], NULL) != OK)
		boot_stop("cannot install the self-map");
	boot_tables_done(t, h, top, info);
}
