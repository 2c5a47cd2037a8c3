/* mm/phys/frame_init.c - the frame database at boot: every record written once, free blocks linked.
 * SPDX-License-Identifier: MIT
 *
 * Frames are linked from the top of memory down. The frame linked last is allocated first, so the lowest frames of a zone are
 * allocated first, in ascending order.
 */
#include "mm/phys/frame_impl.h"

#define BLOCK_FRAMES (1u << FRAME_MAX_ORDER)
#define PFN_4G       ((uint64_t)1 << (32 - PAGE_SHIFT))

static uint64_t first_record(const struct memmap *ram)
{
	return ALIGN_DOWN(memmap_first(ram).v, BLOCK_FRAMES);
}

uint64_t frame_db_bytes(const struct memmap *ram)
{
	return (memmap_end(ram).v - first_record(ram)) * sizeof(struct frame);
}

static uint32_t index_of(paddr_t pa)
{
	return (uint32_t)(pfn_of(pa).v - frame_db.first);
}

/* Writes records [base, end). A kernel frame starts with one reference, so it is never freed. */
static void write_records(uint32_t base, uint32_t end, enum frame_state state)
{
	const struct frame f = {
		.next = FRAME_NIL, .prev = FRAME_NIL, .refs = state == FRAME_KERNEL,
		.state = (uint8_t)state, .order = FRAME_ORDER_NONE,
	};

	for (uint32_t i = base; i < end; i++)
		frame_db.record[i] = f;
	frame_lists.stats.state[state] += end - base;
}

/* Links the free frames [base, end) as the largest possible aligned blocks. */
static void link_blocks(uint32_t base, uint32_t end)
{
	while (end > base) {
		unsigned order = FRAME_MAX_ORDER;
		uint32_t start;

		while (!IS_ALIGNED(end, 1u << order) || end - base < 1u << order)
			order--;
		start = end - (1u << order);
		frame_db.record[start].order = (uint8_t)order;
		frame_link(&frame_lists.block[frame_zone(start)][order], start);
		frame_lists.stats.zone_free[frame_zone(start)] += 1u << order;
		end = start;
	}
}

static void write_all(const struct memmap *ram, const struct memmap *spare)
{
	uint32_t end = frame_db.count;
	unsigned s = spare->n;

	for (unsigned r = ram->n; r-- > 0;) {
		uint32_t run_base = index_of(ram->run[r].base);
		uint32_t run_end = run_base + (uint32_t)(ram->run[r].len >> PAGE_SHIFT);

		write_records(run_end, end, FRAME_BAD);
		end = run_end;
		for (; s > 0 && spare->run[s - 1].base.v >= ram->run[r].base.v; s--) {
			uint32_t base = index_of(spare->run[s - 1].base);
			uint32_t stop = base + (uint32_t)(spare->run[s - 1].len >> PAGE_SHIFT);

			write_records(stop, end, FRAME_KERNEL);
			write_records(base, stop, FRAME_FREE);
			link_blocks(base, stop);
			end = base;
		}
		write_records(run_base, end, FRAME_KERNEL);
		end = run_base;
	}
	write_records(0, end, FRAME_BAD);
}

/* The highest zone, up to `zone`, that has frames. */
static uint8_t not_empty(uint8_t zone)
{
	uint8_t top = 0;

	for (uint8_t i = 1; i <= zone && i < FRAME_ZONES; i++)
		if (frame_lists.zone_start[i] < frame_db.count)
			top = i;
	return top;
}

/* The end of the direct map and 4 GiB separate the zones; either can be the lower one. */
static void set_zones(uint64_t low_end)
{
	uint64_t border[2] = { low_end < PFN_4G ? low_end : PFN_4G, low_end < PFN_4G ? PFN_4G : low_end };
	bool low_is_first = low_end < PFN_4G;

	for (unsigned i = 0; i < 2; i++) {
		uint64_t at = border[i] > frame_db.first ? border[i] - frame_db.first : 0;

		frame_lists.zone_start[i + 1] = at < frame_db.count ? (uint32_t)at : frame_db.count;
	}
	frame_db.low_end = low_end;
	frame_lists.top_zone[FRAME_ANY] = FRAME_ZONES - 1;
	frame_lists.top_zone[FRAME_LOW] = low_is_first ? 0 : 1;
	frame_lists.top_zone[FRAME_BELOW_4G] = low_is_first ? 1 : 0;
	frame_lists.top_zone[FRAME_LOW | FRAME_BELOW_4G] = 0;
	for (unsigned i = 0; i < ARRAY_LEN(frame_lists.top_zone); i++)
		frame_lists.top_zone[i] = not_empty(frame_lists.top_zone[i]);
}

static err_t check_config(const struct frame_config *c)
{
	uint64_t bytes = frame_db_bytes(c->ram), end = memmap_end(c->ram).v;

	if (bytes == 0 || bytes / sizeof(struct frame) >= FRAME_NIL || (uintptr_t)end != end)
		return ERR_RANGE;
	if (c->bytes < bytes || !IS_ALIGNED((uintptr_t)c->records, _Alignof(struct frame)))
		return ERR_INVALID;
	for (unsigned i = 0; i < c->spare->n; i++)
		if (!memmap_has(c->ram, c->spare->run[i].base, c->spare->run[i].len))
			return ERR_INVALID;
	return OK;
}

err_t frame_init(const struct frame_config *config)
{
	err_t err = check_config(config);

	if (err)
		return err;
	frame_db.record = config->records;
	frame_db.first = first_record(config->ram);
	frame_db.count = (uint32_t)(memmap_end(config->ram).v - frame_db.first);
	frame_lists = (struct frame_lists){
		.pool_max = config->pool_max, .zero = config->zero, .ctx = config->ctx,
	};
	for (unsigned zone = 0; zone < FRAME_ZONES; zone++) {
		frame_lists.zeroed[zone] = frame_lists.hot[zone] = FRAME_NIL;
		for (unsigned order = 0; order < FRAME_ORDERS; order++)
			frame_lists.block[zone][order] = FRAME_NIL;
	}
	set_zones(ALIGN_DOWN(config->low_end.v, BLOCK_FRAMES));
	write_all(config->ram, config->spare);
	return OK;
}
