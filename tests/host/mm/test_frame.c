/* tests/host/mm/test_frame.c - the frame allocator against an array that knows who holds what.
 * SPDX-License-Identifier: MIT
 *
 * The model has no lists, blocks or zones: a wish can be granted exactly when some aligned group of frames
 * inside the allowed addresses is free.
 */
#include "tests/host/mm/fixture.h"

/* A machine around the 4 GiB border, with holes, odd ends and reserved frames. */
#define FIRST  0xFFF02ull
#define END    0x1001FBull
#define SPAN   ((unsigned)(END - FIRST))
#define PFN_4G 0x100000ull
#define POOL   24u

static struct { unsigned refs; bool spare, ram; unsigned char fill; } model[SPAN];
static uint64_t low_end;

static void start(uint64_t low)
{
	static const struct boot_range ranges[] = {
		{ FIRST << 12, 0x7d000, 1, 0 }, { 0xFFF90ull << 12, 0xe1000, 1, 0 }, { 0xFFFB0ull << 12, 0x3000, 2, 0 },
		{ 0x100080ull << 12, (END - 0x100080) << 12, 1, 0 },
	};
	static const uint64_t reserved[][2] = { { FIRST, 1 }, { 0xFFF0B, 9 }, { 0xFFF99, 2 }, { 0x1000FF, 2 } };

	low_end = ALIGN_DOWN(low, 4);
	machine_ranges(&machine.ram, ranges, ARRAY_LEN(ranges));
	machine.spare = machine.ram;
	for (unsigned i = 0; i < ARRAY_LEN(reserved); i++)
		assert_int_equal(memmap_reserve(&machine.spare, pfn_base(PFN(reserved[i][0])), reserved[i][1] << 12), OK);
	for (unsigned i = 0; i < SPAN; i++) {
		model[i].ram = memmap_has(&machine.ram, pfn_base(PFN(FIRST + i)), 1);
		model[i].spare = memmap_has(&machine.spare, pfn_base(PFN(FIRST + i)), 1);
		model[i].refs = model[i].ram && !model[i].spare;
	}
	machine_start(low, POOL, true);
}

static bool is_allowed(uint64_t pfn, unsigned flags)
{
	return (!(flags & FRAME_LOW) || pfn < low_end) && (!(flags & FRAME_BELOW_4G) || pfn < PFN_4G);
}

/* Two frames are in one zone when no border lies between them. */
static unsigned zone_rank(uint64_t pfn)
{
	return (pfn >= low_end) + (pfn >= PFN_4G);
}

static bool group_is_free(uint64_t pfn, unsigned frames, unsigned flags)
{
	for (uint64_t p = pfn; p < pfn + frames; p++)
		if (p < FIRST || p >= END || !model[p - FIRST].spare || model[p - FIRST].refs || !is_allowed(p, flags))
			return false;
	return true;
}

/* The highest zone that can grant the wish, -1 when none can. */
static int model_can(unsigned order, unsigned flags)
{
	int best = -1;

	for (uint64_t p = ALIGN_DOWN(FIRST, 4); p < END; p += 1u << order)
		if (group_is_free(p, 1u << order, flags) && (int)zone_rank(p) > best)
			best = (int)zone_rank(p);
	return best;
}

static unsigned model_free(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SPAN; i++)
		n += model[i].spare && model[i].refs == 0;
	return n;
}

/* What was granted becomes held and filled with a pattern of its own. */
static void take(pfn_t first, unsigned order, unsigned flags, enum frame_state state)
{
	assert_true(IS_ALIGNED(first.v, 1u << order));
	assert_true(group_is_free(first.v, 1u << order, flags));
	for (uint64_t p = first.v; p < first.v + (1u << order); p++) {
		unsigned char *page = machine_page(PFN(p));
		const struct frame *f = frame_at(PFN(p));

		for (unsigned b = 0; flags & FRAME_ZERO && b < PAGE_SIZE; b++)
			assert_int_equal(page[b], 0);
		assert_int_equal(f->state, state);
		assert_int_equal(f->refs, 1);
		assert_true(f->maps == 0 && f->owner == 0 && !f->busy && f->use == FRAME_USE_NONE);
		model[p - FIRST].refs = 1;
		model[p - FIRST].fill = (unsigned char)(1 + below(255));
		memset(page, model[p - FIRST].fill, PAGE_SIZE);
		frame_at(PFN(p))->owner = rnd();
	}
}

static void try_alloc(unsigned order, unsigned flags)
{
	static const enum frame_state states[] = { FRAME_ACTIVE, FRAME_TABLE, FRAME_KERNEL, FRAME_TRANSITION };
	enum frame_state state = states[below(ARRAY_LEN(states))];
	int can = model_can(order, flags);
	pfn_t pfn;
	err_t err = frame_alloc_run(order, flags, state, &pfn);

	assert_int_equal(err, can < 0 ? ERR_NO_MEMORY : OK);
	if (err)
		return;
	if (order == 0)
		assert_int_equal(zone_rank(pfn.v), can);
	take(pfn, order, flags, state);
}

static void try_get_or_put(void)
{
	uint64_t p = FIRST + below(SPAN);
	unsigned *refs = &model[p - FIRST].refs;

	if (!model[p - FIRST].spare || *refs == 0)
		return;
	for (unsigned b = 0; b < PAGE_SIZE; b += 511)
		assert_int_equal(machine_page(PFN(p))[b], model[p - FIRST].fill);
	if (below(4) == 0) {
		frame_get(PFN(p));
		++*refs;
	} else {
		assert_int_equal(frame_put(PFN(p)), --*refs == 0);
	}
	assert_int_equal(frame_at(PFN(p))->refs, *refs);
}

static void compare(void)
{
	const struct frame_stats *s = frame_stats();
	unsigned low = 0, count[2] = { 0, 0 }, sum = 0;

	check_frames();
	for (unsigned i = 0; i < SPAN; i++) {
		const struct frame *f = frame_at(PFN(FIRST + i));

		assert_int_equal(f->refs, model[i].refs);
		assert_int_equal(f->state == FRAME_FREE || f->state == FRAME_ZEROED, model[i].spare && !model[i].refs);
		assert_int_equal(f->state == FRAME_BAD, !model[i].ram);
		low += model[i].spare && !model[i].refs && FIRST + i < low_end;
		count[0] += f->state == FRAME_FREE;
		count[1] += f->state == FRAME_ZEROED;
		if (f->state == FRAME_ZEROED)
			for (unsigned b = 0; b < PAGE_SIZE; b += 64)
				assert_int_equal(machine_page(PFN(FIRST + i))[b], 0);
	}
	assert_int_equal(s->low_free, low);
	assert_int_equal(s->state[FRAME_FREE], count[0]);
	assert_int_equal(s->state[FRAME_ZEROED], count[1]);
	assert_true(count[1] <= POOL);
	assert_int_equal(frame_available(), model_free());
	for (unsigned i = 0; i < FRAME_STATES; i++)
		sum += s->state[i];
	assert_int_equal(sum, frame_db.count);
}

static void release_all(void)
{
	for (unsigned i = 0; i < SPAN; i++)
		while (model[i].spare && model[i].refs) {
			frame_put(PFN(FIRST + i));
			model[i].refs--;
		}
}

/* Nothing lost, nothing left in small pieces: as many blocks of four as the model has. */
static void all_blocks_come_back(void)
{
	pfn_t pfn;

	release_all();
	compare();
	while (model_can(2, 0) >= 0) {
		assert_int_equal(frame_alloc_run(2, 0, FRAME_ACTIVE, &pfn), OK);
		take(pfn, 2, 0, FRAME_ACTIVE);
	}
	assert_int_equal(frame_alloc_run(2, 0, FRAME_ACTIVE, &pfn), ERR_NO_MEMORY);
	release_all();
	compare();
}

static void random_life(uint64_t low)
{
	start(low);
	for (unsigned round = 0; round < 40; round++) {
		unsigned greed = below(100);    /* from nearly empty to nearly full */

		for (unsigned i = 0; i < 400; i++) {
			if (below(100) >= greed)
				try_get_or_put();
			else
				try_alloc(below(3) ? 0 : below(3), below(8));
			if (below(20) == 0) {
				unsigned wish = below(10), had = frame_stats()->state[FRAME_ZEROED];
				unsigned done = frame_zero_some(wish);

				assert_true(done <= wish && had + done <= POOL);
				assert_true(done == wish || had + done == POOL || frame_stats()->state[FRAME_FREE] == 0);
			}
		}
		compare();
	}
	all_blocks_come_back();
	machine_stop();
}

static void i386_like(void **state)    { (void)state; rnd_seed(11); random_life(0xFFF63); }
static void x86_64_like(void **state)  { (void)state; rnd_seed(12); random_life(0x1000C2); }
static void all_is_low(void **state)   { (void)state; rnd_seed(13); random_life(0x200000); }
static void none_is_low(void **state)  { (void)state; rnd_seed(14); random_life(0); }
static void low_ends_at_4g(void **state) { (void)state; rnd_seed(15); random_life(PFN_4G); }

static void exhaustion(void **state)
{
	static const unsigned flags[] = { 0, FRAME_LOW, FRAME_BELOW_4G, FRAME_ZERO, FRAME_LOW | FRAME_ZERO };

	(void)state;
	rnd_seed(16);
	for (unsigned i = 0; i < ARRAY_LEN(flags) * 3; i++) {
		uint64_t failures;
		pfn_t pfn = PFN(12345);

		start(0xFFF63);
		frame_zero_some(POOL);
		while (model_can(i % 3, flags[i / 3]) >= 0)
			try_alloc(i % 3, flags[i / 3]);
		failures = frame_stats()->failures;
		assert_int_equal(frame_alloc_run(i % 3, flags[i / 3], FRAME_ACTIVE, &pfn), ERR_NO_MEMORY);
		assert_int_equal(frame_stats()->failures, failures + 1);
		assert_int_equal(pfn.v, 12345);
		compare();
		all_blocks_come_back();
		machine_stop();
	}
}

static void pool_saves_the_zeroing(void **state)
{
	pfn_t pfn;

	(void)state;
	start(0x200000);
	assert_int_equal(frame_zero_some(1000), POOL);
	assert_int_equal(machine.zeroings, POOL);
	assert_int_equal(frame_zero_some(1), 0);
	for (unsigned i = 0; i < POOL; i++)
		assert_int_equal(frame_alloc(FRAME_ZERO, FRAME_ACTIVE, &pfn), OK);
	assert_int_equal(machine.zeroings, POOL);
	assert_int_equal(frame_stats()->pool_hits, POOL);
	assert_int_equal(frame_stats()->pool_misses, 0);
	assert_int_equal(frame_alloc(FRAME_ZERO, FRAME_ACTIVE, &pfn), OK);
	assert_int_equal(machine.zeroings, POOL + 1);
	assert_int_equal(frame_stats()->pool_misses, 1);
	/* Who does not ask for zeroes leaves the pool alone while there is anything else. */
	assert_int_equal(frame_zero_some(3), 3);
	assert_int_equal(frame_alloc(0, FRAME_ACTIVE, &pfn), OK);
	assert_int_equal(frame_stats()->state[FRAME_ZEROED], 3);
	machine_stop();
}

static void states_are_counted(void **state)
{
	pfn_t pfn;

	(void)state;
	start(0x200000);
	assert_int_equal(frame_alloc(0, FRAME_ACTIVE, &pfn), OK);
	for (unsigned s = FRAME_ACTIVE; s < FRAME_BAD; s++) {
		uint32_t before = frame_stats()->state[s] - (s == FRAME_ACTIVE);

		frame_set_state(pfn, s);
		assert_int_equal(frame_stats()->state[s], before + 1);
		check_frames();
	}
	EXPECT_ASSERT(frame_set_state(pfn, FRAME_FREE));
	EXPECT_ASSERT(frame_set_state(pfn, FRAME_ZEROED));
	/* Found bad while held: it never comes back. */
	frame_set_state(pfn, FRAME_BAD);
	assert_true(frame_put(pfn));
	check_frames();
	assert_int_equal(frame_at(pfn)->state, FRAME_BAD);
	assert_int_equal(frame_available(), model_free() - 1);
	for (unsigned i = 0; i < FRAME_STATES; i++)
		assert_true(strlen(frame_state_name(i)) > 1);
	machine_stop();
}

static void misuse_asserts(void **state)
{
	pfn_t pfn, run;

	(void)state;
	start(0x200000);
	assert_int_equal(frame_alloc(0, FRAME_ACTIVE, &pfn), OK);
	assert_int_equal(frame_alloc_run(2, 0, FRAME_ACTIVE, &run), OK);
	frame_at(pfn)->maps = 1;
	EXPECT_ASSERT(frame_put(pfn));
	frame_at(pfn)->maps = 0;
	frame_at(pfn)->busy = true;
	EXPECT_ASSERT(frame_put(pfn));
	frame_at(pfn)->busy = false;
	assert_true(frame_put(pfn));
	EXPECT_ASSERT(frame_put(pfn));                  /* twice */
	EXPECT_ASSERT(frame_get(pfn));
	EXPECT_ASSERT(frame_put(PFN(0xFFF85)));         /* a hole */
	EXPECT_ASSERT(frame_get(PFN(0)));               /* no record */
	EXPECT_ASSERT(frame_get(PFN(UINT64_MAX)));
	EXPECT_ASSERT(frame_get(PFN(END)));
	EXPECT_ASSERT((void)!frame_alloc_run(3, 0, FRAME_ACTIVE, &pfn));
	EXPECT_ASSERT((void)!frame_alloc(0, FRAME_FREE, &pfn));
	EXPECT_ASSERT((void)!frame_alloc(0, FRAME_BAD, &pfn));
	frame_free_run(run, 4);
	EXPECT_ASSERT(frame_free_run(run, 1));
	machine_stop();
}

/* A page of it is mapped by hand, or by a range of physical addresses. */
static void a_run_whose_third_frame_has_another_holder(void **state)
{
	struct frame *f;
	uint32_t available;
	pfn_t run;

	(void)state;
	start(0x200000);
	available = frame_available();
	assert_int_equal(frame_alloc_run(2, 0, FRAME_TABLE, &run), OK);
	f = frame_at(PFN(run.v + 2));
	f->use = FRAME_USE_SLAB;
	f->owner = 42;
	f->slab_used = f->slab_free = 7;
	f->next = f->prev = 3;
	frame_get(frame_pfn(f));
	frame_free_run(run, 4);
	assert_int_equal(frame_available(), available - 1);
	assert_int_equal(f->refs, 1);
	assert_int_equal(f->state, FRAME_ACTIVE);
	assert_true(f->owner == 0 && f->use == FRAME_USE_NONE && f->slab_used == 0 && f->slab_free == 0);
	assert_true(f->next == FRAME_NIL && f->prev == FRAME_NIL);
	assert_null(frame_check(NULL));
	assert_true(frame_put(frame_pfn(f)));
	assert_int_equal(frame_available(), available);
	machine_stop();
}

/* What began as reserved can be given up: boot-only memory. */
static void reserved_frames_can_be_released(void **state)
{
	(void)state;
	start(0x200000);
	assert_int_equal(frame_at(PFN(0xFFF0B))->state, FRAME_KERNEL);
	for (unsigned i = 0; i < 9; i++) {
		assert_true(frame_put(PFN(0xFFF0B + i)));
		model[0xFFF0B + i - FIRST].spare = true;
		model[0xFFF0B + i - FIRST].refs = 0;
		compare();
	}
	machine_stop();
}

static void bad_configurations_are_refused(void **state)
{
	_Alignas(64) static unsigned char records[64 * 64];
	static const struct boot_range r = { 0x10000, 0x20000, 1, 0 };
	struct memmap ram, other, none;
	struct frame_config c;

	(void)state;
	machine_ranges(&ram, &r, 1);
	machine_ranges(&other, &(struct boot_range){ 0x20000, 0x11000, 1, 0 }, 1);
	machine_ranges(&none, NULL, 0);
	c = (struct frame_config){ .ram = &ram, .spare = &ram, .records = records, .bytes = frame_db_bytes(&ram) };
	assert_int_equal(c.bytes, 32 * 64);
	assert_int_equal(frame_init(&c), OK);
	c.bytes--;
	assert_int_equal(frame_init(&c), ERR_INVALID);
	c.bytes++;
	c.records = records + 16;
	assert_int_equal(frame_init(&c), ERR_INVALID);
	c.records = records;
	c.spare = &other;
	assert_int_equal(frame_init(&c), ERR_INVALID);
	c.spare = c.ram = &none;
	assert_int_equal(frame_init(&c), ERR_RANGE);
	frame_db.count = 0;
}

/* Every field that frame_check() claims to hold against another, damaged in turn. */
static void check_sees_damage(void **state)
{
	struct frame *free4, *held, *pooled, save;
	pfn_t pfn;

	(void)state;
	start(0x200000);
	assert_int_equal(frame_alloc(0, FRAME_ACTIVE, &pfn), OK);
	assert_int_equal(frame_zero_some(2), 2);
	held = frame_at(pfn);
	free4 = frame_at(PFN(0xFFF40));
	pooled = NULL;
	for (uint32_t i = 0; i < frame_db.count; i++)
		if (frame_db.record[i].state == FRAME_ZEROED)
			pooled = &frame_db.record[i];
	assert_true(pooled && free4->order == 2 && free4->next != FRAME_NIL);
#define DAMAGE(record, change) do { save = *(record); change; assert_non_null(frame_check(NULL)); \
	*(record) = save; check_frames(); } while (0)
	DAMAGE(free4, free4->next = FRAME_NIL);
	DAMAGE(free4, free4->prev = FRAME_NIL);
	DAMAGE(free4, free4->next = frame_index(free4));
	DAMAGE(free4, free4->next = frame_db.count);
	DAMAGE(free4, free4->order = 1);
	DAMAGE(free4, free4->order = FRAME_ORDER_NONE);
	DAMAGE(free4, free4->refs = 1);
	DAMAGE(free4, free4->state = FRAME_ACTIVE);
	DAMAGE(free4, free4->state = FRAME_ZEROED);
	DAMAGE(free4 + 3, free4[3].state = FRAME_KERNEL);
	DAMAGE(free4 + 2, free4[2].order = 1);
	DAMAGE(free4, free4->owner = 1);
	DAMAGE(free4 + 1, free4[1].busy = true);
	DAMAGE(held, held->refs = 0);
	DAMAGE(held, held->maps = 2);
	DAMAGE(held, held->state = FRAME_MODIFIED);
	DAMAGE(held, held->state = FRAME_STATES);
	DAMAGE(held, held->order = 0);
	DAMAGE(pooled, pooled->maps = 1);
	DAMAGE(pooled, pooled->state = FRAME_FREE);
	machine_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i386_like),
		cmocka_unit_test(x86_64_like),
		cmocka_unit_test(all_is_low),
		cmocka_unit_test(none_is_low),
		cmocka_unit_test(low_ends_at_4g),
		cmocka_unit_test(exhaustion),
		cmocka_unit_test(pool_saves_the_zeroing),
		cmocka_unit_test(states_are_counted),
		cmocka_unit_test(misuse_asserts),
		cmocka_unit_test(a_run_whose_third_frame_has_another_holder),
		cmocka_unit_test(reserved_frames_can_be_released),
		cmocka_unit_test(bad_configurations_are_refused),
		cmocka_unit_test(check_sees_damage),
	};
	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
