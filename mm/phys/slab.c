/* mm/phys/slab.c - slab caches: objects of one size, one frame per slab.
 * SPDX-License-Identifier: MIT
 *
 *   a slab:   | object | object | free: next, mark, poison | object | ... | rest |
 *   its frame record:  owner = the cache, slab_used, slab_free, links of the partial or full list
 */
#include "mm/phys/slab.h"
#include "lib/string.h"
#include "mm/phys/direct.h"

#define NO_OBJECT 0xFFFF

/* At the start of every free object. The mark depends on the address, so that a copy of a free object is not mistaken for one. */
struct free_object { uint16_t next, mark; };
STATIC_ASSERT(free_object_fits_the_smallest, sizeof(struct free_object) <= SLAB_MIN);
STATIC_ASSERT(offsets_fit_16_bits, PAGE_SIZE < NO_OBJECT);

static struct slab_cache *all_caches;

static uint16_t mark_of(uint16_t offset)
{
	return (uint16_t)(0xF4EE ^ offset);
}

static char *slab_base(const struct frame *f)
{
	return phys_to_virt(pfn_base(frame_pfn(f)));
}

static struct free_object *free_at(const struct frame *f, uint16_t offset)
{
	return (struct free_object *)(void *)(slab_base(f) + offset);
}

void slab_init(struct slab_cache *cache, const char *name, size_t size, size_t align, unsigned flags)
{
	struct slab_cache **p = &all_caches;

	ASSERT(size >= SLAB_MIN && size <= SLAB_MAX);
	ASSERT(align >= 1 && align <= SLAB_MAX && (align & (align - 1)) == 0);
	while (*p && *p != cache)
		p = &(*p)->next;
	if (!*p)
		cache->next = NULL;
	size = ALIGN_UP(size, align > 4 ? align : 4);
	*p = cache;
	cache->name = name;
	cache->size = (uint16_t)size;
	cache->per_slab = (uint16_t)(PAGE_SIZE / size);
	cache->flags = flags;
	cache->partial = cache->full = cache->empty = FRAME_NIL;
	cache->slabs = cache->in_use = cache->peak = cache->failures = 0;
}

static void release_object(const struct slab_cache *cache, struct frame *f, uint16_t offset)
{
	struct free_object *o = free_at(f, offset);

	memset(o + 1, SLAB_POISON, cache->size - sizeof(*o));
	*o = (struct free_object){ .next = f->slab_free, .mark = mark_of(offset) };
	f->slab_free = offset;
}

/* Returns a new slab without allocated objects, on no list. NULL: no frame. */
static struct frame *slab_new(struct slab_cache *cache)
{
	unsigned flags = FRAME_LOW | (cache->flags & FRAME_BELOW_4G);
	struct frame *f;
	pfn_t pfn;

	if (frame_alloc(flags, cache->flags & SLAB_TABLE ? FRAME_TABLE : FRAME_KERNEL, &pfn) != OK) {
		cache->failures++;
		return NULL;
	}
	f = frame_at(pfn);
	f->use = FRAME_USE_SLAB;
	f->owner = (uintptr_t)cache;
	f->slab_used = 0;
	f->slab_free = NO_OBJECT;
	for (unsigned n = cache->per_slab; n-- > 0;)
		release_object(cache, f, (uint16_t)(n * cache->size));
	cache->slabs++;
	return f;
}

/* A slab with a free object, on the partial list. */
static struct frame *slab_with_room(struct slab_cache *cache)
{
	struct frame *f;

	if (cache->partial != FRAME_NIL)
		return &frame_db.record[cache->partial];
	if (cache->empty != FRAME_NIL) {
		f = &frame_db.record[cache->empty];
		cache->empty = FRAME_NIL;
	} else if (!(f = slab_new(cache))) {
		return NULL;
	}
	frame_link(&cache->partial, frame_index(f));
	return f;
}

void *slab_alloc(struct slab_cache *cache)
{
	struct frame *f = slab_with_room(cache);
	struct free_object *o;

	if (!f)
		return NULL;
	ASSERT(f->slab_free <= PAGE_SIZE - cache->size);
	o = free_at(f, f->slab_free);
	ASSERT(o->mark == mark_of(f->slab_free));
	f->slab_free = o->next;
	if (++f->slab_used == cache->per_slab) {
		frame_unlink(&cache->partial, frame_index(f));
		frame_link(&cache->full, frame_index(f));
	}
	if (++cache->in_use > cache->peak)
		cache->peak = cache->in_use;
	/* Always clears the mark: slab_free() searches the list of free objects, for a second free, only if the mark is there. */
	memset(o, 0, cache->flags & FRAME_ZERO ? cache->size : sizeof(*o));
	return o;
}

static bool is_free(const struct slab_cache *cache, const struct frame *f, uint16_t offset)
{
	uint16_t at = f->slab_free;

	if (free_at(f, offset)->mark != mark_of(offset))
		return false;
	for (unsigned n = 0; n < cache->per_slab && at <= PAGE_SIZE - cache->size; n++) {
		if (at == offset)
			return true;
		at = free_at(f, at)->next;
	}
	return false;
}

/* Slab `f` on the partial list has no allocated object: one such slab is kept, any other is freed. */
static void retire_slab(struct slab_cache *cache, struct frame *f)
{
	frame_unlink(&cache->partial, frame_index(f));
	if (cache->empty == FRAME_NIL) {
		cache->empty = frame_index(f);
		return;
	}
	cache->slabs--;
	frame_free_run(frame_pfn(f), 1);
}

static struct frame *slab_frame(const void *object)
{
	struct frame *f = frame_at(pfn_of(virt_to_phys(object)));

	return f && f->use == FRAME_USE_SLAB ? f : NULL;
}

void slab_free(struct slab_cache *cache, void *object)
{
	uint16_t offset = (uint16_t)((uintptr_t)object & PAGE_MASK);
	struct frame *f;

	if (!object)
		return;
	f = slab_frame(object);
	ASSERT(f && f->owner == (uintptr_t)cache);
	ASSERT(offset % cache->size == 0 && offset / cache->size < cache->per_slab);
	ASSERT(f->slab_used > 0 && !is_free(cache, f, offset));
	release_object(cache, f, offset);
	if (f->slab_used-- == cache->per_slab) {
		frame_unlink(&cache->full, frame_index(f));
		frame_link(&cache->partial, frame_index(f));
	}
	cache->in_use--;
	if (f->slab_used == 0)
		retire_slab(cache, f);
}

unsigned slab_shrink(struct slab_cache *cache)
{
	uint32_t i = cache->empty;

	if (i == FRAME_NIL)
		return 0;
	cache->empty = FRAME_NIL;
	cache->slabs--;
	frame_free_run(frame_pfn(&frame_db.record[i]), 1);
	return 1;
}

struct slab_cache *slab_of(const void *object)
{
	struct frame *f = slab_frame(object);

	return f ? (struct slab_cache *)(uintptr_t)f->owner : NULL;
}

struct slab_cache *slab_first(void)
{
	return all_caches;
}

/* ---- consistency check ---- */

static bool is_poison(const struct free_object *o, size_t size)
{
	const unsigned char *p = (const unsigned char *)(o + 1);

	for (size_t n = size - sizeof(*o); n > 0; n--)
		if (*p++ != SLAB_POISON)
			return false;
	return true;
}

/* Checks the list of free objects of one slab: their number, marks and poison. */
static const char *check_slab(const struct slab_cache *cache, const struct frame *f, const void **where)
{
	unsigned free = 0;

	*where = slab_base(f);
	if (f->use != FRAME_USE_SLAB || f->owner != (uintptr_t)cache)
		return "slab of another cache";
	for (uint16_t at = f->slab_free; at != NO_OBJECT; free++) {
		if (at % cache->size || at / cache->size >= cache->per_slab || free == cache->per_slab)
			return "list of free objects broken";
		*where = free_at(f, at);
		if (free_at(f, at)->mark != mark_of(at) || !is_poison(free_at(f, at), cache->size))
			return "object written to after it was freed";
		at = free_at(f, at)->next;
	}
	return free + f->slab_used == cache->per_slab ? NULL : "objects of a slab miscounted";
}

struct totals { uint32_t slabs, in_use; };

static const char *check_slabs(const struct slab_cache *cache, uint32_t head, unsigned least, unsigned most,
                               struct totals *sum, const void **where)
{
	const char *wrong;

	for (uint32_t i = head; i != FRAME_NIL; i = frame_db.record[i].next) {
		const struct frame *f = &frame_db.record[i];

		if (++sum->slabs > cache->slabs)
			return "more slabs listed than counted";
		if ((wrong = check_slab(cache, f, where)) != NULL)
			return wrong;
		if (f->slab_used < least || f->slab_used > most)
			return "slab on the wrong list";
		sum->in_use += f->slab_used;
	}
	return NULL;
}

const char *slab_check(const struct slab_cache *cache, const void **where)
{
	struct totals sum = { 0, 0 };
	const void *unused;
	const char *wrong;
	unsigned n = cache->per_slab;

	if (!where)
		where = &unused;
	if ((wrong = check_slabs(cache, cache->partial, 1, n - 1, &sum, where)) != NULL ||
	    (wrong = check_slabs(cache, cache->full, n, n, &sum, where)) != NULL ||
	    (wrong = check_slabs(cache, cache->empty, 0, 0, &sum, where)) != NULL)
		return wrong;
	*where = cache;
	return sum.slabs == cache->slabs && sum.in_use == cache->in_use ? NULL : "slabs or objects miscounted";
}
