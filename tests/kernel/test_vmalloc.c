/* tests/kernel/test_vmalloc.c - kernel virtual addresses: guard pages, lazy sync, demand paging, stacks.
 * SPDX-License-Identifier: MIT
 */
#include "arch/trap.h"
#include "kernel/probe.h"
#include "mm/space/fault.h"
#include "mm/space/vmalloc.h"
#include "tests/kernel/kernel_test.h"

#define PAGES 5

static const char *guard_pages(void)
{
	struct test_balance balance;
	unsigned char *p, *q;
	void *out;

	test_balance_take(&balance);
	EXPECT(vmalloc(PAGES * PAGE_SIZE, PROT_R | PROT_W, "test", &out) == OK);
	p = out;
	EXPECT(vmalloc(1, PROT_R | PROT_W, "test", &out) == OK);
	q = out;
	EXPECT(q >= p + (PAGES + 1) * PAGE_SIZE || q + 2 * PAGE_SIZE <= p);
	for (unsigned i = 0; i < PAGES * PAGE_SIZE; i++)
		EXPECT(p[i] == 0);
	for (unsigned i = 0; i < PAGES; i++)
		p[i * PAGE_SIZE] = (unsigned char)(i + 1);
	EXPECT(probe_access((uintptr_t)(p + PAGES * PAGE_SIZE - 1), ACCESS_READ));
	EXPECT(!probe_access((uintptr_t)(p + PAGES * PAGE_SIZE), ACCESS_READ));
	EXPECT(!probe_access((uintptr_t)(q + PAGE_SIZE), ACCESS_WRITE));
	for (unsigned i = 0; i < PAGES; i++)
		EXPECT(p[i * PAGE_SIZE] == i + 1);
	vfree(p);
	vfree(q);
	EXPECT(!probe_access((uintptr_t)p, ACCESS_READ) && !probe_access((uintptr_t)q, ACCESS_READ));
	return test_balance_check(&balance);
}
KERNEL_TEST(vmalloc) = { "vmalloc", "ranges with guard pages, zeroed, gone when freed", guard_pages, false };

/* How many faults that takes: none where one entry of the sync level holds the whole kernel part. */
static uint64_t faults_to_sync(void)
{
	const struct pt_format *f = arch_pt_mode()->format;

	return pt_index(f, f->shared_level, VMALLOC_START) != pt_index(f, f->shared_level, DIRECT_MAP_BASE);
}

/* A range that this root has not seen: one fault copies its entry, and all of it is there. */
static const char *lazy_sync(void)
{
	const uint64_t faults = faults_to_sync();
	struct aspace *old = current_aspace, *as;
	struct test_balance balance;
	volatile unsigned char *p;
	uint64_t first, second;
	void *out;

	test_balance_take(&balance);
	EXPECT(vmalloc(2 * PAGE_SIZE, PROT_R | PROT_W, "test", &out) == OK);
	p = out;
	p[0] = 11;
	p[PAGE_SIZE] = 22;
	EXPECT(aspace_create("test", &as) == OK);
	EXPECT(as->synced == 0);
	aspace_load(as);
	/* The translations are global: what the other root left in the TLB would do. */
	arch_tlb_flush_all();
	first = p[0];
	first |= (uint64_t)as->synced << 32;
	second = p[PAGE_SIZE];
	second |= (uint64_t)as->synced << 32;
	aspace_load(old);
	aspace_destroy(as);
	vfree(out);
	EXPECT(first == (faults << 32 | 11));
	EXPECT(second == (faults << 32 | 22));
	return test_balance_check(&balance);
}
KERNEL_TEST(sync) = { "sync", "a second root gets a vmalloc entry by one fault", lazy_sync, false };

static const char *demand_zero(void)
{
	uint64_t va, committed;
	struct test_balance balance;
	volatile unsigned char *p;

	test_balance_take(&balance);
	committed = kernel_aspace.counts.committed;    /* without idle kernel stacks, which are given back now */
	EXPECT(vmalloc_demand(PAGES * PAGE_SIZE, "test", &va) == OK);
	EXPECT(kernel_aspace.counts.committed == committed);
	p = (volatile unsigned char *)(uintptr_t)va;
	for (unsigned i = 0; i < PAGES; i++)
		EXPECT(p[i * PAGE_SIZE + i] == 0);
	EXPECT(kernel_aspace.counts.committed == committed);       /* all of them are the zero frame */
	EXPECT(frame_at(zero_frame)->maps >= PAGES);
	EXPECT(fault_recent(0)->action == ACT_ZERO_PAGE);
	p[1] = 7;
	EXPECT(fault_recent(0)->action == ACT_REPLACE_ZERO);
	EXPECT(kernel_aspace.counts.committed == committed + 1);
	p[2] = 8;
	p[PAGE_SIZE * 3] = 9;
	__asm__ volatile("" ::: "memory");      /* the fault counts where the compiler sees no call */
	EXPECT(kernel_aspace.counts.committed == committed + 2);
	EXPECT(p[1] == 7 && p[2] == 8 && p[0] == 0 && p[PAGE_SIZE * 3] == 9 && p[PAGE_SIZE] == 0);
	EXPECT(!zero_frame_check());
	EXPECT(vmalloc_release(va + 2 * PAGE_SIZE) == OK);
	EXPECT(kernel_aspace.counts.committed == committed && !probe_access(va, ACCESS_READ));
	EXPECT(vmalloc_release(va) == ERR_NOT_FOUND);
	return test_balance_check(&balance);
}
KERNEL_TEST(demand) = { "demand", "reads share the zero frame, writes commit, release gives all back", demand_zero, false };

/* A write first: no zero frame in between. */
static const char *demand_write(void)
{
	struct test_balance balance;
	uint64_t va, committed;

	test_balance_take(&balance);
	committed = kernel_aspace.counts.committed;
	EXPECT(vmalloc_demand(PAGE_SIZE, "test", &va) == OK);
	*(volatile uint32_t *)(uintptr_t)va = 1;
	EXPECT(fault_recent(0)->action == ACT_DEMAND_ZERO && kernel_aspace.counts.committed == committed + 1);
	EXPECT(((volatile uint32_t *)(uintptr_t)va)[1] == 0);
	EXPECT(vmalloc_release(va) == OK);
	EXPECT(vmalloc_demand(0, "test", &va) == ERR_INVALID);
	EXPECT(vmalloc_demand(UINT64_MAX, "test", &va) == ERR_NO_MEMORY);
	return test_balance_check(&balance);
}
KERNEL_TEST(demand_write) = { "demand_write", "a first write gets a frame of its own at once", demand_write, false };

static const char *stacks(void)
{
	struct test_balance balance;
	unsigned char *top[3];

	test_balance_take(&balance);
	for (unsigned i = 0; i < 3; i++) {
		top[i] = kstack_alloc();
		EXPECT(top[i]);
		EXPECT(probe_access((uintptr_t)top[i] - 1, ACCESS_WRITE));
		EXPECT(probe_access((uintptr_t)top[i] - KSTACK_BYTES, ACCESS_WRITE));
		EXPECT(!probe_access((uintptr_t)top[i] - KSTACK_BYTES - 1, ACCESS_WRITE));
		EXPECT(kstack_is_guard((uintptr_t)top[i] - KSTACK_BYTES - 1));
		EXPECT(!kstack_is_guard((uintptr_t)top[i] - KSTACK_BYTES));
	}
	for (unsigned i = 0; i < 3; i++)
		kstack_free(top[i]);
	return test_balance_check(&balance);
}
KERNEL_TEST(kstack) = { "kstack", "kernel stacks have a guard page below", stacks, false };
