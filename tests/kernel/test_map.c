/* tests/kernel/test_map.c - chance mappings against a model of what must be there, asked of walker and hardware.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "arch/trap.h"
#include "kernel/probe.h"
#include "mm/phys/kmap.h"
#include "mm/space/fault.h"
#include "mm/space/tlb.h"
#include "mm/space/vmalloc.h"
#include "tests/kernel/kernel_test.h"

#define PAGES  24
#define FRAMES 4
#define STEPS  1000

static struct { bool mapped; unsigned frame; prot_t prot; } model[PAGES];
static pfn_t frame[FRAMES];
static uint64_t base;

static const prot_t rights[] = { PROT_R, PROT_R | PROT_W, PROT_R | PROT_X, PROT_R | PROT_W | PROT_X };

static uint64_t page(unsigned i)
{
	return base + (uint64_t)i * PAGE_SIZE;
}

static err_t map(unsigned i, struct tlb_batch *b)
{
	model[i].frame = test_random(FRAMES);
	model[i].prot = rights[test_random(4)];
	model[i].mapped = true;
	return pt_map(&kernel_aspace.space, page(i), pfn_base(frame[model[i].frame]), PAGE_SIZE, model[i].prot, 0,
	              &(struct pt_change){ tlb_change, b, "test" });
}

/* Several pages at once, holes among them. */
static err_t unmap(unsigned i, unsigned n, struct tlb_batch *b)
{
	for (unsigned k = i; k < i + n; k++)
		model[k].mapped = false;
	return pt_unmap(&kernel_aspace.space, page(i), n * PAGE_SIZE, &(struct pt_change){ tlb_change, b, "test" });
}

static err_t protect(unsigned i, unsigned n, struct tlb_batch *b)
{
	prot_t prot = rights[test_random(4)];

	for (unsigned k = i; k < i + n; k++)
		model[k].prot = prot;
	return pt_protect(&kernel_aspace.space, page(i), n * PAGE_SIZE, prot, &(struct pt_change){ tlb_change, b, "test" });
}

static err_t step(void)
{
	unsigned i = test_random(PAGES), n = 1 + test_random(PAGES - i);
	struct tlb_batch b;
	err_t err;

	tlb_begin(&b, &kernel_aspace);
	if (!model[i].mapped && test_random(4))
		err = map(i, &b);
	else if (test_random(2))
		err = unmap(i, n, &b);
	else
		err = protect(i, n, &b);
	tlb_finish(&b);
	return err;
}

/* Frame n holds n+1 everywhere. */
static const char *agrees(unsigned i)
{
	const struct pt_mode *mode = arch_pt_mode();
	struct pt_walk w;

	pt_walk(&kernel_aspace.space, page(i), &w, NULL, 0);
	EXPECT((w.outcome == PT_LEAF) == model[i].mapped);
	EXPECT(probe_access(page(i), ACCESS_READ) == model[i].mapped);
	if (!model[i].mapped)
		return NULL;
	EXPECT(w.pa.v == pfn_base(frame[model[i].frame]).v);
	EXPECT(*(volatile uint32_t *)(uintptr_t)page(i) == model[i].frame + 1);
	EXPECT(!(w.prot & PROT_W) == !(model[i].prot & PROT_W));
	EXPECT(probe_access(page(i), ACCESS_WRITE) == (model[i].prot & PROT_W || !mode->wp));
	return NULL;
}

static const char *walk_through(void)
{
	for (unsigned n = 0; n < STEPS; n++) {
		const char *why;

		EXPECT(step() == OK);
		for (unsigned k = 0; k < 3; k++) {
			why = agrees(test_random(PAGES));
			if (why)
				return why;
		}
	}
	return NULL;
}

static const char *chance(void)
{
	struct test_balance balance;
	struct tlb_batch b;
	const char *why;
	err_t err;

	test_seed(3);
	test_balance_take(&balance);
	EXPECT(vmalloc_reserve(PAGES * PAGE_SIZE, "test", &base) == OK);
	for (unsigned i = 0; i < PAGES; i++)
		model[i].mapped = false;
	for (unsigned i = 0; i < FRAMES; i++) {
		uint32_t word = i + 1;

		EXPECT(frame_alloc(FRAME_ZERO, FRAME_KERNEL, &frame[i]) == OK);
		EXPECT(phys_write(pfn_base(frame[i]), &word, sizeof(word)) == OK);
	}
	why = walk_through();
	tlb_begin(&b, &kernel_aspace);
	err = unmap(0, PAGES, &b);
	tlb_finish(&b);
	for (unsigned i = 0; i < FRAMES; i++)
		frame_put(frame[i]);
	EXPECT(vmalloc_release(base) == OK && err == OK);
	return why ? why : test_balance_check(&balance);
}
KERNEL_TEST(map) = { "map", "1,000 chance maps, unmaps and protects against a model", chance, false };

/* Wherever the walker finds a page the CPU must, and nowhere else; device windows are left alone. */
static const char *everywhere(void)
{
	const struct region *r;

	test_seed(4);
	for (unsigned n = 0; n < STEPS; n++) {
		uint64_t va = ((uint64_t)test_random(UINT32_MAX) << 12 ^ test_random(UINT32_MAX)) & UINTPTR_MAX;
		struct pt_walk w;

		if (n % 2)      /* every second one where things are */
			va = DIRECT_MAP_BASE + va % (2u << 20);
		for (r = arch_regions(); r->name && (va < r->first || va > r->last); r++)
			;
		if (r->name && r->kind == REGION_DEVICE)
			continue;
		pt_walk(&current_aspace->space, va, &w, NULL, 0);
		EXPECT(probe_access(va, ACCESS_READ) == (w.outcome == PT_LEAF && w.prot & PROT_R));
	}
	return NULL;
}
KERNEL_TEST(everywhere) = { "everywhere", "the walker and the CPU agree on what is mapped", everywhere, false };
