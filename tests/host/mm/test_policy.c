/* tests/host/mm/test_policy.c - the replacement policies and the simulator; with the argument `simulate`, a filter for other tests.
 * SPDX-License-Identifier: MIT
 *
 * policy simulate FRAMES <STRING prints a line "policy faults hits writes" for OPT and each policy: test_replacement_oracle.py
 * compares them with an implementation in Python.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "mm/reclaim/simulate.h"
#include "mm/space/vmalloc.h"

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
	abort();
}

void *kvzalloc(uint64_t bytes, const char *name)
{
	(void)name;
	return calloc(1, (size_t)bytes);
}

void kvfree(void *p)
{
	free(p);
}

static struct simulation result(const char *policy, const char *text, uint32_t frames)
{
	struct reference_string s;
	struct simulation r;
	size_t bad;

	assert_int_equal(references_parse(text, strlen(text), &s, &bad), OK);
	assert_int_equal(simulate(policy ? policy_named(policy) : NULL, &s, frames, &r), OK);
	assert_int_equal(r.faults + r.hits, s.count);
	references_free(&s);
	return r;
}

/* Belady, Nelson, Shedler 1969: 9 faults with 3 frames, 10 with 4. */
static void test_beladys_anomaly(void **state)
{
	const char *text = "1 2 3 4 1 2 5 1 2 3 4 5";

	(void)state;
	assert_int_equal(result("fifo", text, 3).faults, 9);
	assert_int_equal(result("fifo", text, 4).faults, 10);
	assert_int_equal(result("lru", text, 3).faults, 10);
	assert_int_equal(result("lru", text, 4).faults, 8);
	assert_int_equal(result(NULL, text, 3).faults, 7);
	assert_int_equal(result(NULL, text, 4).faults, 6);
}

/* Silberschatz, Galvin, Gagne, Operating System Concepts, 10.4: 15, 12 and 9 faults with 3 frames. */
static void test_textbook_string(void **state)
{
	const char *text = "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1";

	(void)state;
	assert_int_equal(result("fifo", text, 3).faults, 15);
	assert_int_equal(result("lru", text, 3).faults, 12);
	assert_int_equal(result(NULL, text, 3).faults, 9);
}

static void test_only_dirty_victims_are_written(void **state)
{
	(void)state;
	assert_int_equal(result("fifo", "1w 2 3 1 2 3w 1", 2).writes, 1);
	assert_int_equal(result("fifo", "1w,1,2w\n3 # 4w\r\n5\t", 2).writes, 2);
	assert_int_equal(result("fifo", "1W 2 3", 3).writes, 0);
}

static void expect_error(const char *text, err_t expected, size_t at)
{
	struct reference_string s;
	size_t bad = 0;

	assert_int_equal(references_parse(text, strlen(text), &s, &bad), expected);
	if (expected == ERR_INVALID)
		assert_int_equal(bad, at);
}

static void test_errors_of_a_string(void **state)
{
	(void)state;
	expect_error("", ERR_RANGE, 0);
	expect_error(" # 1 2 3", ERR_RANGE, 0);
	expect_error("1 2 x", ERR_INVALID, 4);
	expect_error("1 2ww", ERR_INVALID, 2);
	expect_error("w", ERR_INVALID, 0);
	expect_error("12345678123456789", ERR_INVALID, 0);
	expect_error("1 -2", ERR_INVALID, 2);
}

/* Numbers of 64 bits that a shorter key would confuse. */
static void test_wide_page_numbers(void **state)
{
	(void)state;
	assert_int_equal(result("fifo", "1 100000001 ffffffffffffffff 1 100000001 ffffffffffffffff", 3).faults, 3);
	assert_int_equal(result("fifo", "0 0 0", 1).faults, 1);
}

/* ---- a policy on the machine: pages disappear, victims come back, the policy changes ---- */

#define PAGES 64
static bool accessed[PAGES], present[PAGES];

static bool fake_used(void *ctx, uint32_t page)
{
	bool used = accessed[page];

	(void)ctx;
	accessed[page] = false;
	return used;
}

static bool fake_dirty(void *ctx, uint32_t page)
{
	(void)ctx;
	return page % 3 == 0;
}

static bool fake_present(void *ctx, uint32_t page)
{
	(void)ctx;
	return present[page];
}

static const struct replacement_env fake_env = { .used = fake_used, .dirty = fake_dirty, .resident = fake_present };

static unsigned count_present(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PAGES; i++)
		n += present[i];
	return n;
}

/* The lists have each resident page once, whatever happens. */
static void check_lists(const struct replacement *r)
{
	bool seen[PAGES] = { false };
	uint32_t sum = 0;

	for (unsigned i = 0; i < POLICY_LISTS; i++) {
		uint32_t prev = policy_end(r, i), n = 0;

		for (uint32_t page = policy_first(r, i); page != POLICY_NIL; prev = page, page = policy_next(r, page), n++) {
			assert_false(seen[page]);
			seen[page] = true;
			assert_int_equal(r->page[page].prev, prev);
			assert_int_equal(r->page[page].list, i);
		}
		assert_int_equal(r->page[policy_end(r, i)].prev, prev);
		assert_int_equal(r->page[prev].next, policy_end(r, i));
		assert_int_equal(r->count[i], n);
		sum += n;
	}
	assert_int_equal(r->resident, sum);
	for (unsigned i = 0; i < PAGES; i++)
		assert_true(seen[i] || !present[i]);
}

static void step(struct replacement *r, unsigned *number)
{
	uint32_t page = (uint32_t)rand() % PAGES, victim;

	switch (rand() % 8) {
	case 0: case 1:
		present[page] = true;
		replacement_add(r, page);
		break;
	case 2:
		present[page] = false;          /* without replacement_remove() */
		break;
	case 3:
		replacement_tick(r);
		break;
	case 4:
		replacement_change(r, policies[*number = (*number + 1) % 7]);
		break;
	case 5:
		victim = replacement_victim(r);
		assert_true((victim == POLICY_NIL) == (count_present() == 0));
		if (victim != POLICY_NIL && rand() % 4)
			present[victim] = false;
		else if (victim != POLICY_NIL)
			replacement_add(r, victim);
		break;
	default:
		accessed[page] = present[page];
		break;
	}
}

static void test_lists_stay_right(void **state)
{
	static struct policy_page pages[PAGES + POLICY_LISTS];
	struct replacement r = { .env = &fake_env, .page = pages, .pages = PAGES, .window = 3 };
	unsigned number = 0;

	(void)state;
	replacement_start(&r, policies[0]);
	for (unsigned i = 0; i < 200000; i++) {
		step(&r, &number);
		check_lists(&r);
	}
}

/* A bit that wss cleared counts as a use; a page that only fifo evicts regardless. */
static void test_a_young_page_has_a_second_chance(void **state)
{
	static const char *const with_bits[] = { "clock", "lru", "mglru" };
	static struct policy_page pages[PAGES + POLICY_LISTS];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct replacement r = { .env = &fake_env, .page = pages, .pages = PAGES, .window = 3 };

		replacement_start(&r, policy_named(with_bits[i]));
		for (uint32_t page = 0; page < 3; page++) {
			present[page] = true;
			accessed[page] = false;
			replacement_add(&r, page);
		}
		pages[0].young = true;
		assert_int_equal(replacement_victim(&r), 1);
	}
}

/* ---- the filter ---- */

static int simulate_stdin(uint32_t frames)
{
	static char text[1 << 22];
	size_t n = fread(text, 1, sizeof(text), stdin), bad;
	struct reference_string s;
	struct simulation r;

	if (references_parse(text, n, &s, &bad) != OK)
		return 1;
	if (simulate(NULL, &s, frames, &r) == OK)
		printf("opt %u %u %u\n", r.faults, r.hits, r.writes);
	for (const struct policy *const *p = policies; *p; p++)
		if (simulate(*p, &s, frames, &r) == OK)
			printf("%s %u %u %u\n", (*p)->name, r.faults, r.hits, r.writes);
	references_free(&s);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beladys_anomaly), cmocka_unit_test(test_textbook_string),
		cmocka_unit_test(test_only_dirty_victims_are_written), cmocka_unit_test(test_errors_of_a_string),
		cmocka_unit_test(test_wide_page_numbers), cmocka_unit_test(test_lists_stay_right),
		cmocka_unit_test(test_a_young_page_has_a_second_chance),
	};

	if (argc == 3 && !strcmp(argv[1], "simulate"))
		return simulate_stdin((uint32_t)atoi(argv[2]));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
