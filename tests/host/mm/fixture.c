/* tests/host/mm/fixture.c - random numbers, caught assertions, fake RAM.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/mm/fixture.h"
#include "mm/phys/direct.h"

jmp_buf assert_jump;
volatile int assert_armed;
volatile unsigned assert_count;
struct machine machine;

static uint32_t rnd_state = 1;

/* xorshift32 (Marsaglia 2003, triple 13 17 5). */
uint32_t rnd(void)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 17;
	rnd_state ^= rnd_state << 5;
	return rnd_state;
}

void rnd_seed(uint32_t seed)
{
	rnd_state = seed ? seed : 1;
}

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	assert_count++;
	if (assert_armed)
		longjmp(assert_jump, 1);
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
	abort();
}

static void zero_page(void *ctx, pfn_t pfn)
{
	struct machine *m = ctx;

	m->zeroings++;
	if (m->bytes)
		memset(machine_page(pfn), 0, PAGE_SIZE);
}

void machine_start(uint64_t low_end_pfn, uint32_t pool_max, bool contents)
{
	size_t bytes = (size_t)frame_db_bytes(&machine.ram);
	struct frame_config config;

	/* Rubbish in the records: whatever is not written at the start shows. */
	machine.records = aligned_alloc(sizeof(struct frame), bytes);
	assert_non_null(machine.records);
	memset(machine.records, 0x99, bytes);
	machine.zeroings = 0;
	machine.bytes = NULL;
	config = (struct frame_config){
		.ram = &machine.ram, .spare = &machine.spare, .records = machine.records, .bytes = bytes,
		.low_end = PFN(low_end_pfn), .pool_max = pool_max, .zero = zero_page, .ctx = &machine,
	};
	assert_int_equal(frame_init(&config), OK);
	if (contents) {
		machine.bytes = aligned_alloc(PAGE_SIZE, frame_db.count * PAGE_SIZE);
		assert_non_null(machine.bytes);
		memset(machine.bytes, 0xEE, frame_db.count * PAGE_SIZE);
	}
	check_frames();
}

void machine_stop(void)
{
	free(machine.records);
	free(machine.bytes);
	memset(&machine, 0, sizeof(machine));
	frame_db = (struct frame_db){ .record = NULL };
}

unsigned char *machine_page(pfn_t pfn)
{
	assert_true(pfn.v >= frame_db.first && pfn.v - frame_db.first < frame_db.count);
	return machine.bytes + (pfn.v - frame_db.first) * PAGE_SIZE;
}

void machine_ranges(struct memmap *map, const struct boot_range *r, size_t n)
{
	assert_int_equal(memmap_init(map, r, n, 52), OK);
}

void check_frames(void)
{
	pfn_t where = PFN(0);
	const char *wrong = frame_check(&where);

	if (wrong)
		fail_msg("frame %llx: %s", (unsigned long long)where.v, wrong);
}

void *phys_to_virt(paddr_t pa)
{
	return machine_page(pfn_of(pa)) + (pa.v & PAGE_MASK);
}

/* Like the kernel's, it computes and does not check: what is behind an address outside, frame_at() says. */
paddr_t virt_to_phys(const void *va)
{
	return PADDR((frame_db.first << PAGE_SHIFT) + ((uintptr_t)va - (uintptr_t)machine.bytes));
}
