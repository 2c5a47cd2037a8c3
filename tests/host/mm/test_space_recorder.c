/* tests/host/mm/test_space_recorder.c - the reference string of an address space is that of its accesses, under every format.
 * SPDX-License-Identifier: MIT
 *
 * Each access is an instruction of its own that needs one page. So the string by faults is the list of accesses, with neighbours on
 * the same page as one, which is a write if one of them was.
 */
#include "mm/reclaim/io.h"
#include "mm/reclaim/recorder.h"
#include "mm/reclaim/reclaim.h"
#include "mm/space/fork.h"
#include "mm/space/vmalloc.h"
#include "tests/host/mm/disk.h"
#include "tests/host/mm/space.h"

#define PAGES 24
#define ROOM  4096

/* ---- memory of strings: the heap of the simulated machine is smaller ---- */

void *__wrap_kvzalloc(uint64_t bytes, const char *name);
void __wrap_kvfree(void *p);
static long allocations_left = -1;      /* negative: all succeed */
static long allocated;

void *__wrap_kvzalloc(uint64_t bytes, const char *name)
{
	(void)name;
	if (allocations_left == 0)
		return NULL;
	allocations_left -= allocations_left > 0;
	allocated++;
	return calloc(1, (size_t)bytes);
}

void __wrap_kvfree(void *p)
{
	allocated -= p != NULL;
	free(p);
}

/* ---- what is expected ---- */

static struct { uint32_t reference[ROOM]; unsigned count; unsigned open; } expected;
static uint64_t instruction_number;
#define NONE UINT32_MAX

static uint64_t next_instruction(const struct vm_fault *f)
{
	(void)f;
	return instruction_number;
}

static void note_use(unsigned page, bool write)
{
	if (expected.open == page) {
		expected.reference[expected.count - 1] |= write;
		return;
	}
	assert_true(expected.count < ROOM);
	expected.reference[expected.count++] = page << 1 | write;
	expected.open = page;
}

static void check_string(void)
{
	const struct recorded *s = &recorder.string;

	assert_int_equal(s->count, expected.count);
	for (uint32_t i = 0; i < s->count; i++) {
		uint64_t number = s->page[s->reference[i] >> 1].number - (AT >> PAGE_SHIFT);

		assert_int_equal(number << 1 | (s->reference[i] & 1), expected.reference[i]);
	}
}

static void read_page(unsigned page)
{
	instruction_number++;
	assert_int_equal(get(va_of(page)), 100 + page);
	note_use(page, false);
}

static void write_page(unsigned page)
{
	instruction_number++;
	assert_int_equal(put(va_of(page), 100 + page), FAULT_FIXED);
	note_use(page, true);
}

static struct aspace *with_pages(void)
{
	struct aspace *as = new_space();

	disk_start();
	add(as, AT, PAGES * PAGE_SIZE, RW, 0);
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(put(va_of(i), 100 + i), FAULT_FIXED);
	return as;
}

static struct aspace *recorded_pages(uint8_t mode, uint32_t frames, const char *policy)
{
	struct recorder_request q = { .mode = mode, .room = ROOM, .pages_room = 64, .frames = frames,
	                              .policy = policy_named(policy) };

	q.as = with_pages();
	expected.count = 0;
	expected.open = NONE;
	recorder_progress = next_instruction;
	assert_int_equal(recorder_start(&q), OK);
	return q.as;
}

static bool is_user(const struct aspace *as, unsigned page)
{
	struct hw_page hw = cpu_walk(as, va_of(page));

	return hw.end == HW_MAPPED && hw.may[HW_USER][HW_READ];
}

static unsigned mapped_pages(const struct aspace *as)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PAGES; i++)
		n += cpu_walk(as, va_of(i)).end == HW_MAPPED;
	return n;
}

static void end(struct aspace *as)
{
	world_check();
	end_space(as);
	recorder_stop();
	recorded_free(&recorder.string);
	disk_stop();
	assert_int_equal(allocated, 0);
}

/* ---- by faults ---- */

static void each_use_is_a_reference(void)
{
	struct aspace *as = recorded_pages(RECORDED_FAULTS, 0, "fifo");

	for (unsigned i = 0; i < PAGES; i++)
		assert_false(is_user(as, i));
	read_page(3);
	assert_true(is_user(as, 3));
	read_page(4);
	assert_false(is_user(as, 3));
	read_page(4);
	write_page(4);
	read_page(3);
	write_page(3);
	write_page(9);
	read_page(9);
	check_string();
	world_check();
	recorder_stop();
	assert_int_equal(recorder.end, RECORDER_STOPPED);
	for (unsigned i = 0; i < PAGES; i++)
		assert_true(is_user(as, i));
	expected.open = 9;
	read_page(1);
	assert_int_equal(cpu_faults(), 0);
	assert_int_equal(recorder.string.count, expected.count - 1);
	end(as);
}

/* An instruction that needs three pages starts again after each fault, and ends. */
static void an_instruction_with_three_pages_ends(void)
{
	static const uint32_t order[] = { 0, 1, 0, 2, 0, 1 };
	struct aspace *as = recorded_pages(RECORDED_FAULTS, 0, "fifo");
	unsigned done = 0;

	for (unsigned starts = 0; done < 3; starts++) {
		assert_true(starts < 10);
		for (done = 0; done < 3; done++) {
			uint32_t value;

			(void)cpu_access(va_of(done), ACCESS_READ, true, &value);
			if (cpu_faults())
				break;
		}
	}
	assert_int_equal(recorder.string.count, ARRAY_LEN(order));
	for (unsigned i = 0; i < ARRAY_LEN(order); i++)
		assert_int_equal(recorder.string.page[recorder.string.reference[i] >> 1].number, (va_of(order[i]) >> PAGE_SHIFT));
	end(as);
}

static void rights_are_those_of_the_vma(void)
{
	struct aspace *as = recorded_pages(RECORDED_FAULTS, 0, "fifo");
	uint32_t value = 1;

	assert_int_equal(vma_protect(as, va_of(2), 2 * PAGE_SIZE, PROT_U | PROT_R), OK);
	assert_int_equal(put(va_of(2), 1), FAULT_DENIED);
	read_page(2);
	instruction_number++;
	assert_int_equal(put(va_of(2), 1), FAULT_DENIED);
	assert_int_equal(cpu_access(va_of(3), ACCESS_EXECUTE, true, &value), FAULT_DENIED);
	if (world->format->caps & PT_HAS_NX)
		assert_int_equal(cpu_access(va_of(2), ACCESS_EXECUTE, true, &value), FAULT_DENIED);
	assert_int_equal(vma_protect(as, va_of(2), PAGE_SIZE, PROT_U), OK);
	assert_int_equal(cpu_access(va_of(2), ACCESS_READ, true, &value), FAULT_DENIED);
	read_page(5);
	/* The rights come back, and the page is closed. */
	assert_int_equal(vma_protect(as, va_of(2), 2 * PAGE_SIZE, RW), OK);
	assert_false(is_user(as, 2));
	read_page(2);
	write_page(3);
	check_string();
	assert_int_equal(vma_unmap(as, va_of(7), PAGE_SIZE), OK);
	assert_int_equal(put(va_of(7), 1), FAULT_NO_VMA);
	end(as);
}

static void a_child_is_not_recorded(void)
{
	struct aspace *as = recorded_pages(RECORDED_FAULTS, 0, "fifo"), *child;
	unsigned before;

	write_page(0);
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(as, child), OK);
	world_check();
	for (unsigned i = 1; i < PAGES; i++) {
		assert_false(is_user(as, i));
		assert_true(is_user(child, i));
	}
	before = recorder.string.count;
	aspace_load(child);
	assert_int_equal(get(va_of(1)), 101);
	assert_int_equal(cpu_faults(), 0);
	assert_int_equal(put(va_of(1), 7), FAULT_FIXED);
	assert_int_equal(recorder.string.count, before);
	aspace_load(as);
	read_page(1);
	write_page(1);
	read_page(2);
	aspace_load(child);
	assert_int_equal(get(va_of(1)), 7);
	aspace_load(as);
	check_string();
	aspace_destroy(child);
	assert_ptr_equal(recorder.as, as);
	end(as);
}

static void fork_that_fails_leaves_the_pages_closed(void)
{
	struct aspace *as = recorded_pages(RECORDED_FAULTS, 0, "fifo"), *child;

	err_t err = ERR_NO_MEMORY;

	read_page(0);
	for (long n = 0; err != OK; n++) {
		assert_int_equal(aspace_create("child", &child), OK);
		world_fail_after = n;
		err = aspace_fork(as, child);
		world_fail_after = -1;
		aspace_destroy(child);
		for (unsigned i = 0; i < PAGES; i++)
			assert_false(is_user(as, i));
	}
	write_page(4);
	check_string();
	end(as);
}

/* Random uses, while pages leave memory, rights change and children come and go. */
static void the_string_is_right_whatever_happens(void)
{
	struct aspace *as = recorded_pages(RECORDED_FAULTS, 0, "fifo"), *child;

	srand(7);
	for (unsigned i = 0; i < 1500; i++) {
		unsigned page = (unsigned)rand() % PAGES;

		switch (rand() % 16) {
		case 0:
			if (evict_page(as, va_of(page)) == OK && expected.open == page)
				expected.open = NONE;
			break;
		case 1:
			assert_int_equal(vma_protect(as, va_of(page), PAGE_SIZE, PROT_U | PROT_R), OK);
			assert_int_equal(vma_protect(as, va_of(page), PAGE_SIZE, RW), OK);
			break;
		case 2:
			assert_int_equal(aspace_create("child", &child), OK);
			assert_int_equal(aspace_fork(as, child), OK);
			aspace_destroy(child);
			break;
		case 3:
			disk_run(3);
			break;
		default:
			(rand() % 3 ? read_page : write_page)(page);
		}
	}
	world_check();
	check_string();
	end(as);
}

/* ---- the limit ---- */

static void the_simulator_counts_what_the_machine_did(void)
{
	for (unsigned n = 0; policies[n]; n++) {
		struct aspace *as = recorded_pages(RECORDED_FAULTS, 10, policies[n]->name);
		struct reference_string s;
		struct simulation r;

		assert_int_equal(mapped_pages(as), 0);
		srand(n);
		for (unsigned i = 0; i < 600; i++) {
			unsigned page = (unsigned)rand() % (rand() % 4 ? 9 : PAGES);

			(rand() % 3 ? read_page : write_page)(page);
			assert_true(mapped_pages(as) <= 10);
		}
		assert_int_equal(recorded_string(&recorder.string, &s), OK);
		s.pages = 64;           /* random draws page numbers: as many as the recorder has room for */
		assert_int_equal(simulate(policies[n], &s, 10, &r), OK);
		references_free(&s);
		assert_int_equal(recorder.counts.refused, 0);
		assert_int_equal(recorder.counts.foreign, 0);
		assert_int_equal(recorder.counts.misses, r.faults);
		assert_true(r.faults > PAGES);
		end(as);
	}
}

/* A page that is not mapped is not among the pages in memory: the start leaves it on its list, and writes nothing. */
static void the_start_evicts_mapped_pages_only(void)
{
	struct recorder_request q = { .as = with_pages(), .mode = RECORDED_FAULTS, .room = 100, .pages_room = 64, .frames = 8,
	                              .policy = policy_named("lru") };
	uint64_t trimmed = reclaim_counts.trimmed;

	assert_int_equal(evict_page(q.as, va_of(0)), OK);
	assert_int_equal(recorder_start(&q), OK);
	assert_int_equal(mapped_pages(q.as), 0);
	assert_int_equal(reclaim_counts.trimmed - trimmed, PAGES);
	assert_false(page_io_pending());
	end(q.as);
}

/* ---- by accessed bits ---- */

static void a_sample_has_the_pages_used(void)
{
	struct aspace *as = recorded_pages(RECORDED_BITS, 0, "fifo");
	const struct recorded *s = &recorder.string;

	recorder_sample();
	assert_int_equal(s->count, 0);
	(void)get(va_of(5));
	(void)get(va_of(2));
	(void)get(va_of(5));
	recorder_sample();
	assert_int_equal(s->count, 2);
	assert_int_equal(s->page[0].number, va_of(2) >> PAGE_SHIFT);
	assert_int_equal(s->page[1].number, va_of(5) >> PAGE_SHIFT);
	assert_int_equal(put(va_of(5), 105), FAULT_FIXED);
	recorder_sample();
	assert_int_equal(s->count, 3);
	assert_int_equal(s->reference[2], 1 << 1 | 1);
	/* Where the CPU sets no dirty bit, a writable page counts as written. */
	assert_int_equal(s->reference[1] & 1, !as->space.half[0].mode->hw_dirty);
	recorder_sample();
	assert_int_equal(s->count, 3);
	end(as);
}

/* ---- ends ---- */

static void a_full_string_ends_the_recording(void)
{
	struct recorder_request q = { .as = with_pages(), .mode = RECORDED_FAULTS, .room = 5, .pages_room = 4,
	                              .policy = policy_named("fifo") };

	for (unsigned round = 0; round < 2; round++) {
		q.room = round ? 100 : 5;
		recorder_progress = next_instruction;
		assert_int_equal(recorder_start(&q), OK);
		for (unsigned i = 0; i < 12; i++) {
			instruction_number++;
			assert_int_equal(get(va_of(i % (round ? 12 : 3))), 100 + i % (round ? 12 : 3));
		}
		assert_int_equal(recorder.string.count, round ? 4 : 5);
		assert_true(recorder.string.cut);
		assert_int_equal(recorder.end, RECORDER_FULL);
		for (unsigned i = 0; i < PAGES; i++)
			assert_true(is_user(q.as, i));
	}
	end(q.as);
}

static void exec_goes_on_in_the_new_space(void)
{
	struct aspace *as = recorded_pages(RECORDED_FAULTS, 8, "lru"), *next;
	const struct recorded *s = &recorder.string;

	write_page(1);
	write_page(2);
	assert_int_equal(aspace_create("next", &next), OK);
	aspace_load(next);
	add(next, AT, PAGES * PAGE_SIZE, RW, 0);
	assert_int_equal(put(va_of(1), 101), FAULT_FIXED);
	recorder_follow(next);
	aspace_destroy(as);
	assert_int_equal(recorder.end, RECORDER_RUNS);
	instruction_number++;
	assert_int_equal(get(va_of(1)), 101);
	assert_int_equal(s->count, 3);
	assert_int_equal(s->page[2].number, va_of(1) >> PAGE_SHIFT | (uint64_t)1 << RECORDED_PROGRAM_SHIFT);
	for (unsigned i = 3; i < PAGES; i++) {
		instruction_number++;
		assert_int_equal(put(va_of(i), i), FAULT_FIXED);
		assert_true(mapped_pages(next) <= 8);
	}
	aspace_load(&kernel_aspace);
	world_check();
	aspace_destroy(next);
	assert_int_equal(recorder.end, RECORDER_EXITED);
	assert_null(recorder.as);
	assert_int_equal(s->count, PAGES);
	recorder_stop();
	recorded_free(&recorder.string);
	disk_stop();
}

/* The numbers of pages have 12 bits for the count of programs. */
static void the_limit_holds_after_thousands_of_programs(void)
{
	struct aspace *as = recorded_pages(RECORDED_FAULTS, 8, "fifo");

	for (unsigned i = 0; i < 5000; i++)
		recorder_follow(as);
	for (unsigned i = 0; i < PAGES; i++) {
		write_page(i);
		assert_true(mapped_pages(as) <= 8);
	}
	end(as);
}

/* Whichever allocation fails: no page is closed, nothing is kept. */
static void a_start_that_fails_changes_nothing(void)
{
	struct recorder_request q = { .as = with_pages(), .mode = RECORDED_FAULTS, .room = 100, .pages_room = 64, .frames = 8,
	                              .policy = policy_named("lru") };
	long before = allocated;
	err_t err = ERR_NO_MEMORY;

	for (long n = 0; err != OK; n++) {
		allocations_left = n;
		err = recorder_start(&q);
		allocations_left = -1;
		if (err != OK) {
			assert_int_equal(err, ERR_NO_MEMORY);
			assert_int_equal(allocated, before);
			assert_int_equal(mapped_pages(q.as), PAGES);
			assert_true(is_user(q.as, 0) && !recorder.as && !recorder.string.count);
		} else {
			assert_int_equal(n, 4);
		}
	}
	assert_int_equal(recorder_start(&q), ERR_EXISTS);
	end(q.as);
}

int main(void)
{
	static const struct named_world_test tests[] = {
		{ "each use is a reference", each_use_is_a_reference },
		{ "an instruction with three pages ends", an_instruction_with_three_pages_ends },
		{ "rights are those of the VMA", rights_are_those_of_the_vma },
		{ "a child is not recorded", a_child_is_not_recorded },
		{ "a fork that fails leaves the pages closed", fork_that_fails_leaves_the_pages_closed },
		{ "the string is right whatever happens", the_string_is_right_whatever_happens },
		{ "the simulator counts what the machine did", the_simulator_counts_what_the_machine_did },
		{ "the start evicts mapped pages only", the_start_evicts_mapped_pages_only },
		{ "a sample has the pages used", a_sample_has_the_pages_used },
		{ "a full string ends the recording", a_full_string_ends_the_recording },
		{ "exec goes on in the new space", exec_goes_on_in_the_new_space },
		{ "the limit holds after thousands of programs", the_limit_holds_after_thousands_of_programs },
		{ "a start that fails changes nothing", a_start_that_fails_changes_nothing },
	};

	return world_run("recorder", tests, ARRAY_LEN(tests));
}
