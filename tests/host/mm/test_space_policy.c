/* tests/host/mm/test_space_policy.c - the replacement policy chooses frames of address spaces, under every format.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "mm/reclaim/replace.h"
#include "mm/space/fork.h"
#include "mm/space/vmalloc.h"
#include "tests/host/mm/pageout.h"

#define PAGES 24

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
	as = with_pages(PAGES, PAGES);
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
		as = with_pages(PAGES, PAGES);
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

/* Every free frame but this one. Returns their number. */
static unsigned take_all_but(uint64_t pfn, pfn_t *taken, unsigned most)
{
	unsigned n = 0;

	while (n < most && frame_alloc(FRAME_ANY, FRAME_KERNEL, &taken[n]) == OK)
		n++;
	assert_true(n < most);
	for (unsigned i = 0; i < n; i++) {
		if (taken[i].v != pfn)
			continue;
		frame_put(taken[i]);
		taken[i] = taken[--n];
	}
	return n;
}

/* Pages leave whose slots have the same bytes, and pages written since: only the latter are written, each once. */
static void only_written_pages_are_written(void)
{
	for (unsigned n = 0; policies[n]; n++) {
		struct aspace *as;
		unsigned writes;

		assert_int_equal(replace_select(policies[n]), OK);
		as = with_pages(PAGES, PAGES);
		to_the_file(as, PAGES);
		for (unsigned i = 0; i < PAGES; i++)
			assert_int_equal(get(va_of(i)), 100 + i);
		for (unsigned i = 0; i < PAGES; i += 2)
			assert_int_equal(put(va_of(i), 200 + i), FAULT_FIXED);
		writes = disk_writes;
		assert_int_equal(replace_evict(PAGES), PAGES);
		write_all_modified();
		assert_int_equal(disk_writes - writes, PAGES / 2);
		assert_int_equal(pages_release(PAGES), PAGES);
		for (unsigned i = 0; i < PAGES; i++)
			assert_int_equal(get(va_of(i)), i % 2 ? 100 + i : 200 + i);
		replace_stop();
		end(as);
	}
}

/* A frame on the policy's list becomes a page of the kernel's: its accessed bit stays set, whatever is evicted. */
static void the_kernel_takes_a_listed_frame(void)
{
	static pfn_t taken[1 << 16];
	const struct pt_mode *mode = kernel_aspace.space.half[0].mode;
	struct pt_slot slot;
	struct aspace *as;
	uint64_t va, listed;
	uint32_t value = 1;
	unsigned n;

	select_policy("clock");
	assert_int_equal(vmalloc_demand(2 * PAGE_SIZE, "test", &va), OK);
	assert_int_equal(cpu_access(va + PAGE_SIZE, ACCESS_WRITE, false, &value), FAULT_FIXED);  /* the tables exist */
	arch_tlb_flush_all();
	as = with_pages(PAGES, 1);
	listed = frame_of(as, va_of(0));
	end(as);
	n = take_all_but(listed, taken, ARRAY_LEN(taken));
	assert_int_equal(cpu_access(va, ACCESS_WRITE, false, &value), FAULT_FIXED);
	assert_int_equal(pt_lookup(&kernel_aspace.space, va, 0, &slot), OK);
	assert_int_equal(slot.page.v, listed);
	(void)replace_evict(1);
	assert_int_equal(pt_lookup(&kernel_aspace.space, va, 0, &slot), OK);
	assert_true(mode->format->prot(mode, 0, slot.entry) & PROT_ACCESSED);
	while (n > 0)
		frame_put(taken[--n]);
	assert_int_equal(vmalloc_release(va), OK);
	replace_stop();
}

/* Pages that were mapped before the policy, a policy that changes, pages of a space that is gone. */
static void the_policy_changes(void)
{
	struct aspace *as = with_pages(PAGES, PAGES), *gone;

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
	as = with_pages(PAGES, 4);
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
		{ "only written pages are written", only_written_pages_are_written },
		{ "the kernel takes a listed frame", the_kernel_takes_a_listed_frame },
		{ "the policy changes", the_policy_changes },
		{ "shared frames are one page", shared_frames_are_one_page },
	};

	return world_run("replacement", tests, ARRAY_LEN(tests));
}
