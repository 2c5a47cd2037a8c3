/* mm/reclaim/readahead.c - the read-ahead window: grows while pages read ahead are used, shrinks while they are not.
 * SPDX-License-Identifier: MIT
 *
 * A window is what one page-in reads. Its size follows the hits of the windows before it, pages read ahead that a fault then
 * mapped. Pages that were dropped unused are no hits. The policy is Linux's for swap: hits plus two, rounded up to a power of
 * two; without a hit two for a neighbouring slot, else one; never less than half of the window before. Each address space has its
 * own, because a program that reads in order must not lose its window to one that does not.
 */
#include "mm/reclaim/readahead.h"
#include "mm/reclaim/reclaim.h"

/* Assumed of a space that has read nothing yet. */
#define FIRST_HITS 4

unsigned readahead = READAHEAD_AUTO;
struct readahead_counts readahead_counts;

static unsigned wanted(unsigned hits, bool neighbour)
{
	unsigned n = 4;

	if (hits == 0)
		return neighbour ? 2 : 1;
	while (n < hits + 2)
		n *= 2;
	return n < READAHEAD_MAX ? n : READAHEAD_MAX;
}

unsigned readahead_window(struct aspace *as, uint32_t id)
{
	unsigned n = wanted(as->ahead.window ? as->ahead.hits : FIRST_HITS, id == as->ahead.slot + 1 || id + 1 == as->ahead.slot);

	if (n < as->ahead.window / 2u)
		n = as->ahead.window / 2u;
	as->ahead.window = (uint16_t)n;
	as->ahead.hits = 0;
	as->ahead.slot = id;
	return readahead == READAHEAD_AUTO ? n : readahead;
}

void readahead_note(struct slot *s)
{
	s->ahead = true;
	readahead_counts.read++;
}

void readahead_used(struct aspace *as, struct slot *s)
{
	if (!s->ahead)
		return;
	s->ahead = false;
	readahead_counts.used++;
	if (as->ahead.hits < READAHEAD_MAX)
		as->ahead.hits++;
}

void readahead_dropped(struct slot *s)
{
	readahead_counts.dropped += s->ahead;
	s->ahead = false;
}
