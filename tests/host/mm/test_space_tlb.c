/* tests/host/mm/test_space_tlb.c - tables that go: flushed where the self-map shows them, given back with their range.
 * SPDX-License-Identifier: MIT
 *
 * The world does not let a table be freed while its TLB still knows it.
 */
#include "mm/space/tlb.h"
#include "mm/space/vma.h"
#include "tests/host/mm/world.h"

#define AT 0x3FE000u             /* two pages before a table's end, whatever the format */

static struct aspace *space_with_a_page(void)
{
	struct aspace *as;
	uint32_t value = 1;

	assert_int_equal(aspace_create("test", &as), OK);
	aspace_load(as);
	assert_int_equal(vma_add(as, AT, PAGE_SIZE, PROT_U | PROT_R | PROT_W, 0, &backing_anon, NULL, 0, "test", NULL), OK);
	assert_int_equal(cpu_access(AT, ACCESS_WRITE, true, &value), FAULT_FIXED);
	return as;
}

static void end_space(struct aspace *as)
{
	world_check();
	aspace_load(&kernel_aspace);
	aspace_destroy(as);
}

/* Reads the page's entry where the self-map shows it: from now on the TLB knows the table as a page. */
static void look_at_entry(const struct aspace *as)
{
	uint64_t at = pt_selfmap_entry(as->space.half[0].mode, arch_selfmap_base(), AT, 0);
	uint32_t value;

	assert_int_equal(cpu_access(at, ACCESS_READ, false, &value), FAULT_FIXED);
}

static void a_table_unlinked_is_gone_from_the_self_map(void)
{
	struct aspace *as = space_with_a_page();
	const struct pt_format *f = as->space.half[0].mode->format;
	struct tlb_batch b;
	struct pt_slot slot;
	uint64_t table;

	if (arch_selfmap_base()) {
		assert_int_equal(pt_lookup(&as->space, AT, 1, &slot), OK);
		table = pfn_of(pt_output(as->space.half[0].mode, 1, slot.entry, AT).pa).v;
		look_at_entry(as);
		assert_true(tlb_holds_frame(table));
		tlb_begin(&b, as);
		mm_env.store(NULL, slot.entry_pa, f->entry_bytes, slot.entry, PTE(0), "test");
		tlb_change(&b, AT, 1, slot.entry, PTE(0));
		tlb_finish(&b);
		assert_false(tlb_holds_frame(table));
		mm_env.store(NULL, slot.entry_pa, f->entry_bytes, PTE(0), slot.entry, "test");
	}
	end_space(as);
}

static void a_range_removed_takes_its_table_along(void)
{
	struct aspace *as = space_with_a_page();
	uint32_t tables = frame_stats()->state[FRAME_TABLE];
	struct pt_slot slot;

	if (arch_selfmap_base())
		look_at_entry(as);
	vma_remove(vma_find(as, AT));
	assert_int_equal(pt_lookup(&as->space, AT, 0, &slot), OK);
	assert_true(slot.level > 0 && slot.entry.v == 0);
	assert_true(frame_stats()->state[FRAME_TABLE] <= tables);
	end_space(as);
}

/* A neighbour in the same table keeps it. */
static void a_neighbour_keeps_the_table(void)
{
	struct aspace *as = space_with_a_page();
	struct pt_slot slot;

	assert_int_equal(vma_add(as, AT - PAGE_SIZE, PAGE_SIZE, PROT_U | PROT_R, 0, &backing_anon, NULL, 0, "test", NULL), OK);
	vma_remove(vma_find(as, AT));
	assert_int_equal(pt_lookup(&as->space, AT, 0, &slot), OK);
	assert_int_equal(slot.level, 0);
	end_space(as);
}

#define T(f) { #f, f }

int main(void)
{
	static const struct named_world_test tests[] = {
		T(a_table_unlinked_is_gone_from_the_self_map), T(a_range_removed_takes_its_table_along),
		T(a_neighbour_keeps_the_table),
	};

	return world_run("tables that go", tests, ARRAY_LEN(tests));
}
