/* mm/phys/heap.c - kmalloc and kfree: a table of slab caches, runs of frames above them.
 * SPDX-License-Identifier: MIT
 *
 * An allocation has no header: the record of its frame has its kind and size.
 */
#include "mm/phys/heap.h"
#include "lib/string.h"
#include "mm/phys/direct.h"

/* Powers of two and sizes between them that waste little of a page: 672 is a sixth of a page, 1360 a third. */
static const struct { uint16_t size; const char *name; } classes[] = {
	{ 16, "kmalloc-16" },   { 32, "kmalloc-32" },     { 48, "kmalloc-48" },     { 64, "kmalloc-64" },
	{ 96, "kmalloc-96" },   { 128, "kmalloc-128" },   { 192, "kmalloc-192" },   { 256, "kmalloc-256" },
	{ 336, "kmalloc-336" }, { 512, "kmalloc-512" },   { 672, "kmalloc-672" },   { 1024, "kmalloc-1024" },
	{ 1360, "kmalloc-1360" }, { 2048, "kmalloc-2048" },
};
STATIC_ASSERT(heap_max_is_the_largest_run, HEAP_MAX == PAGE_SIZE << FRAME_MAX_ORDER);

static struct {
	struct slab_cache cache[ARRAY_LEN(classes)];
	uint8_t class_of[SLAB_MAX / HEAP_ALIGN + 1];    /* by the size in HEAP_ALIGNs, rounded up */
	uint32_t runs;          /* first frames, a list */
	uint32_t run_count, run_frames;
	uint64_t failures;
} heap;

void heap_init(void)
{
	unsigned class = 0;

	for (unsigned i = 0; i < ARRAY_LEN(classes); i++)
		slab_init(&heap.cache[i], classes[i].name, classes[i].size, HEAP_ALIGN, 0);
	for (unsigned n = 0; n < ARRAY_LEN(heap.class_of); n++) {
		if (n * HEAP_ALIGN > classes[class].size)
			class++;
		heap.class_of[n] = (uint8_t)class;
	}
	heap.runs = FRAME_NIL;
	heap.run_count = heap.run_frames = 0;
	heap.failures = 0;
}

/* ---- runs of frames ---- */

static void *run_alloc(size_t size)
{
	unsigned frames = (unsigned)(ALIGN_UP(size, PAGE_SIZE) >> PAGE_SHIFT);
	unsigned order = frames > 2 ? 2 : frames - 1;
	struct frame *f;
	pfn_t pfn;

	if (frame_alloc_run(order, FRAME_LOW, FRAME_KERNEL, &pfn) != OK)
		return NULL;
	/* A run has 1, 2 or 4 frames: for three, the fourth is freed. */
	frame_free_run(PFN(pfn.v + frames), (1u << order) - frames);
	f = frame_at(pfn);
	for (unsigned i = 0; i < frames; i++) {
		f[i].use = FRAME_USE_RUN;
		f[i].owner = (uintptr_t)&heap;
	}
	f->slab_used = (uint16_t)frames;
	frame_link(&heap.runs, frame_index(f));
	heap.run_count++;
	heap.run_frames += frames;
	return phys_to_virt(pfn_base(pfn));
}

/* Returns the first frame of the run that begins at `p`. NULL: no run begins there. */
static struct frame *run_frame(const void *p)
{
	struct frame *f = frame_at(pfn_of(virt_to_phys(p)));

	if (!f || f->use != FRAME_USE_RUN || f->slab_used == 0 || !IS_ALIGNED((uintptr_t)p, PAGE_SIZE))
		return NULL;
	return f;
}

static void run_free(void *p)
{
	struct frame *f = run_frame(p);
	unsigned frames;

	ASSERT(f != NULL);
	frames = f->slab_used;
	frame_unlink(&heap.runs, frame_index(f));
	memset(p, SLAB_POISON, frames * PAGE_SIZE);
	heap.run_count--;
	heap.run_frames -= frames;
	frame_free_run(frame_pfn(f), frames);
}

/* ---- the interface ---- */

void *kmalloc(size_t size)
{
	void *p = NULL;

	if (size > 0 && size <= SLAB_MAX)
		p = slab_alloc(&heap.cache[heap.class_of[(size + HEAP_ALIGN - 1) / HEAP_ALIGN]]);
	else if (size > SLAB_MAX && size <= HEAP_MAX)
		p = run_alloc(size);
	if (!p)
		heap.failures++;
	return p;
}

void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	return p ? memset(p, 0, size) : NULL;
}

/* Returns the kmalloc cache of `p`. NULL: a run, or an object of another cache. */
static struct slab_cache *heap_cache(const void *p)
{
	struct slab_cache *cache = slab_of(p);

	ASSERT(!cache || (cache >= heap.cache && cache < heap.cache + ARRAY_LEN(heap.cache)));
	return cache;
}

void kfree(void *p)
{
	struct slab_cache *cache;

	if (!p)
		return;
	cache = heap_cache(p);
	if (cache)
		slab_free(cache, p);
	else
		run_free(p);
}

size_t kmalloc_size(const void *p)
{
	struct slab_cache *cache = heap_cache(p);
	struct frame *f;

	if (cache)
		return cache->size;
	f = run_frame(p);
	ASSERT(f != NULL);
	return f->slab_used * PAGE_SIZE;
}

unsigned heap_shrink(void)
{
	unsigned frames = 0;

	for (struct slab_cache *c = slab_first(); c; c = c->next)
		frames += slab_shrink(c);
	return frames;
}

void heap_stats(struct heap_stats *out)
{
	*out = (struct heap_stats){
		.objects = heap.run_count,
		.bytes = (uint64_t)heap.run_frames * PAGE_SIZE,
		.run_frames = heap.run_frames,
		.failures = heap.failures,
	};
	for (unsigned i = 0; i < ARRAY_LEN(heap.cache); i++) {
		const struct slab_cache *c = &heap.cache[i];

		out->objects += c->in_use;
		out->bytes += (uint64_t)c->in_use * c->size;
		out->slab_frames += c->slabs;
	}
}

static const char *check_runs(const void **where)
{
	uint32_t runs = 0, frames = 0;

	for (uint32_t i = heap.runs; i != FRAME_NIL; i = frame_db.record[i].next) {
		const struct frame *f = &frame_db.record[i];

		*where = phys_to_virt(pfn_base(frame_pfn(f)));
		if (++runs > heap.run_count || f->slab_used == 0 || f->slab_used > 1u << FRAME_MAX_ORDER)
			return "list of runs broken";
		for (unsigned n = 0; n < f->slab_used; n++)
			if (f[n].use != FRAME_USE_RUN || f[n].owner != (uintptr_t)&heap || (n && f[n].slab_used))
				return "frame of a run is not the heap's";
		frames += f->slab_used;
	}
	return runs == heap.run_count && frames == heap.run_frames ? NULL : "runs miscounted";
}

const char *heap_check(const void **where)
{
	const void *unused;
	const char *wrong;

	if (!where)
		where = &unused;
	for (const struct slab_cache *c = slab_first(); c; c = c->next)
		if ((wrong = slab_check(c, where)) != NULL)
			return wrong;
	return check_runs(where);
}
