/* tests/host/drivers/test_block.c - the request queue over a driver that completes requests late, out of order, or not at all.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/cpu.h"
#include "drivers/block.h"
#include "lib/pagefile.h"

bool host_irqs = true;

void assert_failed(const char *condition, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, condition);
	abort();
}

/* ---- a driver with simulated hardware ---- */

#define MANY 40

static struct {
	uint64_t ticks;
	unsigned room, resets, starts, woken;
	bool comes_back;
	uint64_t kept;                          /* bytes, each with the address of `page` */
	struct block_request *has[MANY];        /* in the order of start() */
	unsigned count;
} fake;

/* A failed test leaves its requests on lists of its device, so each test has its own. */
static struct block_request requests[BLOCK_DEVICES][MANY], *request;
static unsigned calls[MANY];
static struct block_segment page = { { 0x1000 }, 4096 };

static bool fake_start(struct block_device *d, struct block_request *r)
{
	(void)d;
	assert_false(host_irqs);
	if (fake.count == fake.room)
		return false;
	fake.starts++;
	fake.has[fake.count++] = r;
	return true;
}

static void fake_poll(struct block_device *d)
{
	(void)d;
}

static bool fake_reset(struct block_device *d)
{
	(void)d;
	fake.resets++;
	fake.count = 0;
	return fake.comes_back;
}

static const struct block_driver driver = { .start = fake_start, .poll = fake_poll, .reset = fake_reset };

/* Completes the n-th request in flight. */
static void answer(struct block_device *d, unsigned n, err_t error)
{
	struct block_request *r = fake.has[n];
	bool irqs = arch_irq_save();

	memmove(&fake.has[n], &fake.has[n + 1], (--fake.count - n) * sizeof(fake.has[0]));
	block_finish(d, r, error);
	arch_irq_restore(irqs);
}

static void done(struct block_request *r)
{
	assert_false(host_irqs);
	assert_true(r->finished);
	calls[r - request]++;
}

static uint64_t ticks(void)
{
	return fake.ticks;
}

static void wake(void)
{
	fake.woken++;
}

static void keep(paddr_t pa, uint32_t bytes)
{
	assert_true(fake.resets == 1 && pa.v == page.pa.v && bytes == page.bytes);
	fake.kept += bytes;
}

static void pass(uint64_t n)
{
	fake.ticks += n;
	block_tick();
}

/* Each test adds a device, so there may be BLOCK_DEVICES calls. */
static struct block_device *fresh(unsigned room)
{
	struct block_device *d = calloc(1, sizeof(*d));

	request = requests[block_count()];
	block_host = (struct block_host){ .ticks = ticks, .wake = wake, .keep = keep };
	memset(&fake, 0, sizeof(fake));
	memset(calls, 0, sizeof(calls));
	fake.room = room;
	fake.comes_back = true;
	*d = (struct block_device){ .driver = &driver, .kind = "fake", .sectors = 1000, .buffer_end = UINT64_MAX, .segments = 4,
	                            .most = 64, .may_write = true };
	assert_int_equal(block_add(d), OK);
	return d;
}

static void submit(struct block_device *d, unsigned i)
{
	request[i] = (struct block_request){ .op = BLOCK_READ, .sector = i, .segment = &page, .segments = 1, .done = done };
	assert_int_equal(block_submit(d, &request[i]), OK);
}

static void test_any_order(void **state)
{
	struct block_device *d = fresh(4);

	(void)state;
	assert_false(block_is_busy());
	for (unsigned i = 0; i < 10; i++)
		submit(d, i);
	assert_int_equal(fake.count, 4);
	assert_true(block_is_busy());
	answer(d, 2, OK);               /* request 2; request 4 starts instead */
	assert_int_equal(fake.count, 4);
	assert_ptr_equal(fake.has[3], &request[4]);
	answer(d, 0, ERR_IO);
	while (fake.count)
		answer(d, fake.count - 1, OK);
	assert_false(block_is_busy());
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(calls[i], 1);
		assert_int_equal(request[i].error, i == 0 ? ERR_IO : OK);
	}
	assert_int_equal(d->stats.requests[BLOCK_READ], 10);
	assert_int_equal(d->stats.errors[BLOCK_READ], 1);
	assert_int_equal(d->stats.deepest, 4);
	assert_true(d->stats.reordered > 0);
	assert_int_equal(d->depth, 0);
	assert_int_equal(fake.resets, 0);
}

static void test_no_answer(void **state)
{
	static const unsigned order[] = { 0, 2, 3, 4 };
	struct block_device *d = fresh(4);

	(void)state;
	for (unsigned i = 0; i < 6; i++)
		submit(d, i);
	pass(BLOCK_TIMEOUT - 1);
	assert_int_equal(fake.resets, 0);
	answer(d, 1, OK);
	/* A completion restarts the time-out. */
	pass(BLOCK_TIMEOUT - 1);
	assert_int_equal(fake.resets, 0);
	pass(1);
	assert_int_equal(fake.resets, 1);
	/* In the old order, before those that were waiting. */
	assert_int_equal(fake.count, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_ptr_equal(fake.has[i], &request[order[i]]);
	for (unsigned n = 1; n < BLOCK_TRIES; n++)
		pass(BLOCK_TIMEOUT);
	/* Request 5 never started before the others ended. */
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(calls[i], i < 5);
		if (i < 5)
			assert_int_equal(request[i].error, i == 1 ? OK : ERR_IO);
	}
	assert_int_equal(fake.resets, BLOCK_TRIES);
	while (fake.count)
		answer(d, 0, OK);
	assert_int_equal(calls[5], 1);
	assert_int_equal(d->depth, 0);
}

static void test_one_without_answer_among_others(void **state)
{
	struct block_device *d = fresh(4);

	(void)state;
	submit(d, 0);
	for (unsigned t = 0; t < BLOCK_OVERDUE + 2 * BLOCK_HZ && !fake.resets; t += BLOCK_HZ) {
		submit(d, 1);
		answer(d, 1, OK);
		pass(BLOCK_HZ);
	}
	assert_int_equal(fake.resets, 1);
	assert_int_equal(fake.count, 1);
	assert_ptr_equal(fake.has[0], &request[0]);
	answer(d, 0, OK);
	assert_int_equal(calls[0], 1);
}

static void test_a_dead_device(void **state)
{
	struct block_device *d = fresh(2);

	(void)state;
	fake.comes_back = false;
	for (unsigned i = 0; i < 5; i++)
		submit(d, i);
	request[1].op = BLOCK_WRITE;
	pass(BLOCK_TIMEOUT);
	/* Of two requests in flight one is a read, and the device may still carry it out. The others never started. */
	assert_int_equal(fake.kept, page.bytes);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(calls[i], 1);
		assert_int_equal(request[i].error, ERR_IO);
	}
	assert_true(d->dead);
	assert_int_equal(block_submit(d, &request[0]), ERR_IO);
	assert_int_equal(calls[0], 1);
}

/* The wait ends without interrupts and without a clock. */
static void test_polling(void **state)
{
	struct block_device *d = fresh(2);
	struct block_request r = { .op = BLOCK_WRITE, .segment = &page, .segments = 1 };

	(void)state;
	block_host.ticks = NULL;
	assert_int_equal(block_io(d, &r), ERR_IO);
	assert_int_equal(fake.resets, BLOCK_TRIES);
	assert_int_equal(fake.starts, BLOCK_TRIES);
}

/* As a caller does that has no request of its own to wait for: the page-in of a fault with interrupts off. */
static void test_polling_without_a_wait(void **state)
{
	struct block_device *d = fresh(2);
	unsigned long polls = 0;

	(void)state;
	submit(d, 0);
	host_irqs = false;
	for (; polls < (BLOCK_TRIES + 1ul) * BLOCK_POLLS && !calls[0]; polls++) {
		/* An answer to another request starts the time again. */
		if (polls == BLOCK_POLLS / 2) {
			host_irqs = true;
			submit(d, 1);
			answer(d, 1, OK);
			host_irqs = false;
		}
		block_poll();
	}
	host_irqs = true;
	assert_int_equal(calls[0], 1);
	assert_int_equal(request[0].error, ERR_IO);
	assert_int_equal(fake.resets, BLOCK_TRIES);
	assert_in_range(polls, BLOCK_TRIES * (unsigned long)BLOCK_POLLS + BLOCK_POLLS / 4,
	                BLOCK_TRIES * (unsigned long)BLOCK_POLLS + BLOCK_POLLS);
	assert_int_equal(fake.kept, 0);
}

static void test_injected_faults(void **state)
{
	struct block_device *d = fresh(4);
	unsigned failed = 0;

	(void)state;
	block_inject(d, 1, 4, BLOCK_FAULT_ERROR);
	for (unsigned i = 0; i < 4000; i++) {
		submit(d, 0);
		answer(d, 0, OK);
		failed += request[0].error != OK;
	}
	assert_in_range(failed, 800, 1200);
	assert_int_equal(d->stats.injected, failed);
	/* All completions lost: the request times out. */
	block_inject(d, 1, 1, BLOCK_FAULT_LOST);
	calls[0] = 0;
	submit(d, 0);
	answer(d, 0, OK);
	assert_int_equal(calls[0], 0);
	block_inject(d, 0, 1, BLOCK_FAULT_LOST);
	pass(BLOCK_TIMEOUT);
	assert_int_equal(fake.resets, 1);
	answer(d, 0, OK);
	assert_int_equal(calls[0], 1);
	assert_int_equal(request[0].error, OK);
}

static void test_refusals(void **state)
{
	struct block_device *d = fresh(4);
	struct block_segment two[2] = { { { 0 }, 32768 }, { { 0 }, 512 } };
	struct block_request r = { .op = BLOCK_WRITE, .segment = &page, .segments = 1, .sector = 993 };

	(void)state;
	assert_int_equal(block_submit(d, &r), ERR_RANGE);
	r.sector = 992;
	d->may_write = false;
	assert_int_equal(block_submit(d, &r), ERR_ACCESS);
	d->may_write = true;
	d->read_only = true;
	assert_int_equal(block_submit(d, &r), ERR_ACCESS);
	r.op = BLOCK_READ;
	d->buffer_end = 0x1FFF;
	assert_int_equal(block_submit(d, &r), ERR_RANGE);
	d->buffer_end = UINT64_MAX;
	r.segment = two;
	r.segments = 2;
	r.sector = 0;
	assert_int_equal(block_submit(d, &r), ERR_INVALID);
	assert_int_equal(fake.starts, 0);
}

/* ---- the header ---- */

static void test_header(void **state)
{
	struct pagefile_header h, good;

	(void)state;
	pagefile_header_fill(&good, 16384);
	assert_null(pagefile_header_fault(&good));
	for (unsigned byte = 0; byte < offsetof(struct pagefile_header, reserved); byte++) {
		h = good;
		((unsigned char *)&h)[byte] ^= 0x40;
		assert_non_null(pagefile_header_fault(&h));
	}
	pagefile_header_fill(&h, 1);
	assert_non_null(pagefile_header_fault(&h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order), cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_one_without_answer_among_others), cmocka_unit_test(test_a_dead_device),
		cmocka_unit_test(test_polling), cmocka_unit_test(test_polling_without_a_wait),
		cmocka_unit_test(test_injected_faults), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_header),
	};

	return cmocka_run_group_tests_name("block", tests, NULL, NULL);
}
