/* tests/host/mm/fixture.h - what the memory tests share: random numbers, caught assertions, fake RAM.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "boot/boot_info.h"
#include "mm/phys/frame.h"
#include "mm/phys/memmap.h"

/* A generator of our own: the same numbers on every machine. */
uint32_t rnd(void);
void rnd_seed(uint32_t seed);
static inline uint32_t below(uint32_t n) { return rnd() % n; }

/* Runs statement, which must reach an ASSERT; the code under test is left where it stood, as a kernel would be. */
extern jmp_buf assert_jump;
extern volatile int assert_armed;
extern volatile unsigned assert_count;
#define EXPECT_ASSERT(statement) do { \
	unsigned before_ = assert_count; \
	assert_armed = 1; \
	if (setjmp(assert_jump) == 0) { statement; } \
	assert_armed = 0; \
	if (assert_count == before_) \
		fail_msg("no ASSERT in: %s", #statement); \
} while (0)

/* A machine: runs of RAM, of which some are spare, with a byte array behind each frame if asked for. */
struct machine {
	struct memmap ram, spare;
	void *records;
	unsigned char *bytes;      /* PAGE_SIZE for each record; NULL: frames have no contents */
	unsigned zeroings;
};
extern struct machine machine;

/* ram and spare must be set. Contents begin as 0xEE everywhere. */
void machine_start(uint64_t low_end_pfn, uint32_t pool_max, bool contents);
void machine_stop(void);
unsigned char *machine_page(pfn_t pfn);
void machine_ranges(struct memmap *map, const struct boot_range *r, size_t n);
/* frame_check() must have nothing to say. */
void check_frames(void);
