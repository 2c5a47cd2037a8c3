/* tests/host/mm/space.h - what tests of address spaces do all the time: a space, a range, an access.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/share.h"
#include "tests/host/mm/world.h"

#define RW  (PROT_U | PROT_R | PROT_W)
#define AT  0x3FE000u             /* two pages before a table's end, whatever the format */
#define LEN (8 * (uint64_t)PAGE_SIZE)

static inline uint64_t va_of(unsigned page)
{
	return AT + (uint64_t)page * PAGE_SIZE;
}

static inline struct aspace *new_space(void)
{
	struct aspace *as;

	assert_int_equal(aspace_create("test", &as), OK);
	aspace_load(as);
	return as;
}

static inline void end_space(struct aspace *as)
{
	aspace_load(&kernel_aspace);
	aspace_destroy(as);
}

static inline void add(struct aspace *as, uint64_t va, uint64_t len, prot_t prot, unsigned flags)
{
	assert_int_equal(vma_add(as, va, len, prot, flags, &backing_anon, NULL, 0, "test", NULL), OK);
}

static inline enum fault_result put(uint64_t va, uint32_t value)
{
	return cpu_access(va, ACCESS_WRITE, true, &value);
}

static inline uint32_t get(uint64_t va)
{
	uint32_t value = 0xDEADBEEF;

	assert_int_equal(cpu_access(va, ACCESS_READ, true, &value), FAULT_FIXED);
	return value;
}

static inline uint64_t frame_of(const struct aspace *as, uint64_t va)
{
	struct hw_page hw = cpu_walk(as, va);

	return hw.end == HW_MAPPED ? hw.pa >> PAGE_SHIFT : 0;
}

/* Where the entry of a mapped page is. */
static inline paddr_t entry_at(const struct aspace *as, uint64_t va)
{
	struct hw_page hw = cpu_walk(as, va);

	assert_int_equal(hw.end, HW_MAPPED);
	return PADDR(hw.entry_pa[hw.entries - 1]);
}

static inline uint64_t committed(const struct aspace *as)
{
	return aspace_counts(as, NULL).committed;
}

static inline unsigned ranges(const struct aspace *as)
{
	unsigned n = 0;

	list_for_each(l, &as->vmas)
		n++;
	return n;
}
