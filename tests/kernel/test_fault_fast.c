/* tests/kernel/test_fault_fast.c - the fast path of faults leaves alone what has changed since the fault before.
 * SPDX-License-Identifier: MIT
 */
#include "arch/cpu.h"
#include "mm/phys/table.h"
#include "mm/space/fault.h"
#include "tests/kernel/kernel_test.h"

#define AT    0x40000000u
#define PAGES 8

static struct fault access_of(unsigned page, enum access access)
{
	return (struct fault){ .va = AT + page * PAGE_SIZE, .access = access, .from_user = true };
}

static bool is_fast(struct aspace *as, unsigned page, enum access access)
{
	struct fault *place = fault_place();

	*place = access_of(page, access);
	return fault_fast(as, place);
}

/* Two pages that no later part uses. */
static bool is_slow_twice(struct aspace *as)
{
	struct vm_fault f = { .fault = access_of(PAGES - 1, ACCESS_WRITE) }, g = { .fault = access_of(0, ACCESS_WRITE) };

	return mm_fault(as, &f) == FAULT_FIXED && mm_fault(as, &g) == FAULT_FIXED;
}

static bool is_mapped(struct aspace *as, unsigned page)
{
	struct pt_slot slot;

	return pt_lookup(&as->space, AT + page * PAGE_SIZE, 0, &slot) == OK && slot.kind == PT_LEAF;
}

/* The entry above the kept table becomes empty, and comes back. */
static const char *change_the_entry_above(struct aspace *as)
{
	unsigned bytes = as->space.half[0].mode->format->entry_bytes;
	struct pt_slot above;

	EXPECT(pt_lookup(&as->space, AT, 1, &above) == OK && above.kind == PT_TABLE);
	table_store(above.entry_pa, bytes, above.entry, PTE(0), "test");
	EXPECT(!is_fast(as, 2, ACCESS_READ) && !is_fast(as, 2, ACCESS_WRITE));
	table_store(above.entry_pa, bytes, PTE(0), above.entry, "test");
	EXPECT(!is_mapped(as, 2));
	EXPECT(is_fast(as, 2, ACCESS_READ) && is_mapped(as, 2));
	return NULL;
}

static const char *try_space(struct aspace *as)
{
	const char *what;

	EXPECT(vma_add(as, AT, PAGES * PAGE_SIZE, PROT_R | PROT_W | PROT_U, 0, &backing_anon, NULL, 0, "test", NULL) == OK);
	EXPECT(!is_fast(as, 0, ACCESS_WRITE));
	EXPECT(is_slow_twice(as));
	EXPECT(is_fast(as, 1, ACCESS_WRITE) && is_mapped(as, 1));
	EXPECT(fault_recent(0)->action == ACT_DEMAND_ZERO && fault_recent(0)->after.v);
	what = change_the_entry_above(as);
	if (what)
		return what;
	leaf_table_forget(as);
	EXPECT(!is_fast(as, 3, ACCESS_READ) && !is_mapped(as, 3));
	EXPECT(!is_fast(as, PAGES, ACCESS_READ) && !is_fast(as, 1, ACCESS_EXECUTE));
	return NULL;
}

static const char *fast_faults(void)
{
	struct aspace *as, *before = current_aspace;
	struct test_balance balance;
	unsigned around = fault_around;
	irq_state_t irqs;
	const char *what;

	test_balance_take(&balance);
	EXPECT(aspace_create("test", &as) == OK);
	fault_around = 1;
	irqs = arch_irq_save();
	aspace_load(as);
	what = try_space(as);
	aspace_load(before);
	fault_around = around;
	arch_irq_restore(irqs);
	aspace_destroy(as);
	return what ? what : test_balance_check(&balance);
}
KERNEL_TEST(fault_fast) = { "fault_fast", "the fast path of faults uses no page table that was replaced", fast_faults, false };
