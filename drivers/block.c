/* drivers/block.c - the request queue of block devices: start, completion, time-outs, injected faults.
 * SPDX-License-Identifier: MIT
 */
#include "drivers/block.h"
#include "arch/cpu.h"
#include "lib/assert.h"
#include "lib/out.h"
#include "lib/string.h"

struct block_host block_host;

static struct block_device *devices[BLOCK_DEVICES];
static unsigned device_count;
static unsigned unanswered;     /* calls of block_poll() since a request was completed */

static struct block_request *request_of(struct list *l)
{
	return container_of(l, struct block_request, link);
}

static uint64_t now(void)
{
	return block_host.ticks ? block_host.ticks() : 0;
}

unsigned block_count(void)
{
	return device_count;
}

struct block_device *block_device(unsigned n)
{
	return n < device_count ? devices[n] : NULL;
}

void block_init(struct block_device *d)
{
	list_init(&d->waiting);
	list_init(&d->flying);
}

err_t block_add(struct block_device *d)
{
	if (device_count == BLOCK_DEVICES)
		return ERR_NO_MEMORY;
	block_init(d);
	d->fault.random = 1;
	str_printf(d->name, sizeof(d->name), "disk%u", device_count);
	devices[device_count++] = d;
	return OK;
}

/* ---- completion ---- */

/* The request is on no list. Interrupts off. */
static void conclude(struct block_device *d, struct block_request *r, err_t error)
{
	void (*done)(struct block_request *) = r->done;

	unanswered = 0;
	d->stats.errors[r->op] += error != OK;
	r->error = error;
	r->finished = true;
	/* The callback may free or reuse the request. */
	if (done)
		done(r);
	if (block_host.wake)
		block_host.wake();
}

static void take_off(struct block_device *d, struct block_request *r)
{
	list_remove(&r->link);
	d->depth--;
}

/* xorshift32 (Marsaglia 2003). */
static bool unlucky(struct block_device *d)
{
	uint32_t x = d->fault.random;

	if (!d->fault.count)
		return false;
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	d->fault.random = x;
	return x % d->fault.one_in < d->fault.count;
}

void block_finish(struct block_device *d, struct block_request *r, err_t error)
{
	d->answered = now();
	d->stats.polled += d->in_tick;
	if (r->serial < d->last_serial)
		d->stats.reordered++;
	else
		d->last_serial = r->serial;
	if (unlucky(d)) {
		d->stats.injected++;
		if (d->fault.kind == BLOCK_FAULT_LOST)
			return;          /* it stays in flight until the time-out */
		error = ERR_IO;
	}
	take_off(d, r);
	conclude(d, r, error);
	block_pump(d);
}

static void fail_all(struct block_device *d)
{
	while (!list_empty(&d->waiting)) {
		struct block_request *r = request_of(d->waiting.next);

		list_remove(&r->link);
		conclude(d, r, ERR_IO);
	}
}

void block_pump(struct block_device *d)
{
	if (d->dead)
		fail_all(d);
	while (!list_empty(&d->waiting)) {
		struct block_request *r = request_of(d->waiting.next);

		/* Before start(), which may already complete the request. */
		r->since = now();
		r->serial = ++d->serial;
		list_remove(&r->link);
		list_insert(&d->flying, &r->link);
		if (++d->depth == 1)
			d->answered = r->since;
		if (!d->driver->start(d, r)) {
			take_off(d, r);
			d->serial--;
			list_insert(d->waiting.next, &r->link);
			return;
		}
		if (d->depth > d->stats.deepest)
			d->stats.deepest = d->depth;
	}
}

/* ---- submission ---- */

static err_t check(const struct block_device *d, const struct block_request *r, uint32_t *bytes)
{
	*bytes = 0;
	if (r->op >= BLOCK_OPS || r->segments == 0 || r->segments > d->segments)
		return ERR_INVALID;
	for (unsigned i = 0; i < r->segments; i++) {
		const struct block_segment *s = &r->segment[i];

		if (!s->bytes || s->bytes % BLOCK_SECTOR || !IS_ALIGNED(s->pa.v, 4u) || *bytes + s->bytes < *bytes)
			return ERR_INVALID;
		if (s->pa.v >= d->buffer_end || s->bytes > d->buffer_end - s->pa.v)
			return ERR_RANGE;
		*bytes += s->bytes;
	}
	if (*bytes / BLOCK_SECTOR > d->most)
		return ERR_INVALID;
	if (r->sector >= d->sectors || *bytes / BLOCK_SECTOR > d->sectors - r->sector)
		return ERR_RANGE;
	if (r->op == BLOCK_WRITE && (d->read_only || !d->may_write))
		return ERR_ACCESS;
	return d->dead ? ERR_IO : OK;
}

err_t block_submit(struct block_device *d, struct block_request *r)
{
	uint32_t bytes;
	err_t err = check(d, r, &bytes);
	irq_state_t irq;

	if (err != OK)
		return err;
	r->bytes = bytes;
	r->tries = 0;
	r->finished = false;
	r->error = OK;
	irq = arch_irq_save();
	d->stats.requests[r->op]++;
	d->stats.bytes[r->op] += bytes;
	list_insert(&d->waiting, &r->link);
	block_pump(d);
	arch_irq_restore(irq);
	return OK;
}

/* ---- time ---- */

static bool is_overdue(const struct block_device *d, const struct block_request *r, uint64_t at)
{
	uint64_t quiet = r->since > d->answered ? r->since : d->answered;

	return at - quiet >= BLOCK_TIMEOUT || at - r->since >= BLOCK_OVERDUE;
}

/* The device is dead, and perhaps only its answers are. */
static void keep_buffers(const struct block_request *r)
{
	for (unsigned i = 0; block_host.keep && r->op == BLOCK_READ && i < r->segments; i++)
		block_host.keep(r->segment[i].pa, r->segment[i].bytes);
}

/* Resets the device. Requests in flight wait again in their order, or end after the last try. `all`: each of them counts a
 * try, not only the overdue ones. Interrupts off. */
static void take_back(struct block_device *d, bool all)
{
	struct list ended = LIST_INIT(ended);
	uint64_t at = now();

	d->stats.resets++;
	/* The reset comes first: after it the device accesses no buffer, so callbacks may free them. */
	d->dead = !d->driver->reset(d);
	while (!list_empty(&d->flying)) {
		struct block_request *r = request_of(d->flying.prev);

		r->tries += all || is_overdue(d, r, at);
		take_off(d, r);
		if (d->dead)
			keep_buffers(r);
		list_insert(r->tries < BLOCK_TRIES && !d->dead ? d->waiting.next : ended.next, &r->link);
	}
	while (!list_empty(&ended)) {
		struct block_request *r = request_of(ended.next);

		list_remove(&r->link);
		conclude(d, r, ERR_IO);
	}
	block_pump(d);
}

static void look_at(struct block_device *d)
{
	uint64_t at = now();
	bool overdue = false;

	if (list_empty(&d->flying))
		return;
	/* Recovers from a lost interrupt within one tick. */
	d->in_tick = true;
	d->driver->poll(d);
	d->in_tick = false;
	list_for_each(l, &d->flying)
		overdue |= is_overdue(d, request_of(l), at);
	if (overdue)
		take_back(d, false);
}

bool block_is_busy(void)
{
	for (unsigned i = 0; i < device_count; i++)
		if (!list_empty(&devices[i]->flying) || !list_empty(&devices[i]->waiting))
			return true;
	return false;
}

void block_tick(void)
{
	irq_state_t irq = arch_irq_save();

	for (unsigned i = 0; i < device_count; i++)
		look_at(devices[i]);
	arch_irq_restore(irq);
}

/* ---- waiting ---- */

/* Every device: a disk of the same channel may hold up the one that is waited for. */
void block_poll(void)
{
	for (unsigned i = 0; i < device_count; i++)
		devices[i]->driver->poll(devices[i]);
	if (++unanswered < BLOCK_POLLS)
		return;
	unanswered = 0;
	for (unsigned i = 0; i < device_count; i++)
		if (!list_empty(&devices[i]->flying))
			take_back(devices[i], true);
}

void block_wait(struct block_device *d, const struct block_request *r)
{
	irq_state_t irq = arch_irq_save();

	(void)d;
	unanswered = 0;
	/* Volatile: interrupt handlers and block_poll() change it. */
	while (!*(const volatile bool *)&r->finished) {
		if (irq && block_host.sleep)
			block_host.sleep();
		else
			block_poll();
	}
	arch_irq_restore(irq);
}

err_t block_io(struct block_device *d, struct block_request *r)
{
	err_t err;

	r->done = NULL;
	err = block_submit(d, r);
	if (err != OK)
		return err;
	block_wait(d, r);
	return r->error;
}

err_t block_set_dma(struct block_device *d, bool dma)
{
	irq_state_t irq = arch_irq_save();
	err_t err = ERR_UNSUPPORTED;

	/* check() has compared the buffers of all requests with the present mode's buffer_end. */
	if (!list_empty(&d->waiting) || !list_empty(&d->flying))
		err = ERR_BUSY;
	else if (d->driver->set_dma)
		err = d->driver->set_dma(d, dma);
	arch_irq_restore(irq);
	return err;
}

void block_inject(struct block_device *d, uint32_t count, uint32_t one_in, enum block_fault kind)
{
	irq_state_t irq = arch_irq_save();

	d->fault.count = count;
	d->fault.one_in = one_in;
	d->fault.kind = kind;
	arch_irq_restore(irq);
}
