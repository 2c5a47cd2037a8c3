/* tests/host/mm/test_space_rules.c - one rule of address spaces a test, under every format.
 * SPDX-License-Identifier: MIT
 */
#include "lib/string.h"
#include "mm/backing/file.h"
#include "mm/phys/direct.h"
#include "mm/phys/slab.h"
#include "mm/phys/table.h"
#include "mm/space/fork.h"
#include "mm/space/tlb.h"
#include "mm/space/vmalloc.h"
#include "mm/space/zap.h"
#include "tests/host/mm/space.h"

static uint64_t did(enum fault_action action)
{
	return fault_counts()->action[action];
}

/* ---- copy on write ---- */

static void fork_copies_nothing_and_the_last_owner_reuses(void)
{
	struct aspace *as = new_space(), *child;
	uint64_t frame, copies = did(ACT_COPY), reuses = did(ACT_REUSE), active;

	add(as, AT, LEN, RW, 0);
	for (uint64_t va = AT; va < AT + LEN; va += PAGE_SIZE)
		assert_int_equal(put(va, (uint32_t)va), FAULT_FIXED);
	active = frame_stats()->state[FRAME_ACTIVE];
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(as, child), OK);
	assert_int_equal(frame_stats()->state[FRAME_ACTIVE], active);
	frame = frame_of(as, AT);
	assert_int_equal(frame_of(child, AT), frame);
	assert_int_equal(put(AT, 1), FAULT_FIXED);
	assert_int_equal(did(ACT_COPY), copies + 1);
	assert_true(frame_of(as, AT) != frame);
	aspace_load(child);
	assert_int_equal(get(AT), AT);
	assert_int_equal(put(AT, 2), FAULT_FIXED);
	assert_int_equal(did(ACT_REUSE), reuses + 1);
	assert_int_equal(frame_of(child, AT), frame);
	aspace_load(as);
	assert_int_equal(get(AT), 1);
	aspace_destroy(child);
	/* The others' last owner is now the parent. */
	assert_int_equal(put(AT + PAGE_SIZE, 3), FAULT_FIXED);
	assert_int_equal(did(ACT_COPY), copies + 1);
	end_space(as);
}

/* The kernel could read what a range without rights still shows it: it has to ask. */
static void what_may_not_be_read_is_known(void)
{
	struct aspace *as = new_space(), *child;

	add(as, AT, LEN, RW, 0);
	assert_int_equal(put(AT + PAGE_SIZE, 5), FAULT_FIXED);
	assert_true(vma_may_read(as, AT, LEN));
	assert_int_equal(vma_protect(as, AT + PAGE_SIZE, PAGE_SIZE, PROT_U), OK);
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(as, child), OK);
	for (unsigned i = 0; i < 2; i++) {
		struct aspace *in = i ? child : as;

		assert_true(vma_may_read(in, AT, PAGE_SIZE) && vma_may_read(in, AT + 2 * PAGE_SIZE, LEN));
		assert_true(vma_may_read(in, AT + PAGE_SIZE, 0) && vma_may_read(in, AT - PAGE_SIZE, PAGE_SIZE));
		assert_false(vma_may_read(in, AT + PAGE_SIZE - 1, 2) || vma_may_read(in, AT + 2 * PAGE_SIZE - 1, 1));
		assert_false(vma_may_read(in, AT, LEN));
	}
	assert_int_equal(vma_protect(as, AT + PAGE_SIZE, PAGE_SIZE, RW), OK);
	assert_true(vma_may_read(as, AT, LEN));
	assert_int_equal(get(AT + PAGE_SIZE), 5);
	aspace_destroy(child);
	end_space(as);
}

static void the_zero_frame_is_never_written(void)
{
	struct aspace *as = new_space(), *child;

	add(as, AT, LEN, RW, 0);
	assert_int_equal(get(AT), 0);
	assert_int_equal(frame_of(as, AT), zero_frame.v);
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(as, child), OK);
	assert_int_equal(put(AT + 8, 7), FAULT_FIXED);
	assert_true(frame_of(as, AT) != zero_frame.v);
	aspace_load(child);
	assert_int_equal(get(AT + 8), 0);
	assert_int_equal(frame_of(child, AT), zero_frame.v);
	assert_null(zero_frame_check());
	aspace_load(as);
	aspace_destroy(child);
	end_space(as);
}

static void sections_and_files_are_shared(void)
{
	struct aspace *a = new_space(), *b;
	struct section *s;
	struct file f;
	pfn_t at;

	assert_int_equal(frame_alloc_run(1, FRAME_LOW, FRAME_KERNEL, &at), OK);
	memset(machine_page(at), 0x5A, 2 * PAGE_SIZE);
	f = (struct file){ .data = pfn_base(at), .size = 2 * PAGE_SIZE };
	assert_int_equal(section_open("s", LEN, &s), OK);
	assert_int_equal(vma_add(a, AT, LEN, RW, VMA_SHARED, &backing_section, s, 0, "s", NULL), OK);
	assert_int_equal(vma_add(a, AT + LEN, 2 * PAGE_SIZE, RW, 0, &backing_file, &f, 0, "f", NULL), OK);
	section_put(s);
	assert_int_equal(aspace_create("b", &b), OK);
	assert_int_equal(put(AT, 11), FAULT_FIXED);
	assert_int_equal(get(AT + LEN), 0x5A5A5A5A);
	assert_int_equal(aspace_fork(a, b), OK);
	assert_int_equal(put(AT, 12), FAULT_FIXED);
	aspace_load(b);
	assert_int_equal(get(AT), 12);
	assert_int_equal(put(AT + PAGE_SIZE, 13), FAULT_FIXED);
	assert_int_equal(get(AT + LEN), 0x5A5A5A5A);
	assert_int_equal(frame_of(a, AT), frame_of(b, AT));
	assert_int_equal(frame_of(a, AT + LEN), frame_of(b, AT + LEN));
	assert_int_equal(put(AT + LEN, 14), FAULT_FIXED);
	assert_true(frame_of(a, AT + LEN) != frame_of(b, AT + LEN));
	aspace_load(a);
	assert_int_equal(get(AT + PAGE_SIZE), 13);
	assert_int_equal(get(AT + LEN), 0x5A5A5A5A);
	assert_int_equal(f.reads, 1);
	aspace_destroy(b);
	end_space(a);
	assert_true(list_empty(&sections));
	assert_int_equal(file_drop(&f), 1);
	object_free(&f.object);
	frame_free_run(at, 2);
}

/* Device registers have no frame record or that of a hole: their mappings are not counted. */
static void device_pages_are_not_counted(void)
{
	struct aspace *as = new_space(), *child;
	const uint64_t hole = 0x100 + 2048 + 8;

	assert_int_equal(frame_at(PFN(hole))->state, FRAME_BAD);
	assert_null(frame_at(PFN(0x80000)));
	assert_int_equal(vma_add(as, AT, LEN, RW, VMA_SHARED, &backing_phys, NULL, hole << PAGE_SHIFT, "d", NULL), OK);
	assert_int_equal(vma_add(as, AT + LEN, LEN, RW, VMA_SHARED, &backing_phys, NULL, 0x80000ull << PAGE_SHIFT, "d",
	                         NULL), OK);
	world_fail_after = 0;
	assert_int_equal(put(AT, 1), FAULT_NO_MEMORY);
	world_fail_after = -1;
	assert_int_equal(put(AT, 1), FAULT_FIXED);
	assert_int_equal(put(AT + LEN, 1), FAULT_FIXED);
	assert_int_equal(frame_of(as, AT), hole);
	world_check();
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(as, child), OK);
	world_check();
	assert_int_equal(committed(as), 0);
	assert_int_equal(committed(child), 0);
	aspace_destroy(child);
	end_space(as);
	assert_int_equal(frame_at(PFN(hole))->maps, 0);
	assert_int_equal(frame_at(PFN(hole))->owner, 0);
}

/* ---- the kernel's part ---- */

static void vmalloc_is_synced_by_one_fault(void)
{
	struct aspace *as = new_space();
	uint32_t value = 77;
	uint64_t synced;
	void *p;

	assert_int_equal(vmalloc(3 * PAGE_SIZE, PROT_R | PROT_W, "v", &p), OK);
	synced = as->synced;
	assert_int_equal(cpu_access((uintptr_t)p, ACCESS_WRITE, false, &value), FAULT_FIXED);
	/* An LPAE directory, and one top entry of LA57, hold all of the kernel's part: there is nothing to sync. */
	assert_int_equal(cpu_faults(), world->format == &pt_lpae || world->format == &pt_la57 ? 0 : 1);
	assert_int_equal(as->synced, synced + cpu_faults());
	assert_int_equal(cpu_access((uintptr_t)p + PAGE_SIZE, ACCESS_READ, false, &value), FAULT_FIXED);
	assert_int_equal(cpu_faults(), 0);
	assert_int_equal(cpu_access((uintptr_t)p, ACCESS_READ, true, &value), FAULT_DENIED);
	assert_int_equal(cpu_access((uintptr_t)p - PAGE_SIZE, ACCESS_READ, false, &value), FAULT_NO_VMA);
	assert_int_equal(cpu_access((uintptr_t)p + 3 * PAGE_SIZE, ACCESS_READ, false, &value), FAULT_NO_VMA);
	vfree(p);
	assert_int_equal(cpu_access((uintptr_t)p, ACCESS_READ, false, &value), FAULT_NO_VMA);
	end_space(as);
}

/* The entry of the kernel half that the last fault found is compared with what it was: this root has lost it since. */
static void a_kernel_entry_that_went_is_synced_again(void)
{
	struct aspace *as = new_space();
	const struct pt_format *f = world->format;
	struct pt_slot own, reference;
	uint32_t value = 5;
	uint64_t va, synced;

	assert_int_equal(vmalloc_demand(3 * PAGE_SIZE, "d", &va), OK);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(cpu_access(va + i * PAGE_SIZE, ACCESS_WRITE, false, &value), FAULT_FIXED);
	assert_int_equal(pt_lookup(&as->space, va, f->shared_level, &own), OK);
	assert_int_equal(pt_lookup(&kernel_aspace.space, va, f->shared_level, &reference), OK);
	if (own.entry_pa.v != reference.entry_pa.v) {
		table_store(own.entry_pa, f->entry_bytes, own.entry, PTE(0), "test");
		arch_tlb_flush_all();
		synced = as->synced;
		assert_int_equal(cpu_access(va + 2 * PAGE_SIZE, ACCESS_WRITE, false, &value), FAULT_FIXED);
		assert_int_equal(as->synced, synced + 1);
		assert_int_equal(cpu_faults(), 2);
	}
	assert_int_equal(vmalloc_release(va), OK);
	end_space(as);
}

/* A fault that makes a table in the reference also copies its entry into the loaded root. */
static void demand_is_synced_by_the_same_fault(void)
{
	struct aspace *as = new_space();
	uint32_t value = 5;
	uint64_t va;

	assert_int_equal(vmalloc_demand(2 * PAGE_SIZE, "d", &va), OK);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(cpu_access(va + i * PAGE_SIZE, ACCESS_WRITE, false, &value), FAULT_FIXED);
		assert_int_equal(cpu_faults(), 1);
	}
	assert_int_equal(cpu_walk(as, va).end, HW_MAPPED);
	assert_int_equal(vmalloc_release(va), OK);
	end_space(as);
}

static void stacks_are_in_every_root(void)
{
	struct aspace *as = new_space();
	uint32_t value = 1;
	char *top = kstack_alloc();

	assert_non_null(top);
	assert_int_equal(cpu_access((uintptr_t)top - 8, ACCESS_WRITE, false, &value), FAULT_FIXED);
	assert_int_equal(cpu_faults(), 0);
	assert_true(kstack_is_guard((uintptr_t)top - KSTACK_BYTES - 1));
	assert_false(kstack_is_guard((uintptr_t)top - KSTACK_BYTES));
	assert_ptr_equal(kstack_top((uintptr_t)top - 1), top);
	kstack_free(top);
	assert_int_equal(kstack_shrink(), KSTACK_BYTES / PAGE_SIZE);
	assert_int_equal(cpu_access((uintptr_t)top - 8, ACCESS_READ, false, &value), FAULT_NO_VMA);
	end_space(as);
}

/* The self-map of a root shows that root's own entries. */
static void each_root_shows_itself(void)
{
	struct aspace *as = new_space(), *other;
	uint64_t at = pt_selfmap_entry(as->space.half[0].mode, arch_selfmap_base() ? arch_selfmap_base() : 1, AT, 0);
	uint32_t low;

	add(as, AT, LEN, RW, 0);
	assert_int_equal(put(AT, 1), FAULT_FIXED);
	assert_int_equal(aspace_create("other", &other), OK);
	if (arch_selfmap_base()) {
		assert_int_equal(cpu_access(at, ACCESS_READ, false, &low), FAULT_FIXED);
		assert_int_equal(low >> PAGE_SHIFT & 0xFFFFF, frame_of(as, AT) & 0xFFFFF);
		assert_int_equal(cpu_access(at, ACCESS_READ, true, &low), FAULT_DENIED);
		aspace_load(other);
		assert_true(cpu_access(at, ACCESS_READ, false, &low) != FAULT_FIXED);
		aspace_load(as);
	}
	aspace_destroy(other);
	end_space(as);
}

/* ---- ranges ---- */

static void stacks_grow_so_far(void)
{
	struct aspace *as = new_space();
	const uint64_t top = 0x20000000, lowest = top - VMA_STACK_LIMIT;

	add(as, top - PAGE_SIZE, PAGE_SIZE, RW, VMA_GROWS_DOWN);
	assert_int_equal(put(top - 3 * PAGE_SIZE, 1), FAULT_FIXED);
	assert_int_equal(vma_find(as, top - 1)->first, top - 3 * PAGE_SIZE);
	assert_int_equal(put(lowest - 4, 1), FAULT_NO_VMA);
	assert_int_equal(put(lowest, 1), FAULT_FIXED);
	assert_int_equal(put(lowest - PAGE_SIZE, 1), FAULT_NO_VMA);
	/* Not up to a neighbour. */
	add(as, 0x30000000, PAGE_SIZE, RW, 0);
	add(as, 0x30000000 + 4 * PAGE_SIZE, PAGE_SIZE, RW, VMA_GROWS_DOWN);
	assert_int_equal(put(0x30000000 + PAGE_SIZE, 1), FAULT_NO_VMA);
	assert_int_equal(put(0x30000000 + 2 * PAGE_SIZE, 1), FAULT_FIXED);
	/* Not over address 0. */
	add(as, 2 * PAGE_SIZE, PAGE_SIZE, RW, VMA_GROWS_DOWN);
	assert_int_equal(put(PAGE_SIZE, 1), FAULT_FIXED);
	assert_int_equal(put(0, 1), FAULT_NO_VMA);
	end_space(as);
}

static void guards_are_denied(void)
{
	struct aspace *as = new_space();
	uint32_t value;

	add(as, AT, PAGE_SIZE, RW, VMA_GUARD);
	add(as, AT + PAGE_SIZE, PAGE_SIZE, RW, 0);
	assert_int_equal(put(AT, 1), FAULT_DENIED);
	assert_int_equal(cpu_access(AT, ACCESS_READ, false, &value), FAULT_DENIED);
	assert_int_equal(vma_protect(as, AT, 2 * PAGE_SIZE, RW), OK);
	assert_int_equal(put(AT, 1), FAULT_DENIED);
	assert_int_equal(put(AT + PAGE_SIZE, 1), FAULT_FIXED);
	end_space(as);
}

static void impossible_ranges(void)
{
	struct aspace *as = new_space();
	static const struct { uint64_t first, len; err_t err; } odd[] = {
		{ AT, 0, ERR_INVALID }, { AT + 1, PAGE_SIZE, ERR_INVALID }, { AT, PAGE_SIZE + 1, ERR_INVALID },
		{ ~(uint64_t)0xFFF, 2 * 0x1000, ERR_INVALID }, { AT - PAGE_SIZE, 2 * 0x1000, ERR_EXISTS },
		{ AT + 0x7000, 0x1000, ERR_EXISTS }, { AT - 0x1000, 0xA000, ERR_EXISTS }, { AT + 0x1000, 0x1000, ERR_EXISTS },
	};

	add(as, AT, LEN, RW, 0);
	for (unsigned i = 0; i < ARRAY_LEN(odd); i++)
		assert_int_equal(vma_add(as, odd[i].first, odd[i].len, RW, 0, &backing_anon, NULL, 0, "x", NULL),
		                 odd[i].err);
	assert_int_equal(ranges(as), 1);
	assert_int_equal(vma_unmap(as, AT, 0), ERR_INVALID);
	assert_int_equal(vma_unmap(as, ~(uint64_t)0xFFF, 2 * PAGE_SIZE), ERR_INVALID);
	assert_int_equal(vma_protect(as, AT, LEN + PAGE_SIZE, RW), ERR_NOT_FOUND);
	end_space(as);
}

static void holes(void)
{
	struct aspace *as = new_space();
	const uint64_t last = USER_END - 1;
	uint64_t at = 1;

	assert_int_equal(vma_find_hole(as, 0, last, USER_END, &at), OK);
	assert_int_equal(at, 0);
	assert_int_equal(vma_find_hole(as, 0, last, USER_END + PAGE_SIZE, &at), ERR_NO_MEMORY);
	assert_int_equal(vma_find_hole(as, 0, last, 0, &at), ERR_INVALID);
	add(as, 0, PAGE_SIZE, RW, 0);
	add(as, 3 * PAGE_SIZE, PAGE_SIZE, RW, 0);
	add(as, USER_END - PAGE_SIZE, PAGE_SIZE, RW, 0);
	assert_int_equal(vma_find_hole(as, 0, last, 2 * PAGE_SIZE, &at), OK);
	assert_int_equal(at, PAGE_SIZE);
	assert_int_equal(vma_find_hole(as, 0, last, 3 * PAGE_SIZE, &at), OK);
	assert_int_equal(at, 4 * PAGE_SIZE);
	assert_int_equal(vma_find_hole(as, 2 * PAGE_SIZE, 3 * PAGE_SIZE - 1, PAGE_SIZE, &at), OK);
	assert_int_equal(at, 2 * PAGE_SIZE);
	assert_int_equal(vma_find_hole(as, 2 * PAGE_SIZE, 3 * PAGE_SIZE - 1, 2 * PAGE_SIZE, &at), ERR_NO_MEMORY);
	assert_int_equal(vma_find_hole(as, USER_END - PAGE_SIZE, last, PAGE_SIZE, &at), ERR_NO_MEMORY);
	assert_int_equal(vma_find_hole(as, 0, last, USER_END - 5 * PAGE_SIZE, &at), OK);
	assert_int_equal(vma_find_hole(as, 0, last, USER_END - 4 * PAGE_SIZE, &at), ERR_NO_MEMORY);
	assert_int_equal(vma_find_hole(as, 0, last, ~(uint64_t)PAGE_MASK, &at), ERR_NO_MEMORY);
	end_space(as);
}

/* More pages than a batch names: everything is flushed, and the frames go after that (the CPU looks). */
static void large_batches(void)
{
	struct aspace *as = new_space();
	const unsigned pages = 3 * TLB_BATCH;

	add(as, AT, pages * (uint64_t)PAGE_SIZE, RW, 0);
	for (unsigned i = 0; i < pages; i++)
		assert_int_equal(put(AT + i * PAGE_SIZE, i), FAULT_FIXED);
	assert_int_equal(committed(as), pages);
	vma_zap(as, AT, TLB_BATCH / 2 * PAGE_SIZE);
	world_check();
	assert_int_equal(vma_protect(as, AT, pages * (uint64_t)PAGE_SIZE, PROT_U | PROT_R), OK);
	world_check();
	assert_int_equal(put(AT + 40 * PAGE_SIZE, 1), FAULT_DENIED);
	vma_zap(as, AT, pages * (uint64_t)PAGE_SIZE);
	world_check();
	assert_int_equal(committed(as), 0);
	assert_int_equal(get(AT + 40 * PAGE_SIZE), 0);
	end_space(as);
}

/* A range that is the kernel's although it lies in the user part: a program's access takes no frame for it. Without the
 * question to the range the page would be filled, committed, and only then denied by its entry. */
static void a_range_of_the_kernel_is_filled_for_the_kernel_alone(void)
{
	struct aspace *as = new_space();
	uint32_t value = 7;

	add(as, AT, LEN, PROT_R | PROT_W, 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(cpu_access(AT, i ? ACCESS_WRITE : ACCESS_READ, true, &value), FAULT_DENIED);
		assert_int_equal(cpu_faults(), 0);      /* none before the one that was denied */
		assert_int_equal(committed(as), 0);
		assert_int_equal(cpu_walk(as, AT).end == HW_MAPPED, 0);
	}
	assert_int_equal(cpu_access(AT, ACCESS_WRITE, false, &value), FAULT_FIXED);
	assert_int_equal(committed(as), 1);
	assert_int_equal(cpu_access(AT, ACCESS_READ, true, &value), FAULT_DENIED);
	end_space(as);
}

static void unfinished_batches_assert(void)
{
	struct tlb_batch a, b;

	tlb_begin(&a, &kernel_aspace);
	EXPECT_ASSERT(tlb_begin(&b, &kernel_aspace));
	tlb_reset();
	tlb_begin(&a, &kernel_aspace);
	tlb_finish(&a);
	EXPECT_ASSERT(tlb_finish(&a));
}

#define T(f) { #f, f }

int main(void)
{
	static const struct named_world_test tests[] = {
		T(fork_copies_nothing_and_the_last_owner_reuses), T(what_may_not_be_read_is_known),
		T(the_zero_frame_is_never_written), T(sections_and_files_are_shared), T(device_pages_are_not_counted),
		T(vmalloc_is_synced_by_one_fault), T(demand_is_synced_by_the_same_fault),
		T(a_kernel_entry_that_went_is_synced_again), T(stacks_are_in_every_root),
		T(each_root_shows_itself),
		T(stacks_grow_so_far), T(guards_are_denied), T(impossible_ranges), T(holes), T(large_batches),
		T(a_range_of_the_kernel_is_filled_for_the_kernel_alone), T(unfinished_batches_assert),
	};

	return world_run("rules of address spaces", tests, ARRAY_LEN(tests));
}
