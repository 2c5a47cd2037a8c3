/* tests/host/mm/test_space_share.c - leaf tables that fork() lets several address spaces use.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/reclaim.h"
#include "mm/space/fork.h"
#include "mm/space/mlock.h"
#include "mm/space/recording.h"
#include "mm/space/remote.h"
#include "mm/space/zap.h"
#include "tests/host/mm/disk.h"
#include "tests/host/mm/space.h"

#define N   24                  /* pages: more than share_least, in one table of every format */
#define VA  0x10000000u
#define P(i) (VA + (uint64_t)(i) * PAGE_SIZE)
#define ALL (N * (uint64_t)PAGE_SIZE)

static struct aspace *parent, *child;

/* A parent with N pages, page i with the word i + 1, and its child. */
static void begin(void)
{
	parent = new_space();
	add(parent, VA, ALL, RW, 0);
	for (unsigned i = 0; i < N; i++)
		assert_int_equal(put(P(i), i + 1), FAULT_FIXED);
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(parent, child), OK);
	world_check();
}

static void end(void)
{
	end_space(child);
	end_space(parent);
}

static bool one_table(const struct aspace *a, const struct aspace *b, unsigned page)
{
	return entry_at(a, P(page)).v == entry_at(b, P(page)).v;
}

static bool is_shared(const struct aspace *as)
{
	return share_is_in_use(as, entry_at(as, VA));
}

static uint64_t raw(const struct aspace *as, unsigned page)
{
	struct hw_page hw = cpu_walk(as, P(page));

	return hw.entry[hw.entries - 1];
}

/* Every page but those of [first, first + n) is as begin() left it. */
static void as_before(struct aspace *as, unsigned first, unsigned n)
{
	aspace_load(as);
	for (unsigned i = 0; i < N; i++)
		if (i < first || i >= first + n)
			assert_int_equal(get(P(i)), i + 1);
	world_check();
}

static void fork_shares_and_the_first_write_copies(void)
{
	bool possible;
	uint64_t entry;

	begin();
	possible = share_is_possible(parent->space.half[0].mode);
	assert_true(one_table(parent, child, 0) == possible && is_shared(parent) == possible);
	assert_int_equal(frame_at(PFN(frame_of(parent, VA)))->maps, possible ? 1 : 2);
	assert_int_equal(committed(parent), N);
	assert_int_equal(committed(child), N);
	assert_int_equal(parent->tables[0], child->tables[0]);
	entry = raw(parent, 7);
	aspace_load(child);
	assert_int_equal(put(P(3), 99), FAULT_FIXED);
	assert_int_equal(cpu_faults(), 1);
	world_check();
	assert_true(!one_table(parent, child, 0) && !is_shared(parent) && !is_shared(child));
	assert_int_equal(raw(parent, 7), entry);
	assert_int_equal(frame_at(PFN(frame_of(parent, P(7))))->maps, 2);
	assert_int_equal(committed(parent), N);
	assert_int_equal(committed(child), N);
	as_before(child, 3, 1);
	as_before(parent, 0, 0);
	assert_int_equal(put(P(3), 5), FAULT_FIXED);
	assert_int_equal(put(P(7), 6), FAULT_FIXED);
	aspace_load(child);
	assert_int_equal(get(P(3)), 99);
	assert_int_equal(get(P(7)), 8);
	end();
}

/* No other space changed anything: one fault permits writes below the whole table again, and copies no page. */
static void the_last_user_writes_without_a_copy(void)
{
	uint64_t frame;

	begin();
	frame = frame_of(parent, P(1));
	aspace_destroy(child);
	aspace_load(parent);
	assert_int_equal(put(P(1), 50), FAULT_FIXED);
	assert_int_equal(cpu_faults(), 1);
	assert_int_equal(frame_of(parent, P(1)), frame);
	assert_int_equal(put(P(2), 51), FAULT_FIXED);
	assert_int_equal(cpu_faults(), share_is_possible(parent->space.half[0].mode) ? 0 : 1);
	/* The same twice in a row is no fault that persists. */
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(aspace_create("child", &child), OK);
		assert_int_equal(aspace_fork(parent, child), OK);
		aspace_destroy(child);
		assert_int_equal(put(P(1), i), FAULT_FIXED);
		world_check();
	}
	end_space(parent);
}

static void spaces_end_in_any_order(void)
{
	for (unsigned order = 0; order < 6; order++) {
		static const unsigned char orders[6][3] = {
			{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
		};
		struct aspace *as[3];

		begin();
		as[0] = parent;
		as[1] = child;
		assert_int_equal(aspace_create("grandchild", &as[2]), OK);
		assert_int_equal(aspace_fork(child, as[2]), OK);
		aspace_load(as[orders[order][2]]);
		assert_int_equal(put(P(order), order), FAULT_FIXED);
		for (unsigned i = 0; i < 3; i++) {
			unsigned last = orders[order][2];

			if (i == 2)
				as_before(as[last], order, 1);
			aspace_load(i < 2 ? as[last] : &kernel_aspace);
			aspace_destroy(as[orders[order][i]]);
			world_check();
		}
	}
}

/* Each changes a part of what the child has. Failures of memory before it: nothing has changed. */
static err_t unmap(void)   { return vma_unmap(child, P(4), 4 * PAGE_SIZE); }
static err_t unmap_all(void) { return vma_unmap(child, VA, ALL); }
static err_t discard(void) { return vma_discard(child, P(4), 4 * PAGE_SIZE); }
static err_t protect(void) { return vma_protect(child, P(4), 4 * PAGE_SIZE, PROT_U | PROT_R); }
static err_t lock(void)    { return mlock_range(child, P(4), 4 * PAGE_SIZE, true); }
static err_t poke(void)    { return aspace_write(child, P(4), "abcd", 4); }

static void a_change_is_of_one_space(void)
{
	static err_t (*const change[])(void) = { unmap, unmap_all, discard, protect, lock, poke };

	for (unsigned i = 0; i < ARRAY_LEN(change); i++) {
		err_t err = ERR_NO_MEMORY;

		begin();
		mlock_pages.most = 100;
		aspace_load(i % 2 ? child : parent);
		for (long n = 0; err != OK; n++) {
			world_fail_after = n;
			err = change[i]();
			world_fail_after = -1;
			assert_true(err == OK || err == ERR_NO_MEMORY);
			world_check();
			if (err != OK)
				as_before(n % 2 ? child : parent, 0, 0);
		}
		as_before(parent, 0, 0);
		if (change[i] != unmap_all)
			as_before(child, 4, 4);
		aspace_load(child);
		if (change[i] == discard)
			assert_int_equal(get(P(5)), 0);
		if (change[i] == protect)
			assert_int_equal(put(P(5), 1), FAULT_DENIED);
		if (change[i] == lock)
			assert_true(!is_shared(child) && evict_page(child, P(5)) == ERR_ACCESS);
		end();
	}
}

/* Eviction changes the entry of all spaces at once; no TLB keeps the translation, whichever space is loaded. */
static void eviction_is_for_all(void)
{
	disk_start();
	for (unsigned i = 0; i < 4; i++) {
		struct aspace *loaded, *evicted;
		struct table_counts own;

		begin();
		loaded = i % 2 ? child : parent;
		evicted = i / 2 ? child : parent;
		as_before(loaded, 0, 0);
		assert_int_equal(evict_page(evicted, P(2)), OK);
		world_check();
		assert_true(frame_of(parent, P(2)) == 0 && frame_of(child, P(2)) == 0);
		assert_int_equal(aspace_counts(parent, &own).softs, 1);
		assert_int_equal(aspace_counts(child, NULL).softs, 1);
		if (share_is_possible(parent->space.half[0].mode))
			assert_true(own.softs == 0 && own.committed == 0);
		as_before(parent, 0, 0);
		assert_int_equal(aspace_counts(parent, NULL).softs, 0);
		assert_int_equal(aspace_counts(child, NULL).softs, 1);
		as_before(child, 0, 0);
		end();
	}
	disk_stop();
}

/* Two spaces share a table, and a third one has a copy of it: two entries map each page. */
static void eviction_finds_each_entry_once(void)
{
	disk_start();
	for (unsigned alone = 0; alone < 3; alone++) {
		struct aspace *as[3];

		begin();
		as[0] = parent;
		as[1] = child;
		assert_int_equal(aspace_create("grandchild", &as[2]), OK);
		assert_int_equal(aspace_fork(child, as[2]), OK);
		aspace_load(as[alone]);
		assert_int_equal(put(P(9), 10), FAULT_FIXED);
		assert_int_equal(evict_page(as[0], P(2)), OK);
		world_check();
		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(frame_of(as[i], P(2)), 0);
		for (unsigned i = 0; i < 3; i++)
			as_before(as[i], 0, 0);
		aspace_load(parent);
		aspace_destroy(as[2]);
		end();
	}
	disk_stop();
}

/* A recorder closes the pages of one space. */
static void closing_is_of_one_space(void)
{
	begin();
	assert_int_equal(pages_close(parent, P(4), P(8) - 1), 4);
	world_check();
	assert_false(is_shared(parent));
	as_before(child, 0, 0);
	as_before(parent, 4, 4);
	assert_int_equal(pages_open(parent, VA, P(N) - 1), 4);
	as_before(parent, 0, 0);
	end();
}

/* A table with a shared or a locked VMA is copied at once. */
static void some_tables_are_copied(void)
{
	begin();
	mlock_pages.most = 100;
	assert_int_equal(mlock_range(parent, VA, PAGE_SIZE, true), OK);
	aspace_destroy(child);
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(parent, child), OK);
	assert_false(one_table(parent, child, 5));
	as_before(child, 0, 0);
	as_before(parent, 0, 0);
	end();
}

int main(void)
{
#define T(f) { #f, f }
	static const struct named_world_test tests[] = {
		T(fork_shares_and_the_first_write_copies), T(the_last_user_writes_without_a_copy), T(spaces_end_in_any_order),
		T(a_change_is_of_one_space), T(eviction_is_for_all), T(eviction_finds_each_entry_once),
		T(closing_is_of_one_space), T(some_tables_are_copied),
	};

	return world_run("shared tables", tests, ARRAY_LEN(tests));
}
