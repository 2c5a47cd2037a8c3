/* tests/host/mm/test_space_failure.c - the allocator fails at every place, and address spaces are as they were.
 * SPDX-License-Identifier: MIT
 */
#include "mm/phys/slab.h"
#include "mm/space/fork.h"
#include "mm/space/vma.h"
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

#define T(f) { #f, f }

int main(void)
{
	static const struct named_world_test tests[] = {
		T(creation_fails_cleanly), T(fork_fails_cleanly), T(faults_fail_cleanly), T(splits_fail_cleanly),
	};

	return world_run("address spaces without memory", tests, ARRAY_LEN(tests));
}
