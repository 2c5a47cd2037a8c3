/* tests/host/mm/test_space_failure.c - the allocator fails at every place, and address spaces are as they were.
 * SPDX-License-Identifier: MIT
 */
#include "mm/phys/slab.h"
#include "mm/phys/task.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/room.h"
#include "mm/reclaim/slots.h"
#include "mm/space/fork.h"
#include "mm/space/vma.h"
#include "mm/wait.h"
#include "tests/host/mm/disk.h"
#include "tests/host/mm/space.h"

static uint32_t frames_now(void)
{
	aspace_shrink();
	for (struct slab_cache *c = slab_first(); c; c = c->next)
		slab_shrink(c);
	return frame_available();
}

static void creation_fails_cleanly(void)
{
	struct aspace *as;
	uint32_t before = frames_now();
	err_t err = ERR_NO_MEMORY;

	for (long n = 0; err != OK; n++) {
		world_fail_after = n;
		err = aspace_create("x", &as);
		world_fail_after = -1;
		if (err != OK) {
			assert_int_equal(err, ERR_NO_MEMORY);
			assert_int_equal(frames_now(), before);
			assert_true(kernel_aspace.link.next == &aspaces);
		}
	}
	aspace_destroy(as);
	assert_int_equal(frames_now(), before);
}

static void fork_fails_cleanly(void)
{
	struct aspace *as = new_space(), *child;
	uint32_t before;
	err_t err = ERR_NO_MEMORY;

	for (unsigned i = 0; i < 12; i++) {
		add(as, AT + i * 0x400000, 2 * LEN, RW, 0);
		assert_int_equal(put(AT + i * 0x400000, i), FAULT_FIXED);
		assert_int_equal(put(AT + i * 0x400000 + LEN, i), FAULT_FIXED);
	}
	before = frames_now();
	for (long n = 0; err != OK; n++) {
		assert_int_equal(aspace_create("x", &child), OK);
		world_fail_after = n;
		err = aspace_fork(as, child);
		world_fail_after = -1;
		world_check();
		aspace_destroy(child);
		assert_int_equal(frames_now(), before);
		for (unsigned i = 0; i < 12; i++)
			assert_int_equal(get(AT + i * 0x400000), i);
	}
	end_space(as);
}

static void faults_fail_cleanly(void)
{
	struct aspace *as = new_space();
	enum fault_result result = FAULT_NO_MEMORY;

	add(as, AT, LEN, RW, 0);
	for (long n = 0; result != FAULT_FIXED; n++) {
		world_fail_after = n;
		result = put(AT, 5);
		world_fail_after = -1;
		if (result != FAULT_FIXED)
			assert_int_equal(result, FAULT_NO_MEMORY);
		world_check();
	}
	assert_int_equal(get(AT), 5);
	assert_int_equal(get(AT + PAGE_SIZE), 0);
	world_fail_after = 0;
	assert_int_equal(put(AT + PAGE_SIZE, 6), FAULT_NO_MEMORY);
	world_fail_after = -1;
	assert_int_equal(get(AT + PAGE_SIZE), 0);
	end_space(as);
}

/* A split that cannot be had leaves pages and rights as they were. */
static void splits_fail_cleanly(void)
{
	struct aspace *as = new_space();
	unsigned n = 0;
	err_t err = OK;

	add(as, AT, LEN, RW, 0);
	assert_int_equal(put(AT + 2 * PAGE_SIZE, 9), FAULT_FIXED);
	/* Until the slab of ranges is full: from then on each one needs a frame. */
	while (err == OK) {
		world_fail_after = 0;
		err = vma_add(as, 0x10000000 + n++ * 2 * PAGE_SIZE, PAGE_SIZE, RW, 0, &backing_anon, NULL, 0, "x", NULL);
		world_fail_after = -1;
	}
	assert_int_equal(err, ERR_NO_MEMORY);
	assert_int_equal(ranges(as), n);
	world_fail_after = 0;
	assert_int_equal(vma_unmap(as, AT + PAGE_SIZE, 2 * PAGE_SIZE), ERR_NO_MEMORY);
	world_fail_after = 0;
	assert_int_equal(vma_protect(as, AT + PAGE_SIZE, 2 * PAGE_SIZE, PROT_U | PROT_R), ERR_NO_MEMORY);
	world_fail_after = -1;
	assert_int_equal(ranges(as), n);
	/* Room for one: the first split is had, the second is not, and then the first is not either. */
	assert_int_equal(vma_unmap(as, 0x10000000, PAGE_SIZE), OK);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t at = AT + PAGE_SIZE, len = 2 * PAGE_SIZE;

		world_fail_after = 0;
		assert_int_equal(i ? vma_protect(as, at, len, PROT_U | PROT_R) : vma_unmap(as, at, len), ERR_NO_MEMORY);
		world_fail_after = -1;
		assert_int_equal(ranges(as), n - 1);
		assert_int_equal(vma_find(as, at)->first, AT);
		assert_int_equal(vma_find(as, at)->last, AT + LEN - 1);
	}
	assert_int_equal(get(AT + 2 * PAGE_SIZE), 9);
	assert_int_equal(put(AT + 2 * PAGE_SIZE, 10), FAULT_FIXED);
	world_check();
	end_space(as);
}

/* ---- the path that frees memory ---- */

#define PAGES 48

/* PAGES pages, more than are accessed between two of its own; `other` has some that can leave for them. */
static struct aspace *with_pages(struct aspace **other)
{
	struct aspace *as;

	disk_start();
	assert_int_equal(aspace_create("other", other), OK);
	aspace_load(*other);
	add(*other, AT, PAGES * PAGE_SIZE, RW, 0);
	as = new_space();
	add(as, AT, PAGES * PAGE_SIZE, RW, 0);
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(put(va_of(i), i), FAULT_FIXED);
	aspace_load(*other);
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(put(va_of(i), 1000 + i), FAULT_FIXED);
	aspace_load(as);
	return as;
}

static void end_both(struct aspace *as, struct aspace *other)
{
	world_check();
	aspace_load(&kernel_aspace);
	aspace_destroy(other);
	aspace_destroy(as);
	disk_stop();
}

static void all_leave(struct aspace *as)
{
	(void)trim_space(as, PAGES);
	(void)trim_space(as, PAGES);
	for (unsigned tries = 0; modified_pages.count || page_io_pending(); tries++) {
		assert_true(tries < 1000);
		(void)write_modified();
		disk_run(1);
		(void)page_io_finish();
	}
	(void)pages_release(PAGES);
}

/* Eviction, writing, page-in with and without tables: whichever allocation fails, the next try succeeds, and no page is lost. */
static void paging_goes_on_when_an_allocation_fails(void)
{
	struct aspace *other, *as = with_pages(&other);
	unsigned before = world_failures;

	for (long n = 0; n == 0 || world_failures != before; n++) {
		before = world_failures;
		world_fail_after = n;
		all_leave(as);
		for (unsigned i = 0; i < PAGES; i++) {
			assert_int_equal(get(va_of(i)), i);
			if (i % 2)
				assert_int_equal(put(va_of(i), i), FAULT_FIXED);
		}
		assert_int_equal(trimmer_round(), false);
		world_fail_after = -1;
		world_check();
	}
	for (unsigned i = 0; i < PAGES; i++) {
		aspace_load(other);
		assert_int_equal(get(va_of(i)), 1000 + i);
	}
	end_both(as, other);
}

/* Every frame that page-in needs comes from a page that leaves: there is no other. */
static void paging_goes_on_without_a_free_frame(void)
{
	static pfn_t taken[4096];
	struct aspace *other, *as = with_pages(&other);
	unsigned n = 0;

	all_leave(as);
	while (frame_alloc(FRAME_ANY, FRAME_KERNEL, &taken[n]) == OK)
		assert_true(++n < ARRAY_LEN(taken));
	for (unsigned round = 0; round < 4; round++)
		for (unsigned i = 0; i < PAGES; i++) {
			aspace_load(i % 3 ? as : other);
			assert_int_equal(get(va_of(i)), i % 3 ? i : 1000 + i);
			assert_int_equal(put(va_of(i), i % 3 ? i : 1000 + i), FAULT_FIXED);
		}
	/* A call's room: so many frames, or as many as there are pages. */
	assert_int_equal(room_make(PAGES / 2, true), ROOM_MADE);
	assert_true(frame_available() >= PAGES / 2);
	assert_int_equal(room_make(100 * PAGES, true), ROOM_MADE);
	assert_int_equal(room_make(1, true), ROOM_NONE);
	while (frame_alloc(FRAME_ANY, FRAME_KERNEL, &taken[n]) == OK)
		assert_true(++n < ARRAY_LEN(taken));
	/* A fault that waited and found no frame is over, too: the time of the next one does not begin with it. */
	assert_true(mm_sleep(mm_events - 1, true));
	assert_int_equal(put(va_of(0), 0), FAULT_NO_MEMORY);
	assert_int_equal(mm_task->waits_since, 0);
	while (n > 0)
		frame_put(taken[--n]);
	end_both(as, other);
}

/* Two pages that displace each other, while every slot is in use. More pages than an instruction can touch, another instruction, or
 * a free slot: it goes on. */
static void an_instruction_that_never_has_its_pages(void)
{
	struct aspace *other, *as = with_pages(&other);
	struct vm_fault f = { .as = as, .may_sleep = true, .fault.pc = 0x1000 };
	static uint32_t taken[65536];
	unsigned n = 0, slots = 0;

	assert_false(slots_are_full());
	for (unsigned i = 0; i < 300; i++) {
		f.fault.va = va_of(i % 2);
		assert_false(room_is_crowded(&f));
	}
	while (slots_take(1, &taken[slots]))
		assert_true(++slots < ARRAY_LEN(taken));
	assert_true(slots > 0 && slots_are_full());
	for (unsigned i = 0; i < 300; i++) {
		f.fault.va = va_of(i % (CROWDED_PAGES + 1));
		assert_false(room_is_crowded(&f));
	}
	for (unsigned i = 0; i < 300; i++) {
		f.fault.va = va_of(i % 2);
		f.fault.pc = 0x1000 + 4 * (i / 8);
		assert_false(room_is_crowded(&f));
	}
	f.may_sleep = false;
	assert_false(room_is_crowded(&f));
	f.may_sleep = true;
	f.fault.pc = 0x2000;
	do
		f.fault.va = va_of(n % 2) + n;
	while (n++ < 1000 && !room_is_crowded(&f));
	assert_in_range(n, 2 * CROWDED_PAGES, 100);
	while (slots > 0)
		slot_put(taken[--slots]);
	end_both(as, other);
}

#define T(f) { #f, f }

int main(void)
{
	static const struct named_world_test tests[] = {
		T(creation_fails_cleanly), T(fork_fails_cleanly), T(faults_fail_cleanly), T(splits_fail_cleanly),
		T(paging_goes_on_when_an_allocation_fails), T(paging_goes_on_without_a_free_frame),
		T(an_instruction_that_never_has_its_pages),
	};

	return world_run("address spaces without memory", tests, ARRAY_LEN(tests));
}
