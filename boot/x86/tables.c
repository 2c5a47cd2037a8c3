/* boot/x86/tables.c - the first tables: an identity map and the kernel's half, by the walker's boot copy.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"
#include "kernel/string.h"

#define BOOT_MAP_BYTES (16u << 20)

static err_t read_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	const void *p = (const void *)(uintptr_t)pa.v;

	(void)ctx;
	*out = PTE(bytes == 4 ? *(const uint32_t *)p : *(const uint64_t *)p);
	return OK;
}

/* Translation is off: no CPU reads these entries yet, so the order of the halves does not matter. */
static void store_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t old, pte_t new, const char *why)
{
	(void)ctx;
	(void)old;
	(void)why;
	if (bytes == 4)
		*(uint32_t *)(uintptr_t)pa.v = (uint32_t)new.v;
	else
		*(uint64_t *)(uintptr_t)pa.v = new.v;
}

static err_t pool_table(void *ctx, unsigned bytes, paddr_t *out)
{
	struct boot_tables *t = ctx;

	(void)bytes;    /* a page each, the PDPT too: its 32 bytes are then aligned and below 4 GiB */
	if (t->pool_next + PAGE_SIZE > t->pool_end)
		return ERR_NO_MEMORY;
	*out = PADDR(t->pool_next);
	t->pool_next += PAGE_SIZE;
	return OK;
}

/* Rights of a stretch of the image, W^X in both places; data and everything else is the default. */
struct stretch { uint64_t from, to; prot_t low, high; };

static void map_both(struct boot_tables *t, uint64_t base, const struct stretch *s)
{
	prot_t state = PROT_R | PROT_ACCESSED | PROT_DIRTY;
	err_t err = pt_map(&t->space, s->from, PADDR(s->from), s->to - s->from, state | s->low, 1, NULL);

	if (err == OK)
		err = pt_map(&t->space, base + s->from, PADDR(s->from), s->to - s->from,
		             state | s->high | PROT_GLOBAL, 1, NULL);
	if (err != OK)
		boot_stop("cannot map %08llx-%08llx: %s", (unsigned long long)s->from,
		          (unsigned long long)s->to - 1, err_text(err));
}

static void map_everything(struct boot_tables *t, const struct image_header *im, uint64_t top)
{
	uint64_t base = im->base;
	const struct stretch map[] = {
		{ 0, (uintptr_t)boot_start, PROT_W, PROT_W },
		{ (uintptr_t)boot_start, (uintptr_t)boot_text_end, PROT_X, PROT_W },
		{ (uintptr_t)boot_text_end, im->text - base, PROT_W, PROT_W },
		{ im->text - base, im->rodata - base, 0, PROT_X },
		{ im->rodata - base, im->data - base, 0, 0 },
		{ im->data - base, top, PROT_W, PROT_W },
	};

	for (size_t i = 0; i < ARRAY_LEN(map); i++)
		map_both(t, base, &map[i]);
}

/* Every directory of the kernel's format exists from the start, so that no top entry changes later. */
static void make_directories(struct boot_tables *t)
{
	const struct pt_format *f = t->mode.format;
	paddr_t at;

	for (uint64_t va = 0; va <= pt_va_mask(f); va += pt_level_size(f, f->levels - 1u))
		if (pt_ensure(&t->space, va, f->sync_level, NULL, &at) != OK)
			boot_stop("no room for the directory of %08llx", (unsigned long long)va);
}

void boot_build_tables(struct boot_tables *t, const struct image_header *im, struct boot_info *info)
{
	bool pae = info->format == BOOT_FORMAT_PAE;
	uint64_t top = ALIGN_UP(im->end - im->base, (uint64_t)BOOT_MAP_BYTES);

	t->mode = (struct pt_mode){
		.format = pae ? &pt_pae : &pt_legacy, .levels = pae ? 3 : 2, .pa_bits = info->pa_bits,
		.nx = pae && info->nx, .pse = info->pse, .pge = info->pge, .wp = info->wp,
	};
	t->env = (struct pt_env){ .ctx = t, .read = read_entry, .store = store_entry, .table_alloc = pool_table };
	t->pool_next = (uint32_t)(im->pool - im->base);
	t->pool_end = t->pool_next + (uint32_t)im->pool_bytes;
	t->space = (struct pt_space){ .mode = &t->mode, .env = &t->env };
	if (pool_table(t, PAGE_SIZE, &t->space.root) != OK)
		boot_stop("the image has no table pool");
	make_directories(t);
	map_everything(t, im, top);
	if (pt_selfmap_install(&t->space, im->selfmap[pae], NULL) != OK)
		boot_stop("cannot install the self-map");
	info->root = t->space.root.v;
	info->mapped = top;
	info->tables_used = t->pool_next - (im->pool - im->base);
}
