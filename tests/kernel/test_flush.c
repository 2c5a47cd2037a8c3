/* tests/kernel/test_flush.c - after each kind of flush the CPU uses the entry that is in memory.
 * SPDX-License-Identifier: MIT
 *
 * One page whose entry names one frame, then another; read before and after by plain loads, so that nothing but the flush
 * under test lies between. Whether the CPU noticed the change by itself is its own business.
 */
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "mm/mm.h"
#include "mm/phys/kmap.h"
#include "mm/space/vmalloc.h"
#include "tests/kernel/kernel_test.h"

static uint64_t va;
static pfn_t frame[2];

static void flush_page(void)  { arch_tlb_flush_page(va); }
static void flush_all(void)   { arch_tlb_flush_all(); }
static void load_root(void)   { arch_mmu_load_root(current_aspace->space.half[0].root); }

/* Loading a root spares global translations. */
static const struct { void (*flush)(void); prot_t prot; } ways[] = {
	{ flush_page, 0 }, { flush_page, PROT_GLOBAL }, { flush_all, 0 }, { flush_all, PROT_GLOBAL }, { load_root, 0 },
};

static err_t point_at(unsigned i, prot_t prot)
{
	const struct pt_space *s = &kernel_aspace.space;
	pte_t leaf;
	const struct pt_mode *mode = s->half[0].mode;
	err_t err = mode->format->make_leaf(mode, 0, pfn_base(frame[i]), PROT_R | PROT_ACCESSED | prot, &leaf);

	return err == OK ? pt_set(s, va, leaf, NULL) : err;
}

static bool noticed(unsigned way)
{
	const volatile uint32_t *word = (const volatile uint32_t *)(uintptr_t)va;
	irq_state_t irqs = arch_irq_save();
	err_t first = point_at(0, ways[way].prot), second;
	uint32_t before = 0, after = 0;

	arch_tlb_flush_all();
	if (first == OK)
		before = *word;
	second = point_at(1, ways[way].prot);
	ways[way].flush();
	if (second == OK)
		after = *word;
	arch_irq_restore(irqs);
	return before == 1 && after == 2;
}

static const char *flushes(void)
{
	struct test_balance balance;
	bool good[ARRAY_LEN(ways)];

	test_balance_take(&balance);
	EXPECT(vmalloc_reserve(PAGE_SIZE, "test", &va) == OK);
	for (uint32_t i = 0; i < ARRAY_LEN(frame); i++) {
		uint32_t word = i + 1;

		EXPECT(frame_alloc(FRAME_ZERO, FRAME_KERNEL, &frame[i]) == OK);
		EXPECT(phys_write(pfn_base(frame[i]), &word, sizeof(word)) == OK);
	}
	for (unsigned i = 0; i < ARRAY_LEN(ways); i++)
		good[i] = noticed(i);
	EXPECT(pt_set(&kernel_aspace.space, va, PTE(0), NULL) == OK);
	arch_tlb_flush_page(va);
	for (uint32_t i = 0; i < ARRAY_LEN(frame); i++)
		frame_put(frame[i]);
	EXPECT(vmalloc_release(va) == OK);
	for (unsigned i = 0; i < ARRAY_LEN(ways); i++)
		EXPECT(good[i]);
	return test_balance_check(&balance);
}
KERNEL_TEST(flush) = { "flush", "after a flush the CPU uses the entry in memory", flushes, false };
