/* tests/host/mm/pageout.h - what tests of page-out do all the time: pages of a space go to the page file, entries are read.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "paging/soft.h"
#include "tests/host/mm/disk.h"
#include "tests/host/mm/space.h"

/* A space with a range of `pages` pages at AT, of which the first n are written: 100 and the page number. Page files are there. */
static inline struct aspace *with_pages(unsigned pages, unsigned n)
{
	struct aspace *as = new_space();

	disk_start();
	add(as, AT, (uint64_t)pages * PAGE_SIZE, RW, 0);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(put(va_of(i), 100 + i), FAULT_FIXED);
	return as;
}

static inline void end(struct aspace *as)
{
	world_check();
	end_space(as);
	disk_stop();
}

/* The software entry of the page. */
static inline struct pt_soft entry_of(struct aspace *as, unsigned page)
{
	struct pt_slot slot;
	struct pt_soft soft;

	assert_int_equal(pt_lookup(&as->space, va_of(page), 0, &slot), OK);
	assert_int_equal(slot.kind, PT_SOFT);
	pt_soft_decode(as->space.half[0].mode, slot.entry, &soft);
	return soft;
}

static inline void finish_transfers(void)
{
	while (page_io_pending()) {
		disk_run(1);
		(void)page_io_finish();
	}
}

static inline void write_all_modified(void)
{
	for (unsigned tries = 0; modified_pages.count; tries++) {
		assert_true(tries < 100);
		(void)write_modified();
		finish_transfers();
	}
}

/* Unmapped, written, released: each page a page-file entry. */
static inline void to_the_file(struct aspace *as, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(evict_page(as, va_of(i)), OK);
	write_all_modified();
	assert_int_equal(pages_release(n), n);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(entry_of(as, i).kind, SOFT_PAGEFILE);
}
