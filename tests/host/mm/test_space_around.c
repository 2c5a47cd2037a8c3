/* tests/host/mm/test_space_around.c - fault-around: which entries one fault fills, what they map, and what the journal keeps.
 * SPDX-License-Identifier: MIT
 */
#define _DEFAULT_SOURCE
#include "mm/backing/file.h"
#include "mm/phys/journal.h"
#include "mm/space/recording.h"
#include "mm/space/rmap.h"
#include "mm/space/share.h"
#include "mm/space/zap.h"
#include "tests/host/mm/space.h"

#define TABLE_BYTES ((uint64_t)PAGE_SIZE << (world->format->level[1].shift - PAGE_SHIFT))
#define START 0x10000000u       /* of a table, whatever the format */

static uint64_t before;

static struct aspace *with_around(unsigned n)
{
	fault_around = n;
	before = fault_counts()->around;
	return new_space();
}

static void done_around(struct aspace *as)
{
	world_check();
	end_space(as);
	fault_around = 1;
}

/* By fault_around() since with_around(). */
static unsigned mapped_around(void)
{
	return (unsigned)(fault_counts()->around - before);
}

static uint64_t page_at(unsigned page)
{
	return START + (uint64_t)page * PAGE_SIZE;
}

/* Pages from `first` on that the tables map. */
static unsigned mapped(const struct aspace *as, uint64_t first, unsigned count)
{
	unsigned n = 0;

	while (n < count && frame_of(as, first + (uint64_t)n * PAGE_SIZE))
		n++;
	return n;
}

static void first_use(uint64_t va, bool write)
{
	if (write)
		assert_int_equal(put(va, 1), FAULT_FIXED);
	else
		assert_int_equal(get(va), 0);
}

static void one_fault_maps_so_many(void)
{
	for (unsigned n = 1; n <= FAULT_AROUND_MAX; n = n < 3 ? n + 1 : 2 * n)
		for (unsigned write = 0; write < 2; write++) {
			struct aspace *as = with_around(n);
			uint64_t faults;

			add(as, START, 256 * PAGE_SIZE, RW, 0);
			/* The slow path, the slow path that keeps the table, the fast path. */
			for (unsigned i = 0; i < 3; i++)
				first_use(page_at(i * n), write);
			assert_int_equal(mapped_around(), 3 * (n - 1));
			assert_int_equal(mapped(as, START, 256), 3 * n);
			assert_int_equal(aspace_counts(as, NULL).committed, write ? 3 * n : 0);
			faults = as->faults;
			for (unsigned i = 0; i < 3 * n; i++)
				assert_int_equal(get(page_at(i)), write && i % n == 0);
			assert_int_equal(as->faults, faults);
			for (unsigned i = 0; i < 3 * n; i++)
				assert_int_equal(put(page_at(i), 7 + i), FAULT_FIXED);
			for (unsigned i = 0; i < 3 * n; i++)
				assert_int_equal(get(page_at(i)), 7 + i);
			done_around(as);
		}
}

/* Behind the VMA is another one, whose entries are as empty. */
static void not_past_the_end_of_a_vma(void)
{
	for (unsigned write = 0; write < 2; write++) {
		struct aspace *as = with_around(16);

		add(as, START, 5 * PAGE_SIZE, RW, 0);
		add(as, page_at(5), PAGE_SIZE, PROT_U | PROT_R, 0);
		add(as, page_at(8), 4 * PAGE_SIZE, RW, 0);
		first_use(START, write);
		assert_int_equal(mapped(as, START, 16), 5);
		first_use(page_at(10), write);
		first_use(page_at(9), write);        /* the fast path; page 10 ends the run */
		assert_int_equal(mapped_around(), 4 + 1);
		for (unsigned i = 0; i < 16; i++)
			assert_int_equal(frame_of(as, page_at(i)) != 0, i < 5 || (i >= 9 && i < 12));
		done_around(as);
	}
}

static void not_past_the_end_of_a_table(void)
{
	for (unsigned write = 0; write < 2; write++) {
		struct aspace *as = with_around(16);
		uint64_t end = START + TABLE_BYTES;

		add(as, START, 2 * TABLE_BYTES, RW, 0);
		first_use(end - PAGE_SIZE, write);
		assert_int_equal(mapped_around(), 0);
		first_use(end - 3 * PAGE_SIZE, write);
		assert_int_equal(mapped_around(), 1);
		first_use(end - 9 * PAGE_SIZE, write);
		assert_int_equal(mapped_around(), 1 + 5);
		assert_int_equal(mapped(as, end, 16), 0);
		/* The entry behind the last one of the table is in another frame, or of another table. */
		assert_int_equal(as->tables[0], 1);
		done_around(as);
	}
}

/* All that was stored, and that it was empty, is in the journal. */
static void the_journal_has_every_entry(void)
{
	struct aspace *as = with_around(16);
	uint64_t stores;
	struct journal_cursor c;
	struct journal_entry e;

	add(as, START, 64 * PAGE_SIZE, RW, 0);
	first_use(START, true);
	stores = journal_count();
	first_use(page_at(20), false);
	assert_int_equal(journal_count() - stores, 16);
	c = journal_end();
	for (unsigned i = 16; i-- > 0;) {
		struct pt_slot slot;

		assert_true(journal_previous(&c, &e));
		assert_int_equal(pt_lookup(&as->space, page_at(20 + i), 0, &slot), OK);
		assert_true(e.pa.v == slot.entry_pa.v && e.old.v == 0 && e.new.v == slot.entry.v);
		assert_string_equal(e.why, i ? "fault-around" : "mapped the shared zero frame");
	}
	done_around(as);
}

/* Only the faulting page was used. A CPU that does not set A would fault on each. */
static void neighbours_were_not_used(void)
{
	struct aspace *as = with_around(4);

	add(as, START, 64 * PAGE_SIZE, RW, 0);
	for (unsigned i = 0; i < 12; i++) {
		uint64_t va = page_at(i / 4 * 4);
		struct pt_slot slot;
		bool is_accessed;

		if (i % 4 == 0)
			assert_int_equal(i == 4 ? put(va, 1) : (enum fault_result)get(va), FAULT_FIXED);
		assert_int_equal(pt_lookup(&as->space, page_at(i), 0, &slot), OK);
		is_accessed = world->format->prot(as->space.half[0].mode, 0, slot.entry) & PROT_ACCESSED;
		assert_int_equal(is_accessed, i % 4 == 0 || !as->space.half[0].mode->hw_accessed);
	}
	done_around(as);
}

/* ---- pages of a file ---- */

static void only_pages_in_memory(void)
{
	struct aspace *as = with_around(8);
	struct section *s;

	assert_int_equal(section_open("s", 16 * PAGE_SIZE, &s), OK);
	assert_int_equal(vma_add(as, START, 16 * PAGE_SIZE, RW, VMA_SHARED, &backing_section, s, 0, "s", NULL), OK);
	assert_int_equal(vma_add(as, page_at(16), 20 * PAGE_SIZE, RW, 0, &backing_section, s, 0, "s", NULL), OK);
	/* Writes of a shared page map no neighbours: only these are in memory. */
	for (unsigned i = 0; i < 16; i++)
		if (i != 5)
			assert_int_equal(put(page_at(i), 100 + i), FAULT_FIXED);
	assert_int_equal(mapped_around(), 0);
	for (unsigned round = 0; round < 2; round++) {
		assert_int_equal(get(page_at(16)), 100);
		assert_int_equal(mapped(as, page_at(16), 20), 5);
		assert_int_equal(get(page_at(16 + 8)), 108);
		assert_int_equal(mapped(as, page_at(16 + 8), 20), 8);  /* the section ends before the VMA does */
		for (unsigned i = 6; i < 16; i++)
			assert_true(i < 8 || frame_of(as, page_at(16 + i)) == frame_of(as, page_at(i)));
		vma_zap(as, page_at(16), 20 * PAGE_SIZE);
	}
	assert_int_equal(mapped_around(), 2 * (4 + 7));
	/* A private write copies its page, and no other. */
	assert_int_equal(put(page_at(16), 1), FAULT_FIXED);
	assert_int_equal(mapped(as, page_at(16), 20), 1);
	section_put(s);
	done_around(as);
}

/* ---- where it stays off ---- */

static void used_nothing(struct vm_fault *f) { (void)f; }
static void gone_nothing(struct aspace *as) { (void)as; }

static void a_recorder_sees_every_page(void)
{
	static const struct recording_ops ops = { used_nothing, gone_nothing };
	struct aspace *as = with_around(16);

	add(as, START, 64 * PAGE_SIZE, RW, 0);
	recording = &ops;
	as->recorded = RECORDED_FAULTS;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(get(page_at(i)), 0);
	assert_int_equal(mapped_around(), 0);
	as->recorded = RECORDED_NO;
	recording = NULL;
	done_around(as);
}

static void code_and_guards(void)
{
	struct aspace *as = with_around(16);

	add(as, START, 8 * PAGE_SIZE, PROT_U | PROT_R | PROT_X, 0);
	add(as, page_at(8), 8 * PAGE_SIZE, RW, VMA_GUARD);
	assert_int_equal(get(START), 0);
	assert_int_not_equal(put(page_at(8), 1), FAULT_FIXED);
	assert_int_equal(mapped_around(), 0);
	done_around(as);
}

/* The kernel keeps what is left for faults: neighbours take no frame then, and the fault itself does. */
static void memory_that_is_nearly_full(void)
{
	struct aspace *as = with_around(16);
	uint32_t kept = frame_keep[0];

	add(as, START, 64 * PAGE_SIZE, RW, 0);
	first_use(START, true);
	assert_int_equal(mapped_around(), 15);
	frame_keep[0] = frame_available() - 8;
	assert_int_equal(put(page_at(16), 1), FAULT_FIXED);
	frame_keep[0] = kept;
	assert_int_equal(mapped_around(), 15);
	assert_int_equal(mapped(as, page_at(16), 16), 1);
	done_around(as);
}

int main(void)
{
	static const struct named_world_test tests[] = {
		{ "one fault maps so many", one_fault_maps_so_many },
		{ "not past the end of a VMA", not_past_the_end_of_a_vma },
		{ "not past the end of a table", not_past_the_end_of_a_table },
		{ "the journal has every entry", the_journal_has_every_entry },
		{ "neighbours were not used", neighbours_were_not_used },
		{ "only pages in memory", only_pages_in_memory },
		{ "a recorder sees every page", a_recorder_sees_every_page },
		{ "code and guards", code_and_guards },
		{ "memory that is nearly full", memory_that_is_nearly_full },
	};

	return world_run("fault-around", tests, ARRAY_LEN(tests));
}
