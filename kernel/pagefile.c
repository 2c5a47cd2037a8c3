/* kernel/pagefile.c - page files: which disks are page files, and transfers of their slots.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/pagefile.h"
#include "arch/cpu.h"
#include "kernel/disk.h"
#include "kernel/proc.h"
#include "lib/assert.h"
#include "lib/pagefile.h"
#include "lib/string.h"
#include "mm/phys/kmap.h"

#define SLOT_SECTORS (PAGEFILE_SLOT / BLOCK_SECTOR)

static struct pagefile pagefiles[PAGEFILES];
static unsigned pagefile_count;
static const char *missing[BLOCK_DEVICES];

const struct pagefile *pagefile(unsigned n)
{
	return n < pagefile_count ? &pagefiles[n] : NULL;
}

static unsigned number_of(const struct block_device *d)
{
	unsigned n = 0;

	while (block_device(n) != d)
		n++;
	return n;
}

const char *pagefile_missing(const struct block_device *d)
{
	return missing[number_of(d)];
}

/* A transfer of PAGEFILE_IO_MAX scattered frames must be one request. */
#define SHORT_QUEUE "a page file on a device with a short queue"

/* The header h of disk d is valid. Returns NULL, or why the disk cannot be used. */
static const char *use(struct block_device *d, const struct pagefile_header *h)
{
	uint64_t room = d->sectors / SLOT_SECTORS;
	pfn_t bounce;

	if (d->segments < PAGEFILE_IO_MAX)
		return SHORT_QUEUE;
	if (pagefile_count == PAGEFILES)
		return "a page file beyond the limit of the kernel";
	if (d->read_only)
		return "a page file, read-only";
	if (room < 2)
		return "a page file without room for a slot";
	if (frame_alloc(FRAME_LOW | FRAME_BELOW_4G, FRAME_KERNEL, &bounce) != OK)
		return "a page file, without a frame for its transfers";
	pagefiles[pagefile_count++] = (struct pagefile){
		.disk = d, .slots = h->slots < room ? h->slots : room, .promised = h->slots, .bounce = bounce,
	};
	d->may_write = true;
	return NULL;
}

static const char *look(struct block_device *d)
{
	union { struct pagefile_header header; char bytes[BLOCK_SECTOR]; } first;
	const char *fault;
	err_t err = disk_read(d, 0, &first, 1);

	if (err != OK)
		return "its first sector cannot be read";
	fault = pagefile_header_fault(&first.header);
	return fault ? fault : use(d, &first.header);
}

void pagefile_init(void)
{
	for (unsigned i = 0; i < block_count(); i++)
		missing[i] = block_device(i)->sectors ? look(block_device(i)) : "an empty disk";
}

err_t pagefile_create(struct block_device *d)
{
	static union { struct pagefile_header header; char slot[PAGEFILE_SLOT]; } first;
	unsigned n = number_of(d);
	err_t err;

	if (!missing[n])
		return ERR_EXISTS;
	if (d->read_only)
		return ERR_ACCESS;
	if (d->sectors / SLOT_SECTORS < 2)
		return ERR_RANGE;
	if (d->segments < PAGEFILE_IO_MAX)
		return ERR_UNSUPPORTED;
	if (pagefile_count == PAGEFILES)
		return ERR_NO_MEMORY;
	memset(&first, 0, sizeof(first));
	pagefile_header_fill(&first.header, d->sectors / SLOT_SECTORS);
	d->may_write = true;
	err = disk_write(d, 0, &first, SLOT_SECTORS);
	d->may_write = false;
	if (err == OK)
		missing[n] = use(d, &first.header);
	return err == OK && missing[n] ? ERR_NO_MEMORY : err;
}

/* ---- slots ---- */

const struct pagefile_allocator *pagefile_allocator;

unsigned pagefile_borrow(unsigned file, unsigned most, uint64_t *first)
{
	uint64_t usable = pagefiles[file].slots - 1;
	unsigned wanted = usable < most ? (unsigned)usable : most;

	*first = 1;
	while (pagefile_allocator && wanted > 0 && pagefile_allocator->borrow(file, wanted, first) != OK)
		wanted /= 2;
	return wanted;
}

void pagefile_give_back(unsigned file, uint64_t first, unsigned borrowed)
{
	if (pagefile_allocator && borrowed)
		pagefile_allocator->give_back(file, first, borrowed);
}

/* ---- transfers ---- */

static err_t check(const struct pagefile_io *io)
{
	uint64_t slots;

	if (io->file >= pagefile_count || io->count == 0 || io->count > PAGEFILE_IO_MAX)
		return ERR_INVALID;
	slots = pagefiles[io->file].slots;
	if (io->slot == 0 || io->slot >= slots || io->count > slots - io->slot)
		return ERR_RANGE;
	return pagefiles[io->file].disk->dead ? ERR_IO : OK;
}

static bool reaches(const struct pagefile *f, const struct pagefile_io *io)
{
	for (unsigned i = 0; i < io->count; i++)
		if (pfn_base(io->frame[i]).v + PAGE_SIZE > f->disk->buffer_end)
			return false;
	return true;
}

/* ---- frames that the disk reaches ---- */

static void finish(struct pagefile_io *io, err_t error)
{
	io->error = error;
	if (io->done)
		io->done(io);
}

static void request_done(struct block_request *r)
{
	finish(r->ctx, r->error);
}

/* Contiguous frames become one segment, because the queue of a device has a limited number of descriptors. */
static unsigned fill_segments(struct pagefile_io *io)
{
	struct block_segment *s = io->segment;

	s->pa = pfn_base(io->frame[0]);
	s->bytes = PAGE_SIZE;
	for (unsigned i = 1; i < io->count; i++) {
		paddr_t pa = pfn_base(io->frame[i]);

		if (pa.v == s->pa.v + s->bytes)
			s->bytes += PAGE_SIZE;
		else
			*++s = (struct block_segment){ pa, PAGE_SIZE };
	}
	return (unsigned)(s - io->segment) + 1;
}

static err_t start(const struct pagefile *f, struct pagefile_io *io)
{
	io->request = (struct block_request){
		.op = io->write ? BLOCK_WRITE : BLOCK_READ, .sector = io->slot * SLOT_SECTORS, .segment = io->segment,
		.segments = fill_segments(io), .done = request_done, .ctx = io,
	};
	return block_submit(f->disk, &io->request);
}

/* ---- other frames ---- */

static void copy_frame(pfn_t to, pfn_t from)
{
	void *target = kmap(to);
	const void *source = kmap(from);

	memcpy(target, source, PAGE_SIZE);
	kunmap(source);
	kunmap(target);
}

static err_t bounce_slot(struct pagefile *f, struct pagefile_io *io, unsigned i)
{
	struct block_segment s = { pfn_base(f->bounce), PAGE_SIZE };
	struct block_request r = { .op = io->write ? BLOCK_WRITE : BLOCK_READ, .sector = (io->slot + i) * SLOT_SECTORS,
	                           .segment = &s, .segments = 1 };
	irq_state_t irq;
	err_t err;

	if (io->write)
		copy_frame(f->bounce, io->frame[i]);
	/* Interrupts off: block_io() polls, so no other process runs. The caller can be a fault in the middle of a system call, and
	 * only one transfer may use the frame. */
	irq = arch_irq_save();
	err = block_io(f->disk, &r);
	arch_irq_restore(irq);
	if (!io->write && err == OK)
		copy_frame(io->frame[i], f->bounce);
	return err;
}

static void bounce_all(struct pagefile *f, struct pagefile_io *io)
{
	err_t err = OK;
	irq_state_t irq;

	for (unsigned i = 0; err == OK && i < io->count; i++)
		err = bounce_slot(f, io, i);
	irq = arch_irq_save();
	/* pagefile_wait() returns at once. */
	io->request.finished = true;
	finish(io, err);
	arch_irq_restore(irq);
}

err_t pagefile_submit(struct pagefile_io *io)
{
	err_t err = check(io);

	if (err != OK)
		return err;
	if (reaches(&pagefiles[io->file], io))
		return start(&pagefiles[io->file], io);
	bounce_all(&pagefiles[io->file], io);
	return OK;
}

err_t pagefile_wait(struct pagefile_io *io)
{
	block_wait(pagefiles[io->file].disk, &io->request);
	return io->error;
}
