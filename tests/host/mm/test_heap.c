/* tests/host/mm/test_heap.c - kmalloc and slabs: every byte of every allocation keeps what was put there.
 * SPDX-License-Identifier: MIT
 */
#include "mm/phys/direct.h"
#include "mm/phys/heap.h"
#include "tests/host/mm/fixture.h"

#define FIRST 0xFFFC0ull     /* the 4 GiB border is inside, and most of memory is not low */
#define PAGES 512u
#define LOW   0x1000C0ull
#define LIVE  2000u

static struct { unsigned char *p; size_t size; uint32_t seed; } live[LIVE];
static unsigned live_n;
static uint32_t frames_at_start;

static void start(unsigned spare_pages)
{
	const struct boot_range r[] = { { FIRST << 12, (uint64_t)PAGES << 12, 1, 0 } };

	machine_ranges(&machine.ram, r, 1);
	machine.spare = machine.ram;
	memmap_limit(&machine.spare, pfn_base(PFN(FIRST + spare_pages)));
	machine_start(LOW, 8, true);
	heap_init();
	live_n = 0;
	frames_at_start = frame_available();
}

static void check_heap(void)
{
	const void *where = NULL;
	const char *wrong = heap_check(&where);

	if (wrong)
		fail_msg("%p: %s", where, wrong);
}

static void finish(void)
{
	struct heap_stats s;

	heap_stats(&s);
	assert_int_equal(s.objects, 0);
	assert_int_equal(s.bytes, 0);
	check_heap();
	heap_shrink();
	heap_stats(&s);
	assert_int_equal(s.slab_frames + s.run_frames, 0);
	assert_int_equal(frame_available(), frames_at_start);
	check_frames();
	machine_stop();
}

static unsigned char pattern(uint32_t seed, size_t i)
{
	return (unsigned char)(seed + i * 131 + (i >> 8) * 17);
}

static void fill(unsigned i)
{
	for (size_t b = 0; b < live[i].size; b++)
		live[i].p[b] = pattern(live[i].seed, b);
}

static void expect_untouched(unsigned i)
{
	for (size_t b = 0; b < live[i].size; b++)
		if (live[i].p[b] != pattern(live[i].seed, b))
			fail_msg("allocation of %zu bytes changed at %zu", live[i].size, b);
}

static size_t random_size(void)
{
	static const size_t edges[] = { 1, 15, 16, 17, 31, 32, 33, 48, 49, 64, 65, 96, 97, 128, 129, 192, 256, 257, 336,
		337, 512, 513, 672, 673, 1024, 1025, 1360, 1361, 2047, 2048, 2049, 4095, 4096, 4097, 8192, 8193, 12288,
		12289, 16383, 16384 };

	switch (below(4)) {
	case 0:  return edges[below(ARRAY_LEN(edges))];
	case 1:  return 1 + below(2500);
	case 2:  return 1 + below(200);
	default: return 1 + below(below(8) ? 400 : HEAP_MAX);
	}
}

/* Is there an aligned run of low frames? Looks at the records only. */
static bool low_run_exists(unsigned frames)
{
	for (uint64_t p = FIRST; p + frames <= LOW; p += frames) {
		unsigned n = 0;

		while (n < frames && frame_at(PFN(p + n))->refs == 0 && frame_at(PFN(p + n))->state != FRAME_BAD)
			n++;
		if (n == frames)
			return true;
	}
	return false;
}

static void expect_refusal_was_right(size_t size)
{
	size_t pages = (size + PAGE_MASK) / PAGE_SIZE;

	assert_false(low_run_exists(pages > 2 ? 4 : (unsigned)pages));
}

static void add_one(void)
{
	size_t size = random_size();
	bool zero = below(3) == 0;
	unsigned char *p;

	if (live_n == LIVE)
		return;
	p = zero ? kzalloc(size) : kmalloc(size);
	if (!p) {
		expect_refusal_was_right(size);
		return;
	}
	assert_true(frame_is_low(pfn_of(virt_to_phys(p))) && frame_is_low(pfn_of(virt_to_phys(p + size - 1))));
	assert_int_equal((uintptr_t)p % (size % PAGE_SIZE ? HEAP_ALIGN : PAGE_SIZE), 0);
	assert_true(kmalloc_size(p) >= size && kmalloc_size(p) <= size * 2 + HEAP_ALIGN);
	for (size_t b = 0; zero && b < size; b++)
		assert_int_equal(p[b], 0);
	live[live_n].p = p;
	live[live_n].size = kmalloc_size(p);    /* all of it may be written */
	live[live_n].seed = rnd();
	fill(live_n++);
}

static void drop_one(unsigned i)
{
	expect_untouched(i);
	kfree(live[i].p);
	live[i] = live[--live_n];
}

static void compare(void)
{
	struct heap_stats s;
	uint64_t bytes = 0;

	check_heap();
	check_frames();
	heap_stats(&s);
	for (unsigned i = 0; i < live_n; i++) {
		bytes += live[i].size;
		expect_untouched(i);
	}
	assert_int_equal(s.objects, live_n);
	assert_int_equal(s.bytes, bytes);
	assert_int_equal(s.slab_frames + s.run_frames, frames_at_start - frame_available());
}

static void random_life_in(unsigned pages, uint32_t seed)
{
	rnd_seed(seed);
	start(pages);
	for (unsigned round = 0; round < 60; round++) {
		unsigned greed = 20 + below(70);

		for (unsigned i = 0; i < 500; i++) {
			if (below(100) < greed)
				add_one();
			else if (live_n)
				drop_one(below(live_n));
		}
		compare();
	}
	while (live_n)
		drop_one(below(live_n));
	finish();
}

static void random_life(void **state)       { (void)state; random_life_in(PAGES, 21); }
static void life_in_a_small_box(void **state) { (void)state; random_life_in(24, 22); }

static void every_size(void **state)
{
	(void)state;
	start(PAGES);
	for (size_t size = 1; size <= HEAP_MAX; size += size < 4200 ? 1 : 61) {
		unsigned char *p = kmalloc(size), *q = kmalloc(size);

		assert_true(p && q && (p + size <= q || q + size <= p));
		memset(p, 1, size);
		memset(q, 2, size);
		assert_true(p[0] == 1 && p[size - 1] == 1);
		kfree(p);
		kfree(q);
	}
	finish();
}

static void impossible_sizes(void **state)
{
	struct heap_stats s;

	(void)state;
	start(PAGES);
	assert_null(kmalloc(0));
	assert_null(kmalloc(HEAP_MAX + 1));
	assert_null(kzalloc(SIZE_MAX));
	heap_stats(&s);
	assert_int_equal(s.failures, 3);
	kfree(NULL);
	finish();
}

static void freed_memory_is_poisoned(void **state)
{
	static const size_t sizes[] = { 16, 100, 2048, 4096, 16384 };

	(void)state;
	start(PAGES);
	for (unsigned i = 0; i < ARRAY_LEN(sizes); i++) {
		unsigned char *p = kmalloc(sizes[i]);

		memset(p, 0x11, sizes[i]);
		kfree(p);
		for (size_t b = 4; b < sizes[i]; b++)
			assert_int_equal(p[b], SLAB_POISON);
	}
	finish();
}

static void use_after_free_is_seen(void **state)
{
	unsigned char *p, *keep;
	const void *where;

	(void)state;
	start(PAGES);
	p = kmalloc(100);
	keep = kmalloc(100);
	kfree(p);
	check_heap();
	for (unsigned b = 0; b < 100; b++) {
		unsigned char was = p[b];

		p[b] ^= 0x40;
		assert_non_null(heap_check(&where));
		p[b] = was;
	}
	check_heap();
	kfree(keep);
	finish();
}

static void misuse_asserts(void **state)
{
	struct slab_cache *c = slab_first();
	unsigned char *p, *q, *big;
	pfn_t pfn;

	(void)state;
	start(PAGES);
	p = kmalloc(64);
	q = kmalloc(64);
	big = kmalloc(3 * PAGE_SIZE);
	assert_int_equal(frame_alloc(FRAME_LOW, FRAME_KERNEL, &pfn), OK);
	EXPECT_ASSERT(kfree(p + 1));
	EXPECT_ASSERT(kfree(p + 16));
	EXPECT_ASSERT(kfree(big + PAGE_SIZE));
	EXPECT_ASSERT(kfree(big + 16));
	EXPECT_ASSERT(kfree(phys_to_virt(pfn_base(pfn))));
	while (c == slab_of(p))
		c = c->next;
	EXPECT_ASSERT(slab_free(c, p));
	kfree(p);
	EXPECT_ASSERT(kfree(p));
	check_heap();
	kfree(big);
	EXPECT_ASSERT(kfree(big));
	kfree(q);
	EXPECT_ASSERT(kfree(q));
	assert_true(frame_put(pfn));
	finish();
}

/* An object never written to has left its place in the free list, and can be freed like any other. */
static void untouched_objects_can_be_freed(void **state)
{
	void *p[300];

	(void)state;
	start(PAGES);
	for (unsigned i = 0; i < ARRAY_LEN(p); i++)
		p[i] = kmalloc(16);
	for (unsigned i = 0; i < ARRAY_LEN(p); i++)
		kfree(p[(i * 7) % ARRAY_LEN(p)]);
	finish();
}

static void empty_slabs_go_back(void **state)
{
	void *p[64];

	(void)state;
	start(PAGES);
	for (unsigned i = 0; i < 64; i++)
		assert_non_null(p[i] = kmalloc(1024));
	assert_int_equal(frame_available(), frames_at_start - 16);
	for (unsigned i = 0; i < 64; i++)
		kfree(p[i]);
	assert_int_equal(frame_available(), frames_at_start - 1);
	p[0] = kmalloc(1024);
	assert_int_equal(frame_available(), frames_at_start - 1);
	kfree(p[0]);
	finish();
}

/* The frame of a slab, and of a run, is mapped by hand while its objects are freed. */
static void a_frame_of_the_heap_with_another_holder(void **state)
{
	static const size_t size[] = { 1024, 2 * PAGE_SIZE };
	void *p[64];

	(void)state;
	start(PAGES);
	for (unsigned s = 0; s < ARRAY_LEN(size); s++) {
		pfn_t held;

		for (unsigned i = 0; i < ARRAY_LEN(p); i++)
			assert_non_null(p[i] = kmalloc(size[s]));
		held = pfn_of(virt_to_phys(p[40]));
		frame_get(held);
		for (unsigned i = 0; i < ARRAY_LEN(p); i++)
			kfree(p[i]);
		check_heap();
		assert_true(frame_at(held)->refs == 1 && frame_at(held)->use == FRAME_USE_NONE);
		assert_true(frame_put(held));
	}
	finish();
}

/* What PAE roots and ARM second-level tables need. */
static void aligned_caches(void **state)
{
	static const struct { size_t size, align; unsigned flags; } want[] = {
		{ 32, 32, FRAME_BELOW_4G | FRAME_ZERO | SLAB_TABLE }, { 1024, 1024, FRAME_ZERO | SLAB_TABLE },
		{ 40, 1, 0 }, { 40, 64, 0 }, { 1000, 8, FRAME_ZERO }, { 2048, 2048, 0 }, { 16, 1, FRAME_BELOW_4G },
	};
	static struct slab_cache cache[ARRAY_LEN(want)];
	static unsigned char *p[700];
	uint32_t tables;

	(void)state;
	start(PAGES);
	tables = frame_stats()->state[FRAME_TABLE];
	for (unsigned k = 0; k < ARRAY_LEN(want); k++) {
		unsigned n = 0, limit = 20 * (unsigned)(PAGE_SIZE / ALIGN_UP(want[k].size, want[k].align));

		slab_init(&cache[k], "test", want[k].size, want[k].align, want[k].flags);
		for (; n < limit && n < ARRAY_LEN(p); n++) {
			uint64_t pa;

			assert_non_null(p[n] = slab_alloc(&cache[k]));
			pa = virt_to_phys(p[n]).v;
			assert_int_equal(pa % want[k].align, 0);
			assert_true(!(want[k].flags & FRAME_BELOW_4G) || pa + want[k].size <= 1ull << 32);
			for (size_t b = 0; want[k].flags & FRAME_ZERO && b < want[k].size; b++)
				assert_int_equal(p[n][b], 0);
			memset(p[n], (int)(n + 1), want[k].size);
			assert_ptr_equal(slab_of(p[n]), &cache[k]);
		}
		assert_int_equal(frame_stats()->state[FRAME_TABLE] - tables, want[k].flags & SLAB_TABLE ? cache[k].slabs : 0);
		assert_null(slab_check(&cache[k], NULL));
		while (n-- > 0) {
			assert_int_equal(p[n][want[k].size - 1], (unsigned char)(n + 1));
			slab_free(&cache[k], p[n]);
		}
		assert_null(slab_check(&cache[k], NULL));
		assert_int_equal(cache[k].slabs, 1);
		assert_int_equal(slab_shrink(&cache[k]), 1);
	}
	finish();
}

/* Below 4 GiB is a promise, also when only frames above are left. */
static void below_4g_is_kept_in_need(void **state)
{
	static struct slab_cache cache;
	pfn_t pfn;
	void *p;

	(void)state;
	start(PAGES);
	slab_init(&cache, "below 4G", 32, 32, FRAME_BELOW_4G);
	while (frame_alloc(FRAME_BELOW_4G, FRAME_ACTIVE, &pfn) == OK)
		assert_true(pfn.v < 0x100000);
	assert_null(slab_alloc(&cache));
	assert_int_equal(cache.failures, 1);
	assert_non_null(p = kmalloc(32));
	kfree(p);
	assert_int_equal(frame_stats()->state[FRAME_ACTIVE], 0x100000 - FIRST);
	machine_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_life),
		cmocka_unit_test(life_in_a_small_box),
		cmocka_unit_test(every_size),
		cmocka_unit_test(impossible_sizes),
		cmocka_unit_test(freed_memory_is_poisoned),
		cmocka_unit_test(use_after_free_is_seen),
		cmocka_unit_test(misuse_asserts),
		cmocka_unit_test(untouched_objects_can_be_freed),
		cmocka_unit_test(empty_slabs_go_back),
		cmocka_unit_test(a_frame_of_the_heap_with_another_holder),
		cmocka_unit_test(aligned_caches),
		cmocka_unit_test(below_4g_is_kept_in_need),
	};
	return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
