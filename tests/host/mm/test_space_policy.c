/* tests/host/mm/test_space_policy.c - the replacement policy chooses frames of address spaces, under every format.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/replace.h"
#include "mm/space/fork.h"
#include "tests/host/mm/disk.h"
#include "tests/host/mm/space.h"

#define PAGES 24

static uint64_t va_of(unsigned page)
{
	return AT + (uint64_t)page * PAGE_SIZE;
}

static struct aspace *with_pages(unsigned n)
{
	struct aspace *as = new_space();

	disk_start();
	add(as, AT, PAGES * PAGE_SIZE, RW, 0);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(put(va_of(i), 100 + i), FAULT_FIXED);
	return as;
}

static void end(struct aspace *as)
{
	world_check();
	end_space(as);
	disk_stop();
}

/* The table of the policy is larger than the heap gives, and addresses of vmalloc exist in the simulated machine only. */
void *__real_kvzalloc(uint64_t bytes, const char *name);
void __real_kvfree(void *p);
void *__wrap_kvzalloc(uint64_t bytes, const char *name);
void __wrap_kvfree(void *p);
static void *policy_table;

void *__wrap_kvzalloc(uint64_t bytes, const char *name)
{
	if (strcmp(name, "replacement policy"))
		return __real_kvzalloc(bytes, name);
	return policy_table = calloc(1, (size_t)bytes);
}

void __wrap_kvfree(void *p)
{
	if (p != policy_table) {
		__real_kvfree(p);
		return;
	}
	free(p);
	policy_table = NULL;
}

static bool is_mapped(struct aspace *as, unsigned page)
{
	struct pt_slot slot;

	assert_int_equal(pt_lookup(&as->space, va_of(page), 0, &slot), OK);
	return slot.kind == PT_LEAF;
}

static void select_policy(const char *name)
{
	assert_int_equal(replace_select(policy_named(name)), OK);
}

/* fifo: the order of the faults, whatever is used in between. A page that comes back is the youngest. */
static void the_first_loaded_page_leaves_first(void)
{
	struct aspace *as;

	select_policy("fifo");
	as = with_pages(PAGES);
	for (unsigned i = 0; i < PAGES; i++)
		(void)get(va_of(i));
	assert_int_equal(replace_evict(5), 5);
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(is_mapped(as, i), i >= 5);
	assert_int_equal(get(va_of(2)), 102);
	assert_int_equal(replace_evict(PAGES - 5), PAGES - 5);
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(is_mapped(as, i), i == 2);
	replace_stop();
	end(as);
}

/* The first round clears the bits of all pages; then only page 7 is used. By fault where the CPU sets no bit. */
static void a_used_page_has_a_second_chance(void)
{
	static const char *const with_bits[] = { "clock", "lru", "wsclock", "mglru" };

	for (unsigned i = 0; i < ARRAY_LEN(with_bits); i++) {
		struct aspace *as;

		select_policy(with_bits[i]);
		as = with_pages(PAGES);
		assert_int_equal(replace_evict(1), 1);
		(void)get(va_of(7));
		replace_timer += REPLACE_SAMPLE;
		assert_int_equal(replace_evict(PAGES - 2), PAGES - 2);
		for (unsigned page = 0; page < PAGES; page++)
			assert_int_equal(is_mapped(as, page), page == 7);
		replace_stop();
		end(as);
	}
}

/* Pages that were mapped before the policy, a policy that changes, pages of a space that is gone. */
static void the_policy_changes(void)
{
	struct aspace *as = with_pages(PAGES), *gone;

	for (unsigned i = 0; policies[i]; i++) {
		assert_int_equal(replace_select(policies[i]), OK);
		assert_int_equal(replace_evict(PAGES / 2), PAGES / 2);
		for (unsigned page = 0; page < PAGES; page++)
			assert_int_equal(get(va_of(page)), 100 + page);
	}
	aspace_load(&kernel_aspace);
	gone = new_space();
	add(gone, AT, PAGES * PAGE_SIZE, RW, 0);
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(put(va_of(i), i), FAULT_FIXED);
	end_space(gone);
	assert_int_equal(replace_evict(2 * PAGES), PAGES);
	aspace_load(as);
	for (unsigned page = 0; page < PAGES; page++)
		assert_int_equal(get(va_of(page)), 100 + page);
	replace_stop();
	end(as);
}

/* A child's fault on a shared page changes nothing; its own copy is a page of its own. */
static void shared_frames_are_one_page(void)
{
	struct aspace *as, *child;

	select_policy("fifo");
	as = with_pages(4);
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(as, child), OK);
	replace_count_resident();
	assert_int_equal(replace_counts.resident, 4);
	aspace_load(child);
	assert_int_equal(get(va_of(0)), 100);
	assert_int_equal(put(va_of(1), 1), FAULT_FIXED);
	replace_count_resident();
	assert_int_equal(replace_counts.resident, 5);
	assert_int_equal(replace_evict(1), 1);
	assert_false(is_mapped(as, 0));
	assert_false(is_mapped(child, 0));
	assert_int_equal(get(va_of(0)), 100);
	replace_stop();
	aspace_load(as);
	assert_int_equal(get(va_of(1)), 101);
	end_space(child);
	end(as);
}

int main(void)
{
	static const struct named_world_test tests[] = {
		{ "the first loaded page leaves first", the_first_loaded_page_leaves_first },
		{ "a used page has a second chance", a_used_page_has_a_second_chance },
		{ "the policy changes", the_policy_changes },
		{ "shared frames are one page", shared_frames_are_one_page },
	};

	return world_run("replacement", tests, ARRAY_LEN(tests));
}
