/* mm/phys/frame.c - the frame allocator: blocks of up to four frames, the zeroed pool, reference counts.
 * SPDX-License-Identifier: MIT
 *
 * A free block of two at index 4:      record 4: FREE, order 1, on block[zone][1]
 *                                      record 5: FREE, order NONE, on no list
 * The buddy of a block is the other half of the next larger one: its index differs in one bit. With three
 * orders, splitting and merging take at most two steps for any size of memory.
 */
#include "mm/phys/frame_impl.h"

struct frame_db frame_db;
struct frame_lists frame_lists;
uint32_t frame_keep[FRAME_ZONES];
uint32_t (*frame_shortage)(void);
void (*frame_slot_release)(struct frame *f);

#define stats frame_lists.stats

void frame_link(uint32_t *head, uint32_t i)
{
	struct frame *f = &frame_db.record[i];

	f->prev = FRAME_NIL;
	f->next = *head;
	if (*head != FRAME_NIL)
		frame_db.record[*head].prev = i;
	*head = i;
}

void frame_unlink(uint32_t *head, uint32_t i)
{
	struct frame *f = &frame_db.record[i];

	if (f->prev == FRAME_NIL)
		*head = f->next;
	else
		frame_db.record[f->prev].next = f->next;
	if (f->next != FRAME_NIL)
		frame_db.record[f->next].prev = f->prev;
	f->next = f->prev = FRAME_NIL;
}

/* Removes and returns the head of a list that is not empty. Faster than frame_unlink(). */
static uint32_t pop(uint32_t *head)
{
	uint32_t i = *head;
	struct frame *f = &frame_db.record[i];

	*head = f->next;
	if (f->next != FRAME_NIL)
		frame_db.record[f->next].prev = FRAME_NIL;
	f->next = FRAME_NIL;
	return i;
}

static void count_state(struct frame *f, enum frame_state state)
{
	stats.state[f->state]--;
	stats.state[state]++;
	f->state = (uint8_t)state;
}

/* ---- blocks ---- */

static void block_add(unsigned zone, uint32_t i, unsigned order)
{
	frame_db.record[i].order = (uint8_t)order;
	frame_link(&frame_lists.block[zone][order], i);
}

static void block_remove(unsigned zone, uint32_t i, unsigned order)
{
	frame_unlink(&frame_lists.block[zone][order], i);
	frame_db.record[i].order = FRAME_ORDER_NONE;
}

/* Takes a block of the zone, splitting a larger one if necessary; the lower half is used. */
static uint32_t block_take(unsigned zone, unsigned order)
{
	unsigned o = order;
	uint32_t i;

	while (o < FRAME_ORDERS && frame_lists.block[zone][o] == FRAME_NIL)
		o++;
	if (o == FRAME_ORDERS)
		return FRAME_NIL;
	i = pop(&frame_lists.block[zone][o]);
	frame_db.record[i].order = FRAME_ORDER_NONE;
	while (o-- > order)
		block_add(zone, i + (1u << o), o);
	stats.zone_free[zone] -= 1u << order;
	return i;
}

/* Adds one FREE frame to the blocks, merged with its buddies. */
static void block_give(uint32_t i)
{
	unsigned zone = frame_zone(i), order = 0;

	stats.zone_free[zone]++;
	for (; order < FRAME_MAX_ORDER; order++) {
		uint32_t buddy = i ^ (1u << order);

		/* Zones begin at multiples of four, so a buddy never belongs to another one. */
		if (buddy >= frame_db.count || frame_db.record[buddy].state != FRAME_FREE ||
		    frame_db.record[buddy].order != order)
			break;
		block_remove(zone, buddy, order);
		i &= ~(1u << order);
	}
	block_add(zone, i, order);
}

/* ---- freed frames, not yet merged: the frame freed last is usually allocated next, so merging is deferred ---- */

static void hot_give(uint32_t i)
{
	unsigned zone = frame_zone(i);

	if (frame_lists.hot_count[zone] == frame_lists.pool_max) {
		block_give(i);
		return;
	}
	frame_link(&frame_lists.hot[zone], i);
	frame_lists.hot_count[zone]++;
	stats.zone_free[zone]++;
}

static uint32_t hot_take(unsigned zone)
{
	if (frame_lists.hot[zone] == FRAME_NIL)
		return FRAME_NIL;
	frame_lists.hot_count[zone]--;
	stats.zone_free[zone]--;
	return pop(&frame_lists.hot[zone]);
}

static uint32_t single_take(unsigned zone)
{
	uint32_t i = hot_take(zone);

	return i != FRAME_NIL ? i : block_take(zone, 0);
}

/* ---- the zeroed pool ---- */

static uint32_t pool_take(unsigned zone)
{
	if (frame_lists.zeroed[zone] == FRAME_NIL)
		return FRAME_NIL;
	stats.zone_free[zone]--;
	return pop(&frame_lists.zeroed[zone]);
}

/* Adds the zone's zeroed pool and hot list, at most pool_max frames each, to its blocks, which merges buddies. */
static void merge_singles(unsigned zone)
{
	uint32_t i;

	while ((i = hot_take(zone)) != FRAME_NIL)
		block_give(i);
	while ((i = pool_take(zone)) != FRAME_NIL) {
		count_state(&frame_db.record[i], FRAME_FREE);
		block_give(i);
	}
}

unsigned frame_zero_some(unsigned n)
{
	unsigned done = 0, zone = FRAME_ZONES;

	while (done < n && zone > 0 && stats.state[FRAME_ZEROED] < frame_lists.pool_max) {
		uint32_t i = single_take(zone - 1);

		if (i == FRAME_NIL) {
			zone--;
			continue;
		}
		frame_lists.zero(frame_lists.ctx, frame_pfn(&frame_db.record[i]));
		count_state(&frame_db.record[i], FRAME_ZEROED);
		frame_link(&frame_lists.zeroed[zone - 1], i);
		stats.zone_free[zone - 1]++;
		done++;
	}
	return done;
}

/* ---- allocation ---- */

static unsigned top_zone(unsigned flags)
{
	return frame_lists.top_zone[flags & (FRAME_LOW | FRAME_BELOW_4G)];
}

/* True if the zone has a free frame beside its reserve. */
static inline bool has_free(unsigned zone)
{
	return stats.zone_free[zone] > frame_keep[zone];
}

/* Takes a frame of the highest zone that has one. In each zone, FRAME_ZERO prefers the zeroed pool; without it, the pool is the
 * second choice. */
static uint32_t take_one(unsigned flags, bool *is_zero)
{
	bool want_zero = flags & FRAME_ZERO;

	for (unsigned zone = top_zone(flags) + 1; zone-- > 0;) {
		if (!has_free(zone))
			continue;
		for (unsigned attempt = 0; attempt < 2; attempt++) {
			bool from_pool = want_zero == (attempt == 0);
			uint32_t i = from_pool ? pool_take(zone) : single_take(zone);

			*is_zero = from_pool;
			if (i != FRAME_NIL)
				return i;
		}
	}
	return FRAME_NIL;
}

/* True if the zone keeps its reserve after the allocation of a run. */
static bool has_spare(unsigned zone, unsigned order)
{
	return stats.zone_free[zone] >= frame_keep[zone] + (1u << order);
}

static uint32_t take_run(unsigned order, unsigned flags)
{
	unsigned top = top_zone(flags);
	uint32_t i;

	for (unsigned zone = top + 1; zone-- > 0;)
		if (has_spare(zone, order) && (i = block_take(zone, order)) != FRAME_NIL)
			return i;
	for (unsigned zone = top + 1; zone-- > 0;) {
		if (!has_spare(zone, order))
			continue;
		merge_singles(zone);
		if ((i = block_take(zone, order)) != FRAME_NIL)
			return i;
	}
	return FRAME_NIL;
}

static bool is_held_state(enum frame_state state)
{
	return state > FRAME_ZEROED && state < FRAME_STATES;
}

/* Initialises an allocated frame with one reference. */
static inline void begin_use(struct frame *f, unsigned flags, enum frame_state state, bool is_zero)
{
	ASSERT(f->refs == 0 && f->state == (is_zero ? FRAME_ZEROED : FRAME_FREE));
	count_state(f, state);
	f->refs = 1;
	if ((flags & FRAME_ZERO) && !is_zero)
		frame_lists.zero(frame_lists.ctx, frame_pfn(f));
}

/* Initialises the 1 << order frames from index `i` on. `is_zero`: they come from the zeroed pool. */
static inline err_t hand_out(uint32_t i, unsigned order, unsigned flags, enum frame_state state, bool is_zero, pfn_t *first)
{
	for (uint32_t j = i; j < i + (1u << order); j++)
		begin_use(&frame_db.record[j], flags, state, is_zero);
	if (order == 0 && (flags & FRAME_ZERO))
		(*(is_zero ? &stats.pool_hits : &stats.pool_misses))++;
	stats.allocs += 1u << order;
	*first = PFN(frame_db.first + i);
	return OK;
}

/* No frame was free: tries once more after frame_shortage() has freed caches. */
static __attribute__((noinline, cold)) err_t try_again(unsigned order, unsigned flags, enum frame_state state, pfn_t *first)
{
	uint32_t keep = frame_keep[0], i = FRAME_NIL;

	if (frame_shortage) {
		bool is_zero = false;

		frame_keep[0] = frame_shortage();
		i = order ? take_run(order, flags) : take_one(flags, &is_zero);
		frame_keep[0] = keep;
		if (i != FRAME_NIL)
			return hand_out(i, order, flags, state, is_zero, first);
	}
	stats.failures++;
	return ERR_NO_MEMORY;
}

err_t frame_alloc(unsigned flags, enum frame_state state, pfn_t *out)
{
	bool is_zero = false;
	uint32_t i = take_one(flags, &is_zero);

	ASSERT(is_held_state(state) && state != FRAME_BAD);
	return i != FRAME_NIL ? hand_out(i, 0, flags, state, is_zero, out) : try_again(0, flags, state, out);
}

struct frame *frame_take_zeroed(void)
{
	unsigned zone = top_zone(FRAME_ANY);
	struct frame *f;
	uint32_t i;

	if (!has_free(zone) || (i = pool_take(zone)) == FRAME_NIL)
		return NULL;
	f = &frame_db.record[i];
	begin_use(f, FRAME_ZERO, FRAME_ACTIVE, true);
	stats.pool_hits++;
	stats.allocs++;
	return f;
}

err_t frame_alloc_run(unsigned order, unsigned flags, enum frame_state state, pfn_t *first)
{
	uint32_t i;

	ASSERT(order <= FRAME_MAX_ORDER && is_held_state(state) && state != FRAME_BAD);
	if (order == 0)
		return frame_alloc(flags, state, first);
	i = take_run(order, flags);
	return i != FRAME_NIL ? hand_out(i, order, flags, state, false, first) : try_again(order, flags, state, first);
}

/* ---- references ---- */

static struct frame *held_frame(pfn_t pfn)
{
	struct frame *f = frame_at(pfn);

	ASSERT(f != NULL && f->refs > 0);
	return f;
}

/* Clears the owner's fields of the record. */
static void clear_owner(struct frame *f)
{
	f->owner = 0;
	f->next = f->prev = FRAME_NIL;
	f->flags = FRAME_USE_NONE;
	f->slot = 0;
}

/* A page of a program without a slot has no flags. */
static __attribute__((noinline, cold)) void release_flags(struct frame *f)
{
	ASSERT(!f->busy && !f->listed);
	if (f->slotted)
		frame_slot_release(f);
	f->flags = 0;
	f->slot = 0;
}

/* Frees a frame whose last reference is dropped. */
static __attribute__((noinline)) void release(struct frame *f)
{
	ASSERT(f->maps == 0);
	if (f->flags)
		release_flags(f);
	f->refs = 0;
	f->owner = 0;
	f->next = f->prev = FRAME_NIL;
	stats.frees++;
	if (f->state != FRAME_BAD) {
		count_state(f, FRAME_FREE);
		hot_give(frame_index(f));
	}
}

bool frame_put(pfn_t pfn)
{
	struct frame *f = held_frame(pfn);

	if (f->refs > 1) {
		f->refs--;
		return false;
	}
	release(f);
	return true;
}

void frame_free_run(pfn_t first, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct frame *f = held_frame(PFN(first.v + i));

		if (f->refs > 1) {
			clear_owner(f);
			if (f->state != FRAME_BAD)
				count_state(f, FRAME_ACTIVE);
		}
		(void)frame_put(frame_pfn(f));
	}
}

void frame_set_state(pfn_t pfn, enum frame_state state)
{
	ASSERT(is_held_state(state));
	count_state(held_frame(pfn), state);
}

/* ---- statistics ---- */

uint32_t frame_available(void)
{
	return stats.state[FRAME_FREE] + stats.state[FRAME_ZEROED];
}

const struct frame_stats *frame_stats(void)
{
	stats.low_free = 0;
	for (unsigned zone = 0; zone <= frame_lists.top_zone[FRAME_LOW]; zone++)
		stats.low_free += stats.zone_free[zone];
	return &stats;
}

const char *frame_state_name(enum frame_state state)
{
	static const char *const name[FRAME_STATES] = {
		[FRAME_FREE] = "Free",         [FRAME_ZEROED] = "Zeroed",         [FRAME_ACTIVE] = "Active",
		[FRAME_MODIFIED] = "Modified", [FRAME_STANDBY] = "Standby",       [FRAME_TRANSITION] = "Transition",
		[FRAME_TABLE] = "Table",       [FRAME_KERNEL] = "Kernel",         [FRAME_BAD] = "Bad",
	};

	return (unsigned)state < FRAME_STATES ? name[state] : "?";
}
