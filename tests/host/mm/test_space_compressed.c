/* tests/host/mm/test_space_compressed.c - page file 2: pages of all kinds go into the compressed store and come back, under every
 * format.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/compressed.h"
#include "mm/reclaim/readahead.h"
#include "mm/reclaim/slots.h"
#include "mm/space/fork.h"
#include "mm/space/vmalloc.h"
#include "tests/host/mm/pageout.h"

#define PAGES 48
#define WORDS (PAGE_SIZE / 4)

/* Addresses of vmalloc exist in the simulated machine only, and tables of slots are larger than the heap gives. */
err_t __wrap_vmalloc(uint64_t bytes, prot_t prot, const char *name, void **out);
void __wrap_vfree(void *p);
void *__wrap_kvzalloc(uint64_t bytes, const char *name);
void __wrap_kvfree(void *p);

err_t __wrap_vmalloc(uint64_t bytes, prot_t prot, const char *name, void **out)
{
	(void)prot;
	(void)name;
	*out = malloc((size_t)bytes);
	return *out ? OK : ERR_NO_MEMORY;
}
void __wrap_vfree(void *p) { free(p); }
void *__wrap_kvzalloc(uint64_t bytes, const char *name)
{
	(void)name;
	return calloc(1, (size_t)bytes);
}
void __wrap_kvfree(void *p) { free(p); }

/* ---- pages of a content ---- */

enum content { ZERO, FIVE_A, POINTER, LAST_DIFFERS, FIRST_DIFFERS, PERIOD_TWO, TEXT, NOISE, CONTENTS };

/* Word i of a page: the same for each call. */
static uint32_t word_of(enum content content, unsigned page, unsigned i)
{
	uint32_t noise = (page * WORDS + i) * 2654435761u;

	switch (content) {
	case ZERO:          return 0;
	case FIVE_A:        return 0x5A5A5A5A;
	case POINTER:       return i % 2 ? 0 : 0xC0101000 + page * 16;
	case LAST_DIFFERS:  return i == WORDS - 1 ? page + 1 : 0x11111111;
	case FIRST_DIFFERS: return i == 0 ? page + 1 : 0x11111111;
	case PERIOD_TWO:    return (i / 2) % 2 ? 0xAAAA0000 + page : 0x5555;
	case TEXT:          return 0x20202020 + (i % 7) * 0x01010101 + (i % 13 == page % 13 ? noise % 5 : 0);
	default:            return noise ^ noise >> 15 ^ (noise * 0x9E3779B1u) << 7;
	}
}

static enum content content_of(unsigned page)
{
	return page % CONTENTS;
}

static void fill(unsigned page, enum content content)
{
	for (unsigned i = 0; i < WORDS; i++)
		assert_int_equal(put(va_of(page) + i * 4, word_of(content, page, i)), FAULT_FIXED);
}

static void check(unsigned page, enum content content)
{
	for (unsigned i = 0; i < WORDS; i++)
		assert_int_equal(get(va_of(page) + i * 4), word_of(content, page, i));
}

/* A space with n pages, and a pool of `pool` pages. */
static struct aspace *start(unsigned n, unsigned pool)
{
	struct aspace *as = new_space();

	disk_start();
	assert_int_equal(compressed_create((uint64_t)pool * PAGE_SIZE), OK);
	add(as, AT, PAGES * PAGE_SIZE, RW, 0);
	for (unsigned page = 0; page < n; page++)
		fill(page, content_of(page));
	return as;
}

static void end_compressed(struct aspace *as)
{
	struct compressed_stats s;
	uint64_t where;

	world_check();
	end_space(as);
	assert_true(compressed_stats(&s));
	assert_int_equal(s.pages, 0);
	assert_int_equal(s.used, 0);
	assert_null(compressed_check(&where));
	disk_stop();
}

/* ---- tests ---- */

/* Only pages that are really one word take no space; text takes less than a page, noise a whole one. */
static void every_content_comes_back(void)
{
	struct aspace *as = start(PAGES, 40);
	struct compressed_stats s;

	to_the_file(as, PAGES);
	assert_true(compressed_stats(&s));
	assert_int_equal(s.pages, PAGES);
	/* POINTER is one word of eight bytes, or two of four. */
	assert_int_equal(s.same, 3 * PAGES / CONTENTS);
	assert_int_equal(s.whole, PAGES / CONTENTS);
	for (unsigned page = 0; page < PAGES; page++) {
		struct pt_soft soft = entry_of(as, page);
		int bytes = compressed_bytes((uint32_t)soft.offset);

		assert_int_equal(soft.file, COMPRESSED_FILE);
		if (content_of(page) <= POINTER)
			assert_int_equal(bytes, 0);
		else if (content_of(page) == NOISE)
			assert_int_equal(bytes, PAGE_SIZE);
		else
			/* Two words in turn: the search finds the one before, as that of `lz4 -1` does, and gains little. */
			assert_in_range(bytes, 1, content_of(page) == PERIOD_TWO ? PAGE_SIZE - 1 : PAGE_SIZE / 3);
	}
	world_check();
	for (unsigned page = 0; page < PAGES; page++)
		check(page, content_of(page));
	end_compressed(as);
}

/* The copy must stay until the page is changed: pages read ahead are dropped before they are used, and read again. */
static void dropped_pages_are_read_again(void)
{
	struct aspace *as = start(PAGES, 60);
	unsigned pages;
	struct compressed_stats s;

	readahead = 8;
	to_the_file(as, PAGES);
	assert_true(compressed_stats(&s));
	pages = s.pages;
	for (unsigned page = 0; page < PAGES; page += 8)
		check(page, content_of(page));
	finish_transfers();
	assert_true(standby_pages.count >= PAGES / 2);
	(void)pages_release(PAGES);
	assert_int_equal(standby_pages.count, 0);
	assert_true(compressed_stats(&s));
	assert_int_equal(s.pages, pages);
	for (unsigned page = 0; page < PAGES; page++)
		check(page, content_of(page));
	world_check();
	/* A write gives the slot up; an exit the rest. */
	fill(0, NOISE);
	assert_true(compressed_stats(&s));
	assert_int_equal(s.pages, pages - 1);
	readahead = READAHEAD_AUTO;
	end_compressed(as);
}

/* Pages that came along with those that a child read, which ends: its parent finds them in the store. */
static void a_reader_ends(void)
{
	struct aspace *as = start(PAGES, 60), *child = new_space();
	struct compressed_stats s;

	readahead = 8;
	to_the_file(as, PAGES);
	aspace_load(as);
	assert_int_equal(aspace_fork(as, child), OK);
	aspace_load(child);
	for (unsigned page = 0; page < PAGES; page += 8)
		check(page, content_of(page));
	aspace_load(as);
	aspace_destroy(child);
	finish_transfers();
	(void)pages_release(PAGES);
	assert_true(compressed_stats(&s));
	assert_int_equal(s.pages, PAGES);
	world_check();
	for (unsigned page = 0; page < PAGES; page++)
		check(page, content_of(page));
	readahead = READAHEAD_AUTO;
	end_compressed(as);
}

/* A clean page whose slot is valid is not packed a second time; a changed one has its new bytes. */
static void changed_pages_are_packed_again(void)
{
	struct aspace *as = start(PAGES, 60);
	struct slot_stats before, after;

	to_the_file(as, PAGES);
	for (unsigned page = 0; page < PAGES; page++)
		check(page, content_of(page));
	assert_true(slots_stats(COMPRESSED_FILE, &before));
	for (unsigned page = 0; page < PAGES; page += 2)
		fill(page, NOISE);
	to_the_file(as, PAGES);
	assert_true(slots_stats(COMPRESSED_FILE, &after));
	assert_int_equal(after.writes - before.writes, PAGES / 2);
	for (unsigned page = 0; page < PAGES; page++)
		check(page, page % 2 ? content_of(page) : NOISE);
	end_compressed(as);
}

/* With the pool full, pages go to the disks; nothing is lost. */
static void a_full_pool(void)
{
	struct aspace *as = start(0, 6);
	unsigned in_memory = 0;
	struct compressed_stats s;

	for (unsigned page = 0; page < PAGES; page++)
		fill(page, NOISE);
	to_the_file(as, PAGES);
	for (unsigned page = 0; page < PAGES; page++)
		in_memory += entry_of(as, page).file == COMPRESSED_FILE;
	assert_true(compressed_stats(&s));
	assert_int_equal(s.pages, in_memory);
	assert_in_range(in_memory, 4, 6);
	assert_int_equal(compressed_room(), 0);
	for (unsigned page = 0; page < PAGES; page++)
		check(page, NOISE);
	end_compressed(as);
}

/* fork() shares slots; each space has its own bytes afterwards. */
static void slots_that_are_shared(void)
{
	struct aspace *as = start(PAGES, 60), *child;

	to_the_file(as, PAGES);
	child = new_space();
	aspace_load(as);
	assert_int_equal(aspace_fork(as, child), OK);
	aspace_load(child);
	for (unsigned page = 0; page < PAGES; page += 3)
		fill(page, NOISE);
	aspace_load(as);
	for (unsigned page = 0; page < PAGES; page++)
		check(page, content_of(page));
	aspace_load(child);
	for (unsigned page = 0; page < PAGES; page++)
		check(page, page % 3 ? content_of(page) : NOISE);
	world_check();
	aspace_load(as);
	aspace_destroy(child);
	end_compressed(as);
}

static void refusals(void)
{
	disk_start();
	assert_int_equal(compressed_create(0), ERR_RANGE);
	assert_int_equal(compressed_create((uint64_t)1 << 40), ERR_RANGE);
	assert_int_equal(compressed_create(3 * PAGE_SIZE), OK);
	assert_int_equal(compressed_create(3 * PAGE_SIZE), ERR_EXISTS);
	disk_stop();
}

int main(void)
{
	static const struct named_world_test tests[] = {
		{ "every content comes back", every_content_comes_back },
		{ "dropped pages are read again", dropped_pages_are_read_again },
		{ "a reader ends", a_reader_ends },
		{ "changed pages are packed again", changed_pages_are_packed_again },
		{ "a full pool", a_full_pool },
		{ "slots that are shared", slots_that_are_shared },
		{ "refusals", refusals },
	};

	return world_run("compressed store", tests, ARRAY_LEN(tests));
}
