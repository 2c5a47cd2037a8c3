/* mm/reclaim/recorder_limit.c - a recorded space within a number of frames: local replacement by one of the policies.
 * SPDX-License-Identifier: MIT
 *
 * The policy sees what it sees in the simulator: each reference, and a tick after each `frames` of them. A reference is a miss if
 * the PTE did not map the page, whatever the policy has on its lists.
 */
#include "mm/reclaim/recorder_limit.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/reclaim.h"
#include "mm/space/vmalloc.h"

static struct replacement pages_in_memory;

/* ---- struct replacement_env ---- */

static bool limit_used(void *ctx, uint32_t page)
{
	struct recorded_page *p = &recorder.string.page[page];
	bool used = p->accessed;

	(void)ctx;
	p->accessed = false;
	return used;
}

static bool limit_dirty(void *ctx, uint32_t page)
{
	(void)ctx;
	return recorder.string.page[page].dirty;
}

/* A page that the process has freed counts until it is the victim: the simulator cannot know better. */
static bool limit_resident(void *ctx, uint32_t page)
{
	(void)ctx;
	(void)page;
	return true;
}

static const struct replacement_env limit_env = { .used = limit_used, .dirty = limit_dirty, .resident = limit_resident };

/* ---- eviction ---- */

/* A page that is being written can be evicted when the transfer has ended. */
static err_t evict(uint64_t va)
{
	err_t err;

	do
		err = evict_page(recorder.as, va);
	while (err == ERR_BUSY && page_io_pending() && page_io_wait(false));
	return err;
}

static bool evict_at_start(struct aspace *as, uint64_t va)
{
	return evict_page(as, va) == OK;
}

/* A page of a program that exec has replaced is gone already. */
static bool is_of_this_program(const struct recorded_page *p)
{
	const uint64_t page = ((uint64_t)1 << RECORDED_PROGRAM_SHIFT) - 1;

	/* A page number has no room for the upper bits of the count. */
	return (p->number & ~page) == (uint64_t)recorder.programs << RECORDED_PROGRAM_SHIFT;
}

static void evict_victim(uint32_t page)
{
	struct recorded_page *p = &recorder.string.page[page];
	bool is_mapped;
	struct pt_slot slot;

	p->accessed = p->dirty = false;
	recorder.counts.victims++;
	if (!is_of_this_program(p))
		return;
	is_mapped = pt_lookup(&recorder.as->space, recorded_va(p), 0, &slot) == OK && slot.kind == PT_LEAF;
	recorder.counts.refused += is_mapped && evict(recorded_va(p)) != OK;
}

/* ---- for recorder.c ---- */

err_t limit_begin(const struct recorder_request *q)
{
	pages_in_memory = (struct replacement){ .env = &limit_env, .pages = q->pages_room, .window = SIM_WINDOW };
	if (!q->frames)
		return OK;
	pages_in_memory.page = kvzalloc(((uint64_t)q->pages_room + POLICY_LISTS) * sizeof(*pages_in_memory.page), "recorded pages");
	if (!pages_in_memory.page)
		return ERR_NO_MEMORY;
	replacement_start(&pages_in_memory, q->policy);
	return OK;
}

void limit_end(void)
{
	kvfree(pages_in_memory.page);
	pages_in_memory.page = NULL;
}

void limit_empty(struct aspace *as)
{
	if (pages_in_memory.page)
		(void)pages_each_leaf(as, 0, USER_END - 1, evict_at_start);
}

void limit_reference(uint32_t page, bool write, bool was_in_memory, uint32_t i)
{
	struct replacement *r = &pages_in_memory;
	struct recorded_page *p = &recorder.string.page[page];

	recorder.counts.misses += !was_in_memory;
	if (!r->page)
		return;
	if (r->page[page].list == POLICY_NO_LIST) {
		if (r->resident == recorder.frames)
			evict_victim(replacement_victim(r));
		replacement_add(r, page);
	} else {
		recorder.counts.foreign += !was_in_memory;
	}
	p->dirty |= write;
	if (r->policy->access)
		replacement_access(r, page);
	else
		p->accessed = true;
	if ((i + 1) % recorder.frames == 0)
		replacement_tick(r);
}
