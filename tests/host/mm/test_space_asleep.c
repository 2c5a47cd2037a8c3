/* tests/host/mm/test_space_asleep.c - a fault that sleeps until its page is read, under every format.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/zap.h"
#include "mm/wait.h"
#include "tests/host/mm/pageout.h"

#define PAGES 4

/* A tick at which a process is ready is not the disk's. */
static void waits_for_more_than_the_disk(void)
{
	struct aspace *as = with_pages(PAGES, 2);

	to_the_file(as, 2);
	mm_waits.longest = mm_waits.longest_own = 0;
	disk_asleep = mm_wake;
	assert_int_equal(get(va_of(0)), 100);
	assert_int_equal(mm_waits.longest, 2);
	assert_int_equal(mm_waits.longest_own, 1);
	end(as);
}

/* The time from the first sleep to the page, whatever the number of sleeps. */
static void faults_that_wait(void)
{
	struct aspace *as = with_pages(PAGES, 2);
	struct mm_waits before = mm_waits;

	to_the_file(as, 2);
	mm_waits.longest = mm_waits.longest_own = 0;
	assert_int_equal(get(va_of(0)), 100);
	assert_int_equal(mm_waits.count, before.count + 1);
	assert_int_equal(mm_waits.longest, 1);
	/* Read ahead: a soft fault. */
	assert_int_equal(get(va_of(1)), 101);
	assert_int_equal(mm_waits.count, before.count + 1);
	to_the_file(as, 2);
	/* Two requests, because the first fails: one fault. */
	disk_fail_after = 0;
	assert_int_equal(get(va_of(0)), 100);
	assert_int_equal(mm_waits.count, before.count + 2);
	assert_int_equal(mm_waits.longest, 2);
	assert_int_equal(mm_waits.longest_own, 0);
	end(as);
}

/* ---- what another process or the shell does while a fault sleeps ---- */

static struct aspace *sleeper;

static void unmap_it(void) { assert_int_equal(vma_unmap(sleeper, va_of(0), PAGE_SIZE), OK); }
static void protect_it(void) { assert_int_equal(vma_protect(sleeper, va_of(0), PAGE_SIZE, PROT_U | PROT_R), OK); }
static void drop_it(void) { vma_zap(sleeper, va_of(0), PAGE_SIZE); }
static void read_it(void) { assert_int_equal(get(va_of(0)), 100); }
static void write_it(void) { assert_int_equal(put(va_of(0), 4711), FAULT_FIXED); }

static void map_another(void)
{
	unmap_it();
	add(sleeper, va_of(0), PAGE_SIZE, RW, 0);
	assert_int_equal(put(va_of(0), 4712), FAULT_FIXED);
}

static void evict_it(void)
{
	write_it();
	assert_int_equal(evict_page(sleeper, va_of(0)), OK);
}

/* The entry that the fault found is not there any more, or the page has another content. The fault starts again. */
static void changes_while_a_fault_sleeps(void)
{
	static const struct { void (*meanwhile)(void); enum fault_result read, write; uint32_t value; } rows[] = {
		{ unmap_it, FAULT_NO_VMA, FAULT_NO_VMA, 0 }, { protect_it, FAULT_FIXED, FAULT_DENIED, 100 },
		{ drop_it, FAULT_FIXED, FAULT_FIXED, 0 }, { read_it, FAULT_FIXED, FAULT_FIXED, 100 },
		{ write_it, FAULT_FIXED, FAULT_FIXED, 4711 }, { map_another, FAULT_FIXED, FAULT_FIXED, 4712 },
		{ evict_it, FAULT_FIXED, FAULT_FIXED, 4711 },
	};

	for (unsigned i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		enum access access = i % 2 ? ACCESS_WRITE : ACCESS_READ;
		enum fault_result expected = i % 2 ? rows[i / 2].write : rows[i / 2].read;
		uint32_t value = 9;

		sleeper = with_pages(PAGES, 2);
		to_the_file(sleeper, 2);
		disk_asleep = rows[i / 2].meanwhile;
		assert_int_equal(cpu_access(va_of(0), access, true, &value), expected);
		assert_null(disk_asleep);
		if (expected == FAULT_FIXED)
			assert_int_equal(value, i % 2 ? 9 : rows[i / 2].value);
		if (expected != FAULT_NO_VMA)
			assert_int_equal(get(va_of(0)), expected == FAULT_FIXED && i % 2 ? 9 : rows[i / 2].value);
		assert_int_equal(get(va_of(1)), 101);
		end(sleeper);
	}
}

int main(void)
{
	static const struct named_world_test tests[] = {
		{ "faults that wait", faults_that_wait },
		{ "waits for more than the disk", waits_for_more_than_the_disk },
		{ "changes while a fault sleeps", changes_while_a_fault_sleeps },
	};

	return world_run("faults that sleep", tests, ARRAY_LEN(tests));
}
