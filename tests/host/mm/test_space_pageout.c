/* tests/host/mm/test_space_pageout.c - page-out when something fails or something else holds a page, under every format.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/slots.h"
#include "mm/space/fork.h"
#include "mm/space/mlock.h"
#include "mm/space/remote.h"
#include "mm/space/rmap.h"
#include "tests/host/mm/pageout.h"

#define PAGES 24

/* Read-ahead contains the bad slot too: its neighbours must come back, and the fault on it must end. */
static void a_slot_that_cannot_be_read(void)
{
	struct aspace *as = with_pages(PAGES, PAGES);
	const unsigned bad = 5;

	to_the_file(as, PAGES);
	disk_break(entry_of(as, bad).file, entry_of(as, bad).offset);
	disk_errors = 0;
	for (unsigned i = 0; i < PAGES; i++) {
		uint32_t value = 0;

		assert_int_equal(cpu_access(va_of(i), ACCESS_READ, true, &value), i == bad ? FAULT_IO_ERROR : FAULT_FIXED);
		if (i != bad)
			assert_int_equal(value, 100 + i);
	}
	/* The request that was read ahead has failed as well, but only the slot alone is named. */
	assert_int_equal(disk_errors, 1);
	assert_int_equal(disk_error_slot, entry_of(as, bad).offset);
	disk_break(0, 0);
	/* The entry has not changed: with a disk that works again so does the page. */
	assert_int_equal(get(va_of(bad)), 100 + bad);
	end(as);
}

/* The same with a disk that answers before the request is submitted completely. */
static void errors_of_a_fast_disk(void)
{
	disk_at_once = true;
	a_slot_that_cannot_be_read();
	disk_at_once = false;
}

/* The error of a request that ends within submit(), or by an interrupt before it returns. */
static void errors_that_come_at_once(void)
{
	struct aspace *as = with_pages(PAGES, PAGES);

	disk_at_once = true;
	disk_break(0, 7);
	to_the_file(as, PAGES);
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(memcmp(disk_slot(entry_of(as, i).file, entry_of(as, i).offset), &(uint32_t){ 100 + i }, 4), 0);
	disk_break(entry_of(as, 3).file, entry_of(as, 3).offset);
	for (unsigned i = 0; i < PAGES; i++) {
		uint32_t value = 0;

		assert_int_equal(cpu_access(va_of(i), ACCESS_READ, true, &value), i == 3 ? FAULT_IO_ERROR : FAULT_FIXED);
		if (i != 3)
			assert_int_equal(value, 100 + i);
	}
	disk_break(0, 0);
	assert_int_equal(get(va_of(3)), 103);
	end(as);
	disk_at_once = false;
}

/* One slot of a request is bad: every page is written elsewhere, and only that slot is lost. */
static void a_slot_that_cannot_be_written(void)
{
	struct aspace *as = with_pages(PAGES, PAGES);
	struct slot_stats stats;

	disk_break(0, 7);
	/* Again and again, so that the search for free slots comes back to it. */
	for (unsigned round = 0; round < 2 * DISK_SLOTS / PAGES; round++) {
		to_the_file(as, PAGES);
		for (unsigned i = 0; i < PAGES; i++)
			assert_int_equal(get(va_of(i)), 100 + i);
		for (unsigned i = 0; i < PAGES; i++)
			assert_int_equal(put(va_of(i), 100 + i), FAULT_FIXED);
	}
	assert_true(slots_stats(0, &stats));
	assert_int_equal(stats.bad, 1);
	assert_true(slot_at(slot_id(0, 7))->bad);
	disk_break(0, 0);
	end(as);
}

/* The PTE of another family, as `remap` stores it: not all PTEs are known, so none may change. */
static void a_frame_that_is_also_mapped_by_hand(void)
{
	struct aspace *as = with_pages(PAGES, 1), *other;
	struct pt_slot slot;
	pfn_t pfn;

	assert_int_equal(pt_lookup(&as->space, va_of(0), 0, &slot), OK);
	pfn = slot.page;
	assert_int_equal(aspace_create("other", &other), OK);
	assert_int_equal(vma_add(other, AT, PAGE_SIZE, RW, 0, &backing_anon, NULL, 0, "x", NULL), OK);
	assert_int_equal(pt_set(&other->space, AT, slot.entry, NULL), OK);
	frame_get(pfn);
	rmap_add(other, entry_at(other, AT), AT, pfn);
	assert_int_equal(evict_page(as, va_of(0)), ERR_BUSY);
	assert_int_equal(evict_page(other, AT), ERR_BUSY);
	assert_int_equal(pt_lookup(&as->space, va_of(0), 0, &slot), OK);
	assert_int_equal(slot.kind, PT_LEAF);
	assert_int_equal(get(va_of(0)), 100);
	aspace_destroy(other);
	assert_int_equal(evict_page(as, va_of(0)), OK);
	assert_int_equal(get(va_of(0)), 100);
	end(as);
}

/* What phys_write() does, through the direct map of this machine. */
static void store_in(pfn_t pfn, uint32_t value)
{
	memcpy(machine_page(pfn), &value, sizeof(value));
	frame_written(pfn);
}

/* A store by physical address, as the shell's: the copy in the slot is old. */
static void a_frame_that_is_written_by_its_address(void)
{
	struct aspace *as = with_pages(PAGES, 1);
	pfn_t pfn;

	to_the_file(as, 1);
	assert_int_equal(get(va_of(0)), 100);
	assert_int_equal(aspace_fault_in(as, va_of(0), false, &pfn), OK);
	store_in(pfn, 4711);
	to_the_file(as, 1);
	assert_int_equal(get(va_of(0)), 4711);
	/* The same while it is on the standby list. */
	to_the_file(as, 1);
	assert_int_equal(get(va_of(0)), 4711);
	assert_int_equal(evict_page(as, va_of(0)), OK);
	store_in(entry_of(as, 0).pfn, 4712);
	assert_int_equal(pages_release(1), 0);
	finish_transfers();
	assert_int_equal(get(va_of(0)), 4712);
	end(as);
}

/* A benchmark's slots hold no pages: read-ahead leaves them alone. */
static void borrowed_slots(void)
{
	struct aspace *as = with_pages(PAGES, 2);
	unsigned reads;
	uint64_t first;

	to_the_file(as, 2);
	assert_int_equal(slots_borrow(0, 4, &first), OK);
	assert_int_equal(first, entry_of(as, 1).offset + 1);
	reads = disk_reads;
	assert_int_equal(get(va_of(0)), 100);
	assert_int_equal(disk_reads, reads + 2);
	slots_give_back(0, first, 4);
	end(as);
}

/* The allocator gives no file and no offset that an entry cannot hold. */
static void the_largest_offset(void)
{
	const struct pt_mode *mode = arch_pt_mode();
	uint64_t fits = mode->format->entry_bytes == 4 ? 0xFFFFF : 0x3FFFFFFF;
	struct pt_soft soft = { .kind = SOFT_PAGEFILE, .protect = 4 }, back;
	struct slot_stats stats;
	pte_t entry;

	disk_start();
	slots_remove_all();
	for (unsigned file = 0; file < SLOT_FILES; file++) {
		assert_int_equal(slots_add(file, (uint64_t)1 << 40), OK);
		assert_true(slots_stats(file, &stats));
		/* All bits set, with the header: an offset less. */
		assert_int_equal(stats.by_format, fits);
		assert_true(stats.total <= stats.by_format && stats.total == stats.by_memory);
		soft.file = (uint8_t)file;
		for (soft.offset = fits - 1; soft.offset <= fits + 2; soft.offset++) {
			if (pt_soft_encode(mode, &soft, &entry) == OK) {
				pt_soft_decode(mode, entry, &back);
				assert_int_equal(back.kind, SOFT_PAGEFILE);
				assert_int_equal(back.file, file);
				assert_int_equal(back.offset, soft.offset);
			} else {
				assert_true(soft.offset >= fits);
			}
			/* An offset that a slot's number cannot hold names no slot of another file. */
			assert_int_equal(slot_named_by(&soft), 0);
		}
		soft.offset = stats.total - 1;
		assert_int_equal(slot_named_by(&soft), slot_id(file, soft.offset));
		assert_int_equal(slot_file(slot_id(file, fits - 1)), file);
		assert_int_equal(slot_offset(slot_id(file, fits - 1)), fits - 1);
	}
	soft.file = SLOT_FILES;
	soft.offset = 1;
	assert_int_equal(slot_named_by(&soft), 0);
	assert_int_equal(slots_add(SLOT_FILES, 100), ERR_RANGE);
	disk_stop();
}

/* More children than eight bits can count share each slot; the slots go with the last of them. */
static void many_sharers(void)
{
	static struct aspace *child[300];
	struct aspace *as = with_pages(PAGES, 2);
	uint32_t id;

	to_the_file(as, 2);
	id = slot_id(entry_of(as, 1).file, entry_of(as, 1).offset);
	for (unsigned i = 0; i < ARRAY_LEN(child); i++) {
		assert_int_equal(aspace_create("child", &child[i]), OK);
		assert_int_equal(aspace_fork(as, child[i]), OK);
	}
	assert_int_equal(slot_at(id)->refs, ARRAY_LEN(child) + 1);
	for (unsigned i = 0; i < ARRAY_LEN(child); i += 2)
		aspace_destroy(child[i]);
	assert_int_equal(slot_at(id)->refs, ARRAY_LEN(child) / 2 + 1);
	for (unsigned i = 1; i < ARRAY_LEN(child); i += 2) {
		aspace_load(child[i]);
		assert_int_equal(get(va_of(1)), 101);
		assert_int_equal(put(va_of(1), i), FAULT_FIXED);
		aspace_load(as);
		aspace_destroy(child[i]);
	}
	assert_int_equal(slot_at(id)->refs, 1);
	assert_int_equal(get(va_of(1)), 101);
	end(as);
}

/* ---- locked ranges ---- */

static void locked_pages_stay(void)
{
	struct aspace *as = with_pages(PAGES, PAGES), *child;

	mlock_pages.most = 10;
	/* Of 24 pages 4 are locked: one range becomes three. */
	assert_int_equal(mlock_range(as, va_of(8), 4 * PAGE_SIZE, true), OK);
	assert_int_equal(ranges(as), 3);
	assert_int_equal(mlock_pages.locked, 4);
	assert_int_equal(mlock_range(as, va_of(6), 10 * PAGE_SIZE, true), OK);
	assert_int_equal(mlock_pages.locked, 10);
	assert_int_equal(mlock_range(as, va_of(6), 11 * PAGE_SIZE, true), ERR_NO_MEMORY);
	assert_int_equal(mlock_range(as, va_of(PAGES - 1), 2 * PAGE_SIZE, true), ERR_NOT_FOUND);
	assert_int_equal(mlock_range(as, va_of(12), 4 * PAGE_SIZE, false), OK);
	assert_int_equal(mlock_range(as, va_of(6), 2 * PAGE_SIZE, false), OK);
	assert_int_equal(mlock_pages.locked, 4);
	assert_true(mlock_any(as, va_of(0), 9 * PAGE_SIZE) && !mlock_any(as, va_of(12), 12 * PAGE_SIZE));
	world_check();
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(evict_page(as, va_of(i)), i >= 8 && i < 12 ? ERR_ACCESS : OK);
	(void)trim_space(as, PAGES);
	assert_int_equal(trim_space(as, PAGES), 0);
	/* A child has no lock, but it shares the frames. */
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(as, child), OK);
	assert_int_equal(mlock_pages.locked, 4);
	assert_int_equal(evict_page(child, va_of(8)), ERR_ACCESS);
	assert_int_equal(put(va_of(9), 5), FAULT_FIXED);
	assert_int_equal(evict_page(child, va_of(9)), OK);
	world_check();
	aspace_destroy(child);
	assert_int_equal(vma_unmap(as, va_of(10), 4 * PAGE_SIZE), OK);
	assert_int_equal(mlock_pages.locked, 2);
	assert_int_equal(mlock_range(as, va_of(8), PAGE_SIZE, false), OK);
	assert_int_equal(evict_page(as, va_of(8)), OK);
	assert_int_equal(get(va_of(8)), 108);
	end(as);
	assert_int_equal(mlock_pages.locked, 0);
}

/* A stack grows only as far as pages may be locked. */
static void a_locked_stack(void)
{
	struct aspace *as = new_space();
	uint64_t top = AT + 64 * (uint64_t)PAGE_SIZE;

	disk_start();
	add(as, top - PAGE_SIZE, PAGE_SIZE, RW, VMA_GROWS_DOWN);
	mlock_pages.most = 4;
	assert_int_equal(mlock_range(as, top - PAGE_SIZE, PAGE_SIZE, true), OK);
	assert_int_equal(put(top - 4 * PAGE_SIZE, 1), FAULT_FIXED);
	assert_int_equal(mlock_pages.locked, 4);
	assert_int_equal(put(top - 5 * PAGE_SIZE, 1), FAULT_NO_VMA);
	world_check();
	end(as);
	assert_int_equal(mlock_pages.locked, 0);
}

/* ---- read-ahead ---- */

#define MANY 160

/* MANY pages in consecutive slots, and a space that has read none of them. */
static struct aspace *with_many(void)
{
	struct aspace *as = with_pages(PAGES, 0);

	add(as, va_of(PAGES), MANY * PAGE_SIZE, RW, 0);
	for (unsigned i = PAGES; i < PAGES + MANY; i++)
		assert_int_equal(put(va_of(i), 100 + i), FAULT_FIXED);
	for (unsigned i = PAGES; i < PAGES + MANY; i++)
		assert_int_equal(evict_page(as, va_of(i)), OK);
	write_all_modified();
	assert_int_equal(pages_release(MANY), MANY);
	assert_int_equal(entry_of(as, PAGES + MANY - 1).offset, entry_of(as, PAGES).offset + MANY - 1);
	memset(&readahead_counts, 0, sizeof(readahead_counts));
	reclaim_counts.hard = 0;
	return as;
}

/* 8, 16, 32, 32, ...: each page read ahead is used. Half of the accesses write, which gives the slot up. */
static void read_ahead_grows(void)
{
	struct aspace *as = with_many();

	for (unsigned i = PAGES; i < PAGES + MANY; i++) {
		assert_int_equal(get(va_of(i)), 100 + i);
		if (i % 2)
			assert_int_equal(put(va_of(i), 7), FAULT_FIXED);
	}
	assert_int_equal(reclaim_counts.hard, 2 + (MANY - 8 - 16 + 31) / 32);
	assert_int_equal(readahead_counts.read, MANY - reclaim_counts.hard);
	assert_int_equal(readahead_counts.used, readahead_counts.read);
	assert_int_equal(readahead_counts.dropped, 0);
	end(as);
}

/* 8, 4, 2, 1, 1: no page read ahead is used before it is dropped. */
static void read_ahead_shrinks(void)
{
	static const unsigned ahead[] = { 7, 3, 1, 0, 0 };
	struct aspace *as = with_many();
	uint64_t all = 0;

	for (unsigned i = 0; i < ARRAY_LEN(ahead); i++) {
		assert_int_equal(get(va_of(PAGES + i * 30)), 100 + PAGES + i * 30);
		all += ahead[i];
		assert_int_equal(readahead_counts.read, all);
		assert_int_equal(pages_release(100), ahead[i]);
		assert_int_equal(readahead_counts.dropped, all);
	}
	/* Written at once: the page is used, although its slot is given up. */
	readahead = 2;
	assert_int_equal(get(va_of(PAGES + 1)), 100 + PAGES + 1);
	assert_int_equal(put(va_of(PAGES + 2), 9), FAULT_FIXED);
	readahead = READAHEAD_AUTO;
	assert_int_equal(readahead_counts.used, 1);
	assert_int_equal(readahead_counts.dropped, all);
	end(as);
}

static void read_ahead_is_fixed(void)
{
	static const unsigned windows[] = { 1, 8, READAHEAD_MAX };

	for (unsigned w = 0; w < ARRAY_LEN(windows); w++) {
		struct aspace *as = with_many();

		readahead = windows[w];
		for (unsigned i = PAGES; i < PAGES + MANY; i++)
			assert_int_equal(get(va_of(i)), 100 + i);
		assert_int_equal(reclaim_counts.hard, MANY / windows[w]);
		readahead = READAHEAD_AUTO;
		end(as);
	}
}

/* Every free frame, so that the next fault needs one that a page has. */
static unsigned take_all(pfn_t *taken, unsigned most)
{
	unsigned n = 0;

	while (n < most && frame_alloc(FRAME_ANY, FRAME_KERNEL, &taken[n]) == OK)
		n++;
	assert_true(n < most);
	return n;
}

static void give_back(const pfn_t *taken, unsigned n)
{
	while (n-- > 0)
		frame_put(taken[n]);
}

/* Pages whose slots still have the same bytes need no write: unmapped, they can be freed at once. */
static void clean_pages_make_room(void)
{
	static pfn_t taken[1 << 16];
	struct aspace *as = with_pages(PAGES, PAGES - 1);
	unsigned n, writes;

	to_the_file(as, PAGES - 1);
	for (unsigned i = 0; i < PAGES - 1; i++)
		assert_int_equal(get(va_of(i)), 100 + i);
	finish_transfers();
	n = take_all(taken, ARRAY_LEN(taken));
	writes = disk_writes;
	assert_int_equal(put(va_of(PAGES - 1), 4711), FAULT_FIXED);
	assert_int_equal(disk_writes, writes);
	give_back(taken, n);
	for (unsigned i = 0; i < PAGES - 1; i++)
		assert_int_equal(get(va_of(i)), 100 + i);
	end(as);
}

int main(void)
{
	static const struct named_world_test tests[] = {
		{ "a slot that cannot be read", a_slot_that_cannot_be_read },
		{ "errors of a fast disk", errors_of_a_fast_disk },
		{ "a slot that cannot be written", a_slot_that_cannot_be_written },
		{ "a frame that is also mapped by hand", a_frame_that_is_also_mapped_by_hand },
		{ "a frame that is written by its address", a_frame_that_is_written_by_its_address },
		{ "borrowed slots", borrowed_slots },
		{ "many sharers", many_sharers },
		{ "locked pages stay", locked_pages_stay },
		{ "a locked stack", a_locked_stack },
		{ "the largest offset", the_largest_offset },
		{ "read-ahead grows", read_ahead_grows },
		{ "read-ahead shrinks", read_ahead_shrinks },
		{ "read-ahead is fixed", read_ahead_is_fixed },
		{ "errors that come at once", errors_that_come_at_once },
		{ "clean pages make room", clean_pages_make_room },
	};

	return world_run("page-out", tests, ARRAY_LEN(tests));
}
