/* mm/reclaim/slots.c - the tables of page-file slots.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/slots.h"
#include "arch/mmu.h"
#include "mm/reclaim/compressed.h"
#include "mm/space/vmalloc.h"

static struct {
	struct slot *slot;
	uint32_t next;              /* where the search for a free slot continues */
	struct slot_stats stats;
} slot_tables[SLOT_FILES];

/* The largest offset of `file` that an entry of this format can hold, all bits set excepted: such an entry would read as "ask the
 * VAD" if its prototype bit were set. */
static uint64_t highest(unsigned file)
{
	const struct pt_mode *mode = arch_pt_mode();
	struct pt_soft soft = { .kind = SOFT_PAGEFILE, .file = (uint8_t)file, .protect = 0x1F };
	uint64_t offset = SLOT_OFFSET_MAX;
	pte_t entry;

	for (; offset > 0; offset >>= 1) {
		soft.offset = offset;
		if (pt_soft_encode(mode, &soft, &entry) == OK)
			return offset - 1;
	}
	return 0;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Slots whose table takes a sixteenth of the free memory: a page file can be much larger than memory. */
static uint64_t room(void)
{
	return (uint64_t)frame_available() * (PAGE_SIZE / 16 / sizeof(struct slot));
}

err_t slots_add(unsigned file, uint64_t count)
{
	struct slot_stats stats;

	if (file >= SLOT_FILES)
		return ERR_RANGE;
	if (slot_tables[file].slot)
		return ERR_EXISTS;
	stats = (struct slot_stats){ .offered = count, .by_format = highest(file) + 1, .by_memory = room() };
	count = smaller(smaller(count, stats.by_format), stats.by_memory);
	if (count < 2)
		return ERR_RANGE;
	slot_tables[file].slot = kvzalloc(count * sizeof(struct slot), "page-file slots");
	if (!slot_tables[file].slot)
		return ERR_NO_MEMORY;
	slot_tables[file].next = 1;
	slot_tables[file].stats = stats;
	slot_tables[file].stats.total = (uint32_t)count;
	return OK;
}

void slots_remove_all(void)
{
	for (unsigned file = 0; file < SLOT_FILES; file++) {
		ASSERT(!slot_tables[file].stats.used);
		if (slot_tables[file].slot)
			kvfree(slot_tables[file].slot);
		slot_tables[file].slot = NULL;
		slot_tables[file].stats = (struct slot_stats){ .total = 0 };
	}
	compressed_remove();
}

struct slot *slot_at(uint32_t id)
{
	unsigned file = slot_file(id);
	uint32_t offset = slot_offset(id);

	return file < SLOT_FILES && offset && offset < slot_tables[file].stats.total ? &slot_tables[file].slot[offset] : NULL;
}

static bool is_free(const struct slot *s)
{
	return !s->refs && !s->bad;
}

/* Gives a free slot its first reference. */
static void take(struct slot *s)
{
	*s = (struct slot){ .refs = 1, .suspect = s->suspect };
}

/* Next fit, so that pages evicted one after the other get neighbouring slots and read-ahead finds them. A suspect slot is taken
 * alone. */
static unsigned take_in(unsigned file, unsigned count, uint32_t *first)
{
	uint32_t total = slot_tables[file].stats.total, at = slot_tables[file].next;
	unsigned n = 0;

	if (slot_tables[file].stats.used + slot_tables[file].stats.bad + 1 >= total)
		return 0;
	for (uint32_t seen = 0; seen < total && !is_free(&slot_tables[file].slot[at]); seen++)
		at = at + 1 < total ? at + 1 : 1;
	*first = slot_id(file, at);
	if (slot_tables[file].slot[at].suspect)
		count = 1;
	for (; n < count && at + n < total && is_free(&slot_tables[file].slot[at + n]); n++) {
		if (n > 0 && slot_tables[file].slot[at + n].suspect)
			break;
		take(&slot_tables[file].slot[at + n]);
	}
	slot_tables[file].stats.used += n;
	slot_tables[file].next = at + n < total ? at + n : 1;
	return n;
}

unsigned slots_take(unsigned count, uint32_t *first)
{
	unsigned room = compressed_room(), n = 0;

	if (room && slot_tables[COMPRESSED_FILE].slot)
		n = take_in(COMPRESSED_FILE, room < count ? room : count, first);
	for (unsigned file = 0; n == 0 && file < SLOT_DISKS; file++)
		if (slot_tables[file].slot)
			n = take_in(file, count, first);
	return n;
}

err_t slots_borrow(unsigned file, unsigned count, uint64_t *first)
{
	uint32_t total = file < SLOT_DISKS ? slot_tables[file].stats.total : 0, run = 0, at = 1;

	for (; at < total && run < count; at++)
		run = is_free(&slot_tables[file].slot[at]) ? run + 1 : 0;
	if (run < count)
		return ERR_NO_MEMORY;
	*first = at - count;
	for (uint32_t i = at - count; i < at; i++) {
		take(&slot_tables[file].slot[i]);
		slot_tables[file].slot[i].borrowed = true;
	}
	slot_tables[file].stats.used += count;
	return OK;
}

void slots_give_back(unsigned file, uint64_t first, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		(void)slot_put(slot_id(file, first + i));
}

void slot_get(uint32_t id)
{
	struct slot *s = slot_at(id);

	ASSERT(s && s->refs && s->refs < UINT16_MAX);
	s->refs++;
}

unsigned slot_put(uint32_t id)
{
	struct slot *s = slot_at(id);
	struct slot_stats *stats = &slot_tables[slot_file(id)].stats;

	ASSERT(s && s->refs);
	if (--s->refs)
		return s->refs;
	ASSERT(!s->frame);
	stats->used--;
	stats->bad += s->bad;
	s->read_failed = s->borrowed = false;
	if (slot_file(id) == COMPRESSED_FILE)
		compressed_free(slot_offset(id));
	return 0;
}

bool slots_stats(unsigned file, struct slot_stats *out)
{
	if (file >= SLOT_FILES || !slot_tables[file].slot)
		return false;
	*out = slot_tables[file].stats;
	return true;
}

/* Slot 0 of a file is its header. */
bool slots_are_full(void)
{
	for (unsigned file = 0; file < SLOT_FILES; file++) {
		const struct slot_stats *s = &slot_tables[file].stats;

		if (slot_tables[file].slot && s->used + s->bad + 1 < s->total)
			return false;
	}
	return true;
}

void slots_count(uint32_t id, unsigned count, bool write)
{
	struct slot_stats *stats = &slot_tables[slot_file(id)].stats;

	*(write ? &stats->writes : &stats->reads) += count;
}

void slots_each(void (*fn)(void *ctx, uint32_t id, struct slot *s), void *ctx)
{
	for (unsigned file = 0; file < SLOT_FILES; file++)
		for (uint32_t i = 1; i < slot_tables[file].stats.total; i++)
			if (slot_tables[file].slot[i].refs)
				fn(ctx, slot_id(file, i), &slot_tables[file].slot[i]);
}

uint32_t slot_named_by(const struct pt_soft *soft)
{
	uint32_t id = soft->file < SLOT_FILES && soft->offset <= SLOT_OFFSET_MAX ? slot_id(soft->file, soft->offset) : 0;

	return soft->kind == SOFT_PAGEFILE && slot_at(id) ? id : 0;
}

uint32_t slot_of_entry(const struct pt_soft *soft)
{
	uint32_t id = slot_named_by(soft);

	return id && slot_at(id)->refs ? id : 0;
}
