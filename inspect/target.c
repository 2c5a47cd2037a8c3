/* inspect/target.c - reads and writes virtual memory of a target, through its tables.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/target.h"

/* One entry for each page of the address space. */
static uint64_t selfmap_bytes(const struct pt_format *f)
{
	return (pt_va_mask(f) >> f->level[0].shift) * f->entry_bytes + f->entry_bytes;
}

static bool in_selfmap(const struct target *t, uint64_t va)
{
	return t->selfmap_base != 0 && va - t->selfmap_base < selfmap_bytes(t->mode->format);
}

bool target_selfmap(const struct target *t, uint64_t *first, uint64_t *last)
{
	*first = t->selfmap_base;
	*last = t->selfmap_base + (selfmap_bytes(t->mode->format) - 1);
	return t->selfmap_base != 0;
}

/* The self-map is the only kernel range that differs between processes. With DECODE_USER, kernel addresses use the CPU's root, so
 * the self-map contains the entries of the tables that the CPU walks. */
struct pt_space target_space_at(const struct target *t, uint64_t va)
{
	struct pt_space space = target_space(t);

	if (t->decode == DECODE_NONE || (t->decode == DECODE_USER && in_selfmap(t, va)))
		pt_set_root(&space, t->hw_root);
	return space;
}

struct pt_space target_tables_at(const struct target *t, uint64_t va)
{
	return target_space_at(t, t->selfmap_base ? t->selfmap_base : va);
}

/* A physical address, and the number of bytes up to the end of its page. */
struct place {
	paddr_t pa;
	size_t contiguous;
	prot_t cache;
};

void target_walk(const struct target *t, uint64_t va, struct pt_walk *walk)
{
	struct pt_space space = target_space_at(t, va);

	pt_walk(&space, va, walk, NULL, 0);
	if (walk->outcome == PT_LEAF || !target_is_lazy(t, va))
		return;
	pt_set_root(&space, t->lazy_root);
	pt_walk(&space, va, walk, NULL, 0);
}

static err_t translate(const struct target *t, uint64_t va, struct place *place)
{
	struct pt_walk walk;
	uint64_t rest;

	if (t->flat) {
		*place = (struct place){ PADDR(va), PAGE_SIZE - (size_t)(va & PAGE_MASK), 0 };
		return OK;
	}
	target_walk(t, va, &walk);
	if (walk.err)
		return walk.err;
	if (walk.outcome != PT_LEAF)
		return ERR_NOT_FOUND;
	rest = walk.page.size - (walk.pa.v - walk.page.pa.v);
	*place = (struct place){ walk.pa, rest < SIZE_MAX ? (size_t)rest : SIZE_MAX, walk.prot & PROT_CACHE_MASK };
	return OK;
}

static err_t read_place(const struct target *t, const struct place *place, void *to, size_t n)
{
	err_t err = t->read_phys(t->ctx, place->pa, to, n);

	return err == ERR_IO && t->read_device ? t->read_device(t->ctx, place->pa, place->cache, to, n) : err;
}

/* Walks all of [va, va + n) page by page. With neither buffer it only checks that all is mapped. */
static err_t transfer(const struct target *t, uint64_t va, void *to, const void *from, size_t n)
{
	size_t done = 0;

	/* A range must not wrap around the end of the address space. */
	if (n && va + (n - 1) < va)
		return ERR_RANGE;
	while (done < n) {
		struct place place = { .contiguous = 0 };
		err_t err = translate(t, va + done, &place);
		size_t part = place.contiguous < n - done ? place.contiguous : n - done;

		if (!err && to)
			err = read_place(t, &place, (char *)to + done, part);
		if (!err && from)
			err = t->write_phys(t->ctx, place.pa, (const char *)from + done, part);
		if (err)
			return err;
		done += part;
	}
	return OK;
}

err_t target_read_virt(const struct target *t, uint64_t va, void *buf, size_t n)
{
	return transfer(t, va, buf, NULL, n);
}

err_t target_write_virt(const struct target *t, uint64_t va, const void *buf, size_t n)
{
	err_t err;

	if (!t->write_phys)
		return ERR_UNSUPPORTED;
	/* The first pass writes nothing, so that an unmapped page in the middle leaves all memory unchanged. */
	err = transfer(t, va, NULL, NULL, n);
	return err ? err : transfer(t, va, NULL, buf, n);
}

bool target_entry_at(const struct target *t, uint64_t at, unsigned *level, uint64_t *va)
{
	const struct pt_mode *mode = t->mode;
	const struct pt_format *f = mode->format;
	/* PAE's top entries have no address. */
	unsigned levels = mode->levels - ((f->caps & PT_TOP_HAS_NO_RIGHTS) != 0);

	if (!in_selfmap(t, at))
		return false;
	for (unsigned l = levels; l-- > 0; ) {
		uint64_t index = (at - pt_selfmap_entry(mode, t->selfmap_base, 0, l)) / f->entry_bytes;

		if (index > pt_mode_va_mask(mode) >> f->level[l].shift)
			continue;
		*level = l;
		*va = pt_va_canonical(mode, index << f->level[l].shift);
		return true;
	}
	return false;
}

bool target_page_of_entry(const struct target *t, uint64_t at, uint64_t *va)
{
	const struct pt_mode *mode = t->mode;

	if (!in_selfmap(t, at))
		return false;
	*va = pt_va_canonical(mode, (at - t->selfmap_base) / mode->format->entry_bytes << mode->format->level[0].shift);
	return true;
}

const struct region *target_region(const struct target *t, uint64_t va)
{
	for (const struct region *r = t->regions; r && r->name; r++)
		if (va >= r->first && va <= r->last)
			return r;
	return NULL;
}

bool target_space_number(const struct target *t, unsigned i, struct system_space *s)
{
	if (t->system && t->system->space)
		return t->system->space(t->system_ctx, i, s);
	*s = (struct system_space){ .root = t->root, .reference = true };
	return t->root_number ? t->root_number(t->ctx, i, &s->root) : i == 0;
}

bool target_reference_space(const struct target *t, struct system_space *s)
{
	for (unsigned i = 0; t->system && target_space_number(t, i, s); i++)
		if (s->reference)
			return true;
	return false;
}

bool target_implicit(const struct target *t, struct system_process *p)
{
	return t->system && t->system->implicit && t->system->implicit(t->system_ctx, t->root, p);
}

bool target_identity(const struct target *t, uint64_t *first, uint64_t *last)
{
	return t->system && t->system->identity && t->system->identity(t->system_ctx, first, last);
}

const char *target_no_address(const struct target *t)
{
	return t->mode->format->caps & PT_SIGN_EXTEND ? "not canonical" : "outside the address space";
}

static unsigned sharers_of(const struct target *t, paddr_t entry)
{
	return t->system && t->system->sharers ? t->system->sharers(t->system_ctx, entry) : 0;
}

void target_put_sharers(struct out *out, const struct target *t, paddr_t entry)
{
	unsigned n = sharers_of(t, entry);

	if (n)
		out_printf(out, " shared by 0n%u", n);
}

void target_put_sharing(struct out *out, const struct target *t, paddr_t root, uint64_t va)
{
	struct pt_space space = target_space_of(t, root);
	struct pt_slot slot;

	if (!pt_va_valid(target_mode_at(t, va), va) || pt_lookup(&space, va, 0, &slot) != OK || slot.level != 0 ||
	    !sharers_of(t, slot.entry_pa))
		return;
	out_printf(out, "page table");
	target_put_sharers(out, t, slot.entry_pa);
	out_puts(out, ": the entry above it forbids writes until one changes something below\n");
}

unsigned target_va_digits(const struct target *t)
{
	return t->mode->format->va_bits > 32 ? 16 : 8;
}

static bool is_extended(uint64_t value)
{
	return value == (uint64_t)(int64_t)(int32_t)(uint32_t)value;
}

uint64_t target_address(const struct target *t, uint64_t value)
{
	return target_va_digits(t) == 8 && is_extended(value) ? (uint32_t)value : value;
}

bool target_needs_upper(const struct target *t, uint64_t value)
{
	return target_va_digits(t) == 16 || (value > UINT32_MAX && !is_extended(value));
}
