/* tests/host/mm/test_space_section_pageout.c - pages of sections and files that leave memory, under every format.
 * SPDX-License-Identifier: MIT
 */
#include "mm/backing/file.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/readahead.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/slots.h"
#include "mm/space/fork.h"
#include "mm/space/pageout.h"
#include "mm/space/remote.h"
#include "mm/space/zap.h"
#include "paging/soft.h"
#include "tests/host/mm/disk.h"
#include "tests/host/mm/space.h"

#define PAGES 6
#define AGAIN (AT + 0x100000)
#define SIZE  (PAGES * (uint64_t)PAGE_SIZE)

static struct section *section;

static void map(struct aspace *as, uint64_t va, prot_t prot, unsigned flags)
{
	assert_int_equal(vma_add(as, va, SIZE, prot, flags, &backing_section, section, 0, "s", NULL), OK);
}

/* A section of PAGES written pages, shared at AT and at AGAIN. */
static struct aspace *with_section(void)
{
	struct aspace *as = new_space();

	disk_start();
	assert_int_equal(section_open("s", SIZE, &section), OK);
	map(as, AT, RW, VMA_SHARED);
	map(as, AGAIN, RW, VMA_SHARED);
	section_put(section);
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(put(va_of(i), 100 + i), FAULT_FIXED);
	return as;
}

static void end(struct aspace *as)
{
	world_check();
	end_space(as);
	assert_true(list_empty(&sections));
	(void)pages_release(standby_pages.count);
	disk_stop();
}

static struct pt_soft soft_at(struct aspace *as, uint64_t va)
{
	struct pt_slot slot;
	struct pt_soft soft = { .kind = SOFT_ZERO };

	assert_int_equal(pt_lookup(&as->space, va, 0, &slot), OK);
	if (slot.kind == PT_SOFT)
		pt_soft_decode(as->space.half[0].mode, slot.entry, &soft);
	return soft;
}

static struct pt_soft prototype(const struct object *o, uint32_t index)
{
	struct pt_soft soft;

	pt_soft_decode(o->mode, object_entry(o, index), &soft);
	return soft;
}

static bool is_prototype(struct aspace *as, uint64_t va)
{
	return soft_at(as, va).kind == SOFT_PROTOTYPE;
}

static void write_out(void)
{
	while (modified_pages.count || page_io_pending()) {
		(void)write_modified();
		disk_run(1);
		(void)page_io_finish();
	}
}

static void to_the_file(struct aspace *as, uint64_t at)
{
	for (unsigned i = 0; i < PAGES; i++) {
		err_t err = evict_page(as, at + i * PAGE_SIZE);

		/* The page may have been read ahead only. */
		assert_true(err == OK || err == ERR_EXISTS);
	}
	world_check();
	write_out();
	(void)pages_release(standby_pages.count);
	world_check();
	for (unsigned i = 0; i < PAGES; i++) {
		assert_int_equal(prototype(&section->object, i).kind, SOFT_PAGEFILE);
		assert_int_equal(evict_page(as, at + i * PAGE_SIZE), ERR_EXISTS);
	}
}

/* Every mapping of every space changes with the first step, and the slot belongs to the prototype entry alone. */
static void every_mapping_changes(void)
{
	struct aspace *as = with_section(), *other;
	unsigned reads;

	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(get(AGAIN + i * PAGE_SIZE), 100 + i);
	assert_int_equal(aspace_create("other", &other), OK);
	assert_int_equal(aspace_fork(as, other), OK);
	assert_int_equal(evict_page(other, AGAIN), OK);
	assert_true(is_prototype(as, AT) && is_prototype(as, AGAIN) && is_prototype(other, AT) && is_prototype(other, AGAIN));
	assert_int_equal(prototype(&section->object, 0).kind, SOFT_TRANSITION);
	assert_int_equal(get(AT), 100);
	to_the_file(as, AT);
	assert_int_equal(disk_used(), PAGES);
	assert_int_equal(slot_at(slot_id(prototype(&section->object, 1).file, prototype(&section->object, 1).offset))->refs, 1);
	reads = disk_reads;
	assert_int_equal(put(AT, 4711), FAULT_FIXED);
	aspace_load(other);
	assert_int_equal(get(AT), 4711);
	assert_int_equal(get(AGAIN), 4711);
	assert_int_equal(get(AGAIN + PAGE_SIZE), 101);
	assert_int_equal(disk_reads, reads + PAGES);
	world_check();
	aspace_load(as);
	aspace_destroy(other);
	to_the_file(as, AT);
	assert_int_equal(get(AGAIN), 4711);
	end(as);
}

/* Empty entries of a mapping whose table the fast path of faults has kept: the prototype entry names a frame, but on a list. */
static void a_first_read_of_a_listed_page(void)
{
	struct aspace *as = with_section();

	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(get(AGAIN + i * PAGE_SIZE), 100 + i);
	for (unsigned i = 3; i < PAGES; i++) {
		assert_int_equal(evict_page(as, va_of(i)), OK);
		assert_int_equal(modified_pages.count, 1);
		assert_int_equal(prototype(&section->object, i).kind, SOFT_TRANSITION);
		vma_zap(as, AGAIN + i * PAGE_SIZE, PAGE_SIZE);
		assert_int_equal(get(AGAIN + i * PAGE_SIZE), 100 + i);
		assert_int_equal(modified_pages.count, 0);
		world_check();
	}
	end(as);
}

/* A store while the page is on its way to the disk: the slot is old, and the page goes out again. */
static void a_write_during_the_write_out(void)
{
	struct aspace *as = with_section();
	const struct frame *f;

	assert_int_equal(evict_page(as, AT), OK);
	assert_int_equal(write_modified(), 1);
	f = frame_at(prototype(&section->object, 0).pfn);
	assert_true(f->busy);
	assert_int_equal(put(AGAIN, 4711), FAULT_FIXED);
	assert_int_equal(evict_page(as, AGAIN), ERR_BUSY);
	write_out();
	assert_int_equal(disk_used(), 0);
	to_the_file(as, AT);
	assert_int_equal(get(AT), 4711);
	end(as);
}

/* A page that was only read keeps its slot; the first write through any mapping gives it up. */
static void a_clean_page_is_written_once(void)
{
	struct aspace *as = with_section();
	unsigned writes;

	to_the_file(as, AT);
	writes = disk_writes;
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(get(va_of(i)), 100 + i);
	to_the_file(as, AT);
	assert_int_equal(disk_writes, writes);
	assert_int_equal(get(va_of(2)), 102);
	assert_int_equal(get(AGAIN + 2 * PAGE_SIZE), 102);
	assert_int_equal(put(AGAIN + 2 * PAGE_SIZE, 4711), FAULT_FIXED);
	assert_int_equal(get(va_of(0)), 100);
	for (unsigned i = 1; i < PAGES; i++)
		(void)get(va_of(i));
	to_the_file(as, AT);
	assert_int_equal(disk_writes, writes + 1);
	assert_int_equal(get(va_of(2)), 4711);
	end(as);
}

/* The last mapping goes while pages are mapped, modified, in flight, standby, in the file, and being read. */
static void the_last_mapping_goes(void)
{
	for (unsigned stop = 0; stop < 7; stop++) {
		struct aspace *as = with_section();

		if (stop > 0)
			assert_int_equal(evict_page(as, AT), OK);
		if (stop > 1)
			(void)write_modified();
		if (stop > 2)
			write_out();
		if (stop > 3)
			assert_int_equal(pages_release(1), 1);
		if (stop == 5)
			assert_int_equal(get(AT), 100);
		if (stop == 6)
			map(as, AGAIN + 0x100000, RW, 0);
		if (stop == 6)
			assert_int_equal(put(AGAIN + 0x100000, 4711), FAULT_FIXED);
		end(as);
	}
}

/* A private mapping's copy goes out as an anonymous page, the section's page as the section's. */
static void private_copies(void)
{
	struct aspace *as = with_section();
	const uint64_t mine = AGAIN + 0x100000;

	map(as, mine, RW, 0);
	assert_int_equal(put(mine, 4711), FAULT_FIXED);
	assert_int_equal(get(mine + PAGE_SIZE), 101);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(evict_page(as, mine + i * PAGE_SIZE), OK);
	assert_int_equal(soft_at(as, mine).kind, SOFT_TRANSITION);
	assert_true(is_prototype(as, mine + PAGE_SIZE) && is_prototype(as, AT + PAGE_SIZE));
	write_out();
	assert_int_equal(pages_release(2), 2);
	assert_int_equal(soft_at(as, mine).kind, SOFT_PAGEFILE);
	assert_int_equal(get(mine), 4711);
	assert_int_equal(get(AT), 100);
	/* A first write through a prototype entry copies the section's page. */
	assert_int_equal(put(mine + PAGE_SIZE, 4712), FAULT_FIXED);
	assert_int_equal(get(AT + PAGE_SIZE), 101);
	/* "Don't need" drops the copy; the section's page is seen again. */
	vma_zap(as, mine, 2 * PAGE_SIZE);
	assert_int_equal(get(mine), 100);
	assert_int_equal(get(mine + PAGE_SIZE), 101);
	end(as);
}

/* mprotect, fork, split and munmap over prototype entries. */
static void ranges_change(void)
{
	struct aspace *as = with_section(), *child;
	struct pt_soft soft;

	to_the_file(as, AT);
	assert_int_equal(vma_protect(as, va_of(1), 2 * PAGE_SIZE, PROT_U | PROT_R), OK);
	soft = soft_at(as, AT);
	if (pt_soft_has(world->format, pt_soft_in(&soft), SOFT_PROTECT)) {
		assert_int_equal(soft_at(as, va_of(0)).protect, pageout_protect(RW));
		assert_int_equal(soft_at(as, va_of(1)).protect, pageout_protect(PROT_R));
	}
	assert_int_equal(put(va_of(1), 1), FAULT_DENIED);
	assert_int_equal(get(va_of(1)), 101);
	assert_int_equal(vma_unmap(as, va_of(3), PAGE_SIZE), OK);
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(as, child), OK);
	world_check();
	aspace_load(child);
	assert_int_equal(get(va_of(5)), 105);
	assert_int_equal(put(va_of(4), 4711), FAULT_FIXED);
	assert_int_equal(get(AGAIN + 3 * PAGE_SIZE), 103);
	aspace_load(as);
	assert_int_equal(get(va_of(4)), 4711);
	assert_int_equal(vma_protect(as, va_of(1), 2 * PAGE_SIZE, RW), OK);
	assert_int_equal(put(va_of(1), 4712), FAULT_FIXED);
	aspace_destroy(child);
	assert_int_equal(get(AGAIN + PAGE_SIZE), 4712);
	end(as);
}

/* A read of the slot that fails is one I/O error; with a disk that works again the page is there. */
static void a_slot_that_cannot_be_read(void)
{
	struct aspace *as = with_section();
	uint32_t value;

	to_the_file(as, AT);
	disk_break(prototype(&section->object, 0).file, prototype(&section->object, 0).offset);
	assert_int_equal(cpu_access(AT, ACCESS_READ, true, &value), FAULT_IO_ERROR);
	assert_int_equal(get(va_of(1)), 101);
	world_check();
	disk_break(0, 0);
	assert_int_equal(get(AGAIN), 100);
	end(as);
}

/* The sweep finds pages that no PTE maps, and only those. */
static void pages_that_nothing_maps(void)
{
	struct aspace *as = with_section();

	vma_zap(as, AT, 4 * PAGE_SIZE);
	assert_int_equal(sweep_objects(100), 4);
	assert_int_equal(sweep_objects(100), 0);
	assert_int_equal(modified_pages.count, 4);
	world_check();
	write_out();
	assert_int_equal(pages_release(10), 4);
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(get(va_of(i)), 100 + i);
	end(as);
}

/* Pages read ahead count as used when a fault maps them, before a write gives their slots up; the window of the space grows. */
static void pages_read_ahead(void)
{
	struct aspace *as = with_section();

	to_the_file(as, AT);
	memset(&readahead_counts, 0, sizeof(readahead_counts));
	for (unsigned i = 0; i < PAGES; i++) {
		assert_int_equal(get(va_of(i)), 100 + i);
		assert_int_equal(put(va_of(i), 200 + i), FAULT_FIXED);
	}
	assert_int_equal(readahead_counts.read, PAGES - 1);
	assert_int_equal(readahead_counts.used, PAGES - 1);
	assert_int_equal(readahead_counts.dropped, 0);
	assert_int_equal(as->ahead.hits, PAGES - 1);
	end(as);
}

/* An entry that the VMA did not make is corrupt, whatever it names. */
static void an_entry_written_by_hand(void)
{
	struct aspace *as = with_section();
	struct pt_slot slot;
	pte_t other;
	uint64_t where;

	to_the_file(as, AT);
	if (soft_at(as, AT).vad) {
		end(as);
		return;
	}
	assert_int_equal(pt_lookup(&as->space, va_of(1), 0, &slot), OK);
	other = slot.entry;
	assert_int_equal(pt_lookup(&as->space, AT, 0, &slot), OK);
	assert_int_equal(pt_set(&as->space, AT, other, NULL), OK);
	assert_int_equal(cpu_access(AT, ACCESS_READ, true, &(uint32_t){ 0 }), FAULT_CORRUPT);
	assert_non_null(reclaim_check(&where));
	assert_int_equal(where, AT);
	assert_int_equal(pt_set(&as->space, AT, slot.entry, NULL), OK);
	assert_int_equal(get(AT), 100);
	end(as);
}

/* ---- files ---- */

static void write_free_frames(void)
{
	for (uint32_t i = 0; i < frame_db.count; i++)
		if (!frame_db.record[i].refs)
			frame_written(frame_pfn(&frame_db.record[i]));
}

/* Clean pages need no slot: their frames are dropped and read again. A page that was written by its address stays, but a frame that
 * was written while it was free is not such a page. */
static void pages_of_files(void)
{
	struct aspace *as = new_space();
	struct file f;
	pfn_t at, pfn;

	disk_start();
	write_free_frames();
	assert_int_equal(frame_alloc_run(1, FRAME_LOW, FRAME_KERNEL, &at), OK);
	memset(machine_page(at), 0x5A, 2 * PAGE_SIZE);
	f = (struct file){ .data = pfn_base(at), .size = 2 * PAGE_SIZE };
	assert_int_equal(vma_add(as, AT, 2 * PAGE_SIZE, RW, 0, &backing_file, &f, 0, "f", NULL), OK);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(get(va_of(i)), 0x5A5A5A5A);
		assert_int_equal(evict_page(as, va_of(i)), OK);
	}
	assert_true(is_prototype(as, AT));
	assert_int_equal(modified_pages.count, 0);
	assert_int_equal(standby_pages.count, 2);
	world_check();
	assert_int_equal(get(AT), 0x5A5A5A5A);
	assert_int_equal(f.reads, 2);
	assert_int_equal(evict_page(as, AT), OK);
	assert_int_equal(evict_page(as, AT), OK);
	assert_int_equal(evict_page(as, AT), ERR_EXISTS);
	assert_int_equal(prototype(&f.object, 0).kind, SOFT_PROTOTYPE);
	assert_int_equal(get(AT), 0x5A5A5A5A);
	assert_int_equal(f.reads, 3);
	assert_int_equal(disk_used(), 0);
	assert_int_equal(file_page(&f, 1, &pfn), OK);
	memcpy(machine_page(pfn), &(uint32_t){ 4711 }, 4);
	frame_written(pfn);
	frame_put(pfn);
	assert_int_equal(get(va_of(1)), 4711);
	assert_int_equal(evict_page(as, va_of(1)), ERR_INVALID);
	world_check();
	end_space(as);
	(void)pages_release(10);
	(void)file_drop(&f);
	assert_int_equal(f.object.frames, 0);
	object_free(&f.object);
	frame_free_run(at, 2);
	disk_stop();
}

int main(void)
{
	static const struct named_world_test tests[] = {
		{ "every mapping changes", every_mapping_changes },
		{ "a first read of a listed page", a_first_read_of_a_listed_page },
		{ "a write during the write-out", a_write_during_the_write_out },
		{ "a clean page is written once", a_clean_page_is_written_once },
		{ "the last mapping goes", the_last_mapping_goes },
		{ "private copies", private_copies },
		{ "ranges change", ranges_change },
		{ "a slot that cannot be read", a_slot_that_cannot_be_read },
		{ "pages that nothing maps", pages_that_nothing_maps },
		{ "pages read ahead", pages_read_ahead },
		{ "an entry written by hand", an_entry_written_by_hand },
		{ "pages of files", pages_of_files },
	};

	return world_run("page-out of objects", tests, ARRAY_LEN(tests));
}
