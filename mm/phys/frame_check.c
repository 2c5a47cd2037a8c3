/* mm/phys/frame_check.c - compares the frame database's lists with its records.
 * SPDX-License-Identifier: MIT
 *
 * Lists are walked first: the `prev` link of every member must point to its predecessor, so two lists cannot share a member and
 * no list is circular. If the lists then have as many frames as there are free records, every free record is on a list.
 */
#include "mm/phys/frame_impl.h"

struct check {
	const char *wrong;
	uint32_t at;
	uint32_t listed[2];     /* frames found on lists: free, zeroed */
};

static bool complain(struct check *c, uint32_t at, const char *wrong)
{
	c->at = at;
	c->wrong = wrong;
	return false;
}

/* Checks the first record of a free block and those after it. */
static bool check_block(struct check *c, uint32_t i, unsigned order)
{
	const struct frame *r = frame_db.record;
	uint32_t frames = 1u << order, buddy = i ^ frames;

	if (r[i].order != order)
		return complain(c, i, "free block on the list of another size");
	if (!IS_ALIGNED(i, frames) || frame_db.count - i < frames)
		return complain(c, i, "free block misaligned or cut off");
	for (uint32_t j = i + 1; j < i + frames; j++)
		if (r[j].state != FRAME_FREE || r[j].order != FRAME_ORDER_NONE)
			return complain(c, j, "frame inside a free block is not free");
	if (order < FRAME_MAX_ORDER && buddy < frame_db.count && r[buddy].state == FRAME_FREE &&
	    r[buddy].order == order)
		return complain(c, i, "two buddies are free and not merged");
	return true;
}

static bool check_list(struct check *c, uint32_t head, enum frame_state state, unsigned zone, unsigned order)
{
	uint32_t prev = FRAME_NIL;

	for (uint32_t i = head; i != FRAME_NIL; prev = i, i = frame_db.record[i].next) {
		if (i >= frame_db.count)
			return complain(c, prev, "link to a frame that does not exist");
		if (frame_db.record[i].prev != prev)
			return complain(c, i, "back link does not match");
		if (frame_db.record[i].state != state)
			return complain(c, i, "frame on the list of another state");
		if (frame_zone(i) != zone)
			return complain(c, i, "frame on the list of another zone");
		if (order == FRAME_ORDER_NONE && frame_db.record[i].order != order)
			return complain(c, i, "freed frame with the order of a block");
		if (state == FRAME_FREE && order != FRAME_ORDER_NONE && !check_block(c, i, order))
			return false;
		c->listed[state] += order == FRAME_ORDER_NONE ? 1 : 1u << order;
	}
	return true;
}

static bool check_zone(struct check *c, unsigned zone)
{
	uint32_t before = c->listed[FRAME_FREE] + c->listed[FRAME_ZEROED];

	for (unsigned order = 0; order < FRAME_ORDERS; order++)
		if (!check_list(c, frame_lists.block[zone][order], FRAME_FREE, zone, order))
			return false;
	if (!check_list(c, frame_lists.zeroed[zone], FRAME_ZEROED, zone, FRAME_ORDER_NONE) ||
	    !check_list(c, frame_lists.hot[zone], FRAME_FREE, zone, FRAME_ORDER_NONE))
		return false;
	if (c->listed[FRAME_FREE] + c->listed[FRAME_ZEROED] - before != frame_lists.stats.zone_free[zone])
		return complain(c, frame_lists.zone_start[zone], "free frames of the zone miscounted");
	return true;
}

static bool check_record(struct check *c, uint32_t i)
{
	const struct frame *f = &frame_db.record[i];
	bool held = f->state > FRAME_ZEROED && f->state < FRAME_BAD;

	if (f->state >= FRAME_STATES)
		return complain(c, i, "state that does not exist");
	if (held ? f->refs == 0 : f->state != FRAME_BAD && f->refs != 0)
		return complain(c, i, "references do not match the state");
	if (f->refs == 0 && (f->maps != 0 || f->busy || f->owner != 0 || f->use != FRAME_USE_NONE))
		return complain(c, i, "frame without references is mapped, busy or owned");
	if (f->maps > f->refs)
		return complain(c, i, "more maps than references");
	if (f->state != FRAME_FREE && f->order != FRAME_ORDER_NONE)
		return complain(c, i, "block order on a frame that is not free");
	return true;
}

static bool check_records(struct check *c)
{
	uint32_t count[FRAME_STATES] = { 0 };

	for (uint32_t i = 0; i < frame_db.count; i++) {
		if (!check_record(c, i))
			return false;
		count[frame_db.record[i].state]++;
	}
	for (unsigned state = 0; state < FRAME_STATES; state++)
		if (count[state] != frame_lists.stats.state[state])
			return complain(c, 0, "frames of a state miscounted");
	if (count[FRAME_FREE] != c->listed[FRAME_FREE] || count[FRAME_ZEROED] != c->listed[FRAME_ZEROED])
		return complain(c, 0, "free frame on no list");
	if (count[FRAME_ZEROED] > frame_lists.pool_max)
		return complain(c, 0, "zeroed pool over its limit");
	return true;
}

const char *frame_check(pfn_t *where)
{
	struct check c = { .wrong = NULL };

	for (unsigned zone = 0; zone < FRAME_ZONES; zone++)
		if (!check_zone(&c, zone))
			break;
	if (!c.wrong)
		check_records(&c);
	if (c.wrong && where)
		*where = PFN(frame_db.first + c.at);
	return c.wrong;
}
