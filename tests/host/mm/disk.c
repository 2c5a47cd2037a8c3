/* tests/host/mm/disk.c - page files in an array; a request is carried out when it completes, not before.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/mm/disk.h"
#include "mm/phys/kmap.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/slots.h"
#include "mm/wait.h"
#include "tests/host/mm/fixture.h"

#define FILES 2

static unsigned char image[FILES][DISK_SLOTS][PAGE_SIZE];
static struct { struct store_io *io; pfn_t frame[STORE_IO_MAX]; } pending[PAGE_IOS];
static unsigned count;
static struct { unsigned file; uint64_t slot; } broken;
long disk_fail_after = -1;
bool disk_at_once;
unsigned disk_reads, disk_writes, disk_errors;
uint64_t disk_error_slot, disk_ticks, disk_alone;
void (*disk_asleep)(void);

const unsigned char *disk_slot(unsigned file, uint64_t slot)
{
	return image[file][slot];
}

/* Two transfers of one slot in flight would leave its contents to chance. */
static void check_overlap(const struct store_io *io)
{
	for (unsigned i = 0; i < count; i++) {
		const struct store_io *o = pending[i].io;

		if ((o->write || io->write) && o->file == io->file)
			assert_true(io->slot >= o->slot + o->count || o->slot >= io->slot + io->count);
	}
}

void disk_break(unsigned file, uint64_t slot)
{
	broken.file = file;
	broken.slot = slot;
}

static bool fails(const struct store_io *io)
{
	bool contains = broken.slot && io->file == broken.file && broken.slot - io->slot < io->count;

	return disk_fail_after-- == 0 || contains;
}

static void carry_out(struct store_io *io, const pfn_t *frame)
{
	for (unsigned i = 0; i < io->count; i++) {
		unsigned char *at = image[io->file][io->slot + i], *page = machine_page(frame[i]);

		assert_true(frame_at(frame[i])->busy);
		memcpy(io->write ? at : page, io->write ? page : at, PAGE_SIZE);
		*(io->write ? &disk_writes : &disk_reads) += 1;
	}
}

void disk_run(unsigned n)
{
	while (n-- > 0 && count > 0) {
		unsigned i = below(count);
		struct store_io *io = pending[i].io;

		io->error = fails(io) ? ERR_IO : OK;
		if (io->error == OK)
			carry_out(io, pending[i].frame);
		pending[i] = pending[--count];
		io->done(io);
	}
}

static err_t submit(struct store_io *io)
{
	assert_true(io->count >= 1 && io->count <= STORE_IO_MAX && io->file < FILES);
	assert_true(io->slot >= 1 && io->slot + io->count <= DISK_SLOTS);
	check_overlap(io);
	assert_true(count < PAGE_IOS);
	pending[count].io = io;
	memcpy(pending[count++].frame, io->frame, io->count * sizeof(pfn_t));
	if (disk_at_once)
		disk_run(count);
	return OK;
}

static void poll(void)
{
	disk_run(1);
}

static const struct store_ops store = { .submit = submit, .poll = poll };

/* Time passes: a request completes. */
static bool sleep_(unsigned seen, bool may_switch)
{
	void (*meanwhile)(void) = disk_asleep;

	(void)may_switch;
	disk_ticks++;
	disk_asleep = NULL;
	if (meanwhile)
		meanwhile();
	if (mm_events == seen) {
		disk_alone++;
		assert_true(count > 0);
		disk_run(1);
	}
	return true;
}

static void wake(void)
{
}

static bool out_of_memory(void)
{
	return false;
}

static void io_error(bool write, unsigned file, uint64_t slot)
{
	(void)write;
	disk_errors++;
	disk_error_slot = slot;
	assert_true(file < FILES);
}

static uint64_t ticks(void)
{
	return disk_ticks;
}

static uint64_t alone(void)
{
	return disk_alone;
}

static const struct mm_wait waiting = {
	.sleep = sleep_, .wake = wake, .out_of_memory = out_of_memory, .io_error = io_error, .ticks = ticks,
	.disk_ticks = alone,
};

void disk_start(void)
{
	mm_wait = &waiting;
	mm_store = &store;
	reclaim_init();
	disk_fail_after = -1;
	disk_at_once = false;
	for (unsigned file = 0; file < FILES; file++)
		assert_int_equal(slots_add(file, DISK_SLOTS), OK);
}

unsigned disk_used(void)
{
	struct slot_stats s;
	unsigned n = 0;

	for (unsigned file = 0; slots_stats(file, &s); file++)
		n += s.used;
	return n;
}

void disk_stop(void)
{
	while (count > 0)
		disk_run(1);
	(void)page_io_finish();
	assert_int_equal(page_io_pending(), 0);
	assert_int_equal(disk_used(), 0);
	slots_remove_all();
	pageout = NULL;
	mm_store = NULL;
	mm_wait = NULL;
}
