/* mm/reclaim/io.c - transfers of pages and what becomes of their frames.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/io.h"
#include "mm/reclaim/compressed.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/slots.h"
#include "mm/wait.h"

const struct store_ops *mm_store;
static struct page_io ios[PAGE_IOS];

struct page_io *page_io_get(void)
{
	for (unsigned i = 0; i < PAGE_IOS; i++)
		if (!ios[i].used) {
			ios[i].used = true;
			ios[i].ended = false;
			return &ios[i];
		}
	return NULL;
}

void page_io_put(struct page_io *p)
{
	p->used = false;
}

/* In an interrupt handler, or within submit(): only notes the end. */
static void ended(struct store_io *io)
{
	container_of(io, struct page_io, io)->ended = true;
	mm_wake();
}

static err_t submit(struct store_io *io)
{
	if (io->file == COMPRESSED_FILE)
		return compressed_submit(io);
	return mm_store ? mm_store->submit(io) : ERR_IO;
}

void page_io_start(struct page_io *p, bool write)
{
	err_t err;

	p->io.write = write;
	p->io.file = (uint8_t)slot_file(p->slot);
	p->io.slot = slot_offset(p->slot);
	p->io.frame = p->frame;
	p->io.done = ended;
	slots_count(p->slot, p->io.count, write);
	/* An accepted request may have ended before submit() returns: its error is not written again. */
	err = submit(&p->io);
	if (err != OK) {
		p->io.error = err;
		p->ended = true;
	}
}

/* The error is of the request as a whole: only a slot that was transferred alone is known to be the cause. */
static void note_result(const struct page_io *p, struct slot *s)
{
	bool alone = p->io.count == 1;
	if (p->io.error == OK && alone)
		s->suspect = false;
	else if (p->io.error != OK && !alone)
		s->suspect = true;
	else if (p->io.error != OK && p->io.write)
		s->bad = true;
	else if (p->io.error != OK)
		s->read_failed = true;
}

/* The request holds a reference to the slot, so that a transfer in flight never meets another one for the same slot. */
static void finish_write(const struct page_io *p, unsigned i)
{
	struct frame *f = frame_at(p->frame[i]);
	uint32_t id = p->slot + i;

	f->busy = false;
	note_result(p, slot_at(id));
	if (p->io.error != OK && f->slot == id)
		page_forget_slot(f);
	(void)slot_put(id);
	page_settle(f);
}

static void finish_read(const struct page_io *p, unsigned i)
{
	struct frame *f = frame_at(p->frame[i]);

	f->busy = f->reading = false;
	note_result(p, slot_at(f->slot));
	if (p->io.error != OK)
		page_forget_slot(f);
	page_settle(f);
}

/* After a failed read of several slots each is read alone. */
static void report(const struct page_io *p)
{
	if (p->io.error != OK && (p->io.write || p->io.count == 1))
		mm_wait->io_error(p->io.write, p->io.file, p->io.slot);
}

unsigned page_io_finish(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PAGE_IOS; i++) {
		struct page_io *p = &ios[i];

		if (!p->used || !p->ended)
			continue;
		report(p);
		for (unsigned k = 0; k < p->io.count; k++)
			(p->io.write ? finish_write : finish_read)(p, k);
		page_io_put(p);
		n++;
	}
	if (n)
		mm_wake();
	return n;
}

unsigned page_io_pending(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PAGE_IOS; i++)
		n += ios[i].used;
	return n;
}

unsigned page_io_writes(uint32_t slot)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PAGE_IOS; i++)
		n += ios[i].used && ios[i].io.write && slot - ios[i].slot < ios[i].io.count;
	return n;
}

bool page_io_wait(bool may_switch)
{
	while (page_io_pending()) {
		unsigned seen = mm_events;

		if (page_io_finish())
			return true;
		if (!mm_sleep(seen, may_switch)) {
			mm_wait_over();
			return false;
		}
	}
	return false;
}
