/* boot/tables.c - what the walker's boot copy needs to build the first tables: physical memory and a pool.
 * SPDX-License-Identifier: MIT
 */
#include "boot/stage.h"

static err_t read_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	const void *p = (const void *)(uintptr_t)pa.v;

	(void)ctx;
	*out = PTE(bytes == 4 ? *(const uint32_t *)p : *(const uint64_t *)p);
	return OK;
}

/* Translation is off: no CPU reads these entries yet, so neither the order of halves nor barriers matter. */
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

/* Aligned to its size: roots of 16 KiB and of 32 bytes, tables of 4 KiB and 1 KiB. */
static err_t pool_table(void *ctx, unsigned bytes, paddr_t *out)
{
	struct boot_tables *t = ctx;
	uint32_t at = ALIGN_UP(t->pool_next, bytes);

	if (at > t->pool_end || t->pool_end - at < bytes)
		return ERR_NO_MEMORY;
	*out = PADDR(at);
	t->pool_next = at + bytes;
	return OK;
}

void boot_tables_begin(struct boot_tables *t, const struct pt_mode *mode, uint64_t pool, uint64_t bytes)
{
	paddr_t root;

	t->mode = *mode;
	t->env = (struct pt_env){ .ctx = t, .read = read_entry, .store = store_entry, .table_alloc = pool_table };
	t->pool_next = (uint32_t)pool;
	t->pool_end = (uint32_t)(pool + bytes);
	if (pool_table(t, pt_root_bytes(mode), &root) != OK)
		boot_stop("the image has no table pool");
	t->space = pt_space_of(&t->mode, &t->env, root);
}

void boot_map(struct boot_tables *t, uint64_t va, uint64_t pa, uint64_t len, prot_t prot)
{
	err_t err = pt_map(&t->space, va, PADDR(pa), len, PROT_R | PROT_ACCESSED | PROT_DIRTY | prot, 1, NULL);

	if (err != OK)
		boot_stop("cannot map %08llx-%08llx: %s", (unsigned long long)va, (unsigned long long)(va + len - 1),
		          err_text(err));
}

/* A range of physical memory [from, to) and its rights in the identity map (low), in the direct map and, if it is part of the
 * image, at its link address (image). hole: not mapped at its link address. */
struct span { uint64_t from, to; prot_t low, image, direct; bool in_image, hole; };

static void map_at(struct boot_tables *t, uint64_t base, const struct span *s, prot_t rights)
{
	boot_map(t, base + s->from, s->from, s->to - s->from, rights);
}

static void map_span(struct boot_tables *t, const struct image_header *h, const struct span *s)
{
	bool twice = h->direct != h->base;

	map_at(t, 0, s, s->low);
	if (twice)
		map_at(t, h->direct, s, s->direct | PROT_GLOBAL);
	if (!s->hole && (!twice || s->in_image))
		map_at(t, h->base, s, s->image | PROT_GLOBAL);
}

void boot_map_image(struct boot_tables *t, const struct image_header *h, uint64_t lowest, uint64_t top)
{
	uint64_t base = h->base, boot = (uintptr_t)boot_start, text = (uintptr_t)boot_text_end;
	uint64_t guard = h->stack_guard - base;
	const struct span map[] = {
		{ lowest, boot, PROT_W, PROT_W, PROT_W, false, false },
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
		map_span(t, h, &map[i]);
}

void boot_tables_done(const struct boot_tables *t, const struct image_header *h, uint64_t mapped, struct boot_info *info)
{
	info->root = t->space.half[0].root.v;
	info->mapped = mapped;
	info->tables_used = t->pool_next - (h->pool - h->base);
}
