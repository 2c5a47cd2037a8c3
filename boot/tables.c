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
	t->mode = *mode;
	t->env = (struct pt_env){ .ctx = t, .read = read_entry, .store = store_entry, .table_alloc = pool_table };
	t->space = (struct pt_space){ .mode = &t->mode, .env = &t->env };
	t->pool_next = (uint32_t)pool;
	t->pool_end = (uint32_t)(pool + bytes);
	if (pool_table(t, pt_table_bytes(mode->format, mode->levels - 1u), &t->space.root) != OK)
		boot_stop("the image has no table pool");
}

void boot_map(struct boot_tables *t, uint64_t va, uint64_t pa, uint64_t len, prot_t prot)
{
	err_t err = pt_map(&t->space, va, PADDR(pa), len, PROT_R | PROT_ACCESSED | PROT_DIRTY | prot, 1, NULL);

	if (err != OK)
		boot_stop("cannot map %08llx-%08llx: %s", (unsigned long long)va, (unsigned long long)(va + len - 1),
		          err_text(err));
}

void boot_tables_done(const struct boot_tables *t, const struct image_header *h, uint64_t mapped, struct boot_info *info)
{
	info->root = t->space.root.v;
	info->mapped = mapped;
	info->tables_used = t->pool_next - (h->pool - h->base);
}
