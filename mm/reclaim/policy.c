/* mm/reclaim/policy.c - the table of replacement policies, and the lists that they share.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/policy.h"
#include "lib/assert.h"
#include "lib/string.h"

const struct policy *const policies[] = {
	&policy_clock, &policy_fifo, &policy_aging, &policy_wsclock, &policy_lru, &policy_random, &policy_mglru, NULL,
};

const struct policy *policy_named(const char *name)
{
	for (const struct policy *const *p = policies; *p; p++)
		if (!strcmp((*p)->name, name))
			return *p;
	return NULL;
}

/* ---- lists ---- */

/* Each list is a ring with its end, so neither function has a special case: faults call both. */
static inline void unlink_page(struct replacement *r, uint32_t page)
{
	struct policy_page *p = &r->page[page];

	if (p->list == POLICY_NO_LIST)
		return;
	r->page[p->prev].next = p->next;
	r->page[p->next].prev = p->prev;
	r->count[p->list]--;
	r->resident--;
	p->list = POLICY_NO_LIST;
}

void page_to_tail(struct replacement *r, unsigned list, uint32_t page)
{
	struct policy_page *p = &r->page[page], *end = &r->page[policy_end(r, list)];

	unlink_page(r, page);
	p->prev = end->prev;
	p->next = policy_end(r, list);
	p->list = (uint8_t)list;
	r->page[end->prev].next = page;
	end->prev = page;
	r->count[list]++;
	r->resident++;
}

uint32_t policy_first(const struct replacement *r, unsigned list)
{
	return r->count[list] ? r->page[policy_end(r, list)].next : POLICY_NIL;
}

uint32_t policy_next(const struct replacement *r, uint32_t page)
{
	return r->page[page].next < r->pages ? r->page[page].next : POLICY_NIL;
}

bool page_was_accessed(struct replacement *r, uint32_t page)
{
	bool used = r->env->used(r->ctx, page) || r->page[page].young;

	r->page[page].young = false;
	return used;
}

uint32_t policy_second_chance(struct replacement *r)
{
	for (uint32_t n = r->count[0]; n > 0; n--) {
		uint32_t page = policy_first(r, 0);

		if (!page_was_accessed(r, page))
			return page;
		page_to_tail(r, 0, page);
	}
	return policy_first(r, 0);
}

/* ---- the interface ---- */

static void begin(struct replacement *r, const struct policy *policy)
{
	r->policy = policy;
	r->now = 0;
	r->youngest = 0;
	r->all_inside = false;
	r->seed = 1;
	r->resident = 0;
	for (unsigned i = 0; i < POLICY_LISTS; i++) {
		uint32_t end = policy_end(r, i);

		r->page[end] = (struct policy_page){ .next = end, .prev = end, .list = POLICY_NO_LIST };
		r->count[i] = 0;
	}
}

void replacement_start(struct replacement *r, const struct policy *policy)
{
	begin(r, policy);
	for (uint32_t i = 0; i < r->pages; i++)
		r->page[i] = (struct policy_page){ .list = POLICY_NO_LIST };
}

void replacement_change(struct replacement *r, const struct policy *policy)
{
	uint32_t first[POLICY_LISTS];

	for (unsigned i = 0; i < POLICY_LISTS; i++)
		first[i] = policy_first(r, (r->youngest + 1 + i) % POLICY_LISTS);
	begin(r, policy);
	for (unsigned i = 0; i < POLICY_LISTS; i++) {
		for (uint32_t page = first[i], next; page != POLICY_NIL; page = next) {
			next = policy_next(r, page);
			r->page[page].list = POLICY_NO_LIST;
			replacement_add(r, page);
		}
	}
}

void replacement_add(struct replacement *r, uint32_t page)
{
	ASSERT(page < r->pages);
	unlink_page(r, page);
	r->page[page].young = false;
	r->policy->add(r, page);
}

void replacement_remove(struct replacement *r, uint32_t page)
{
	unlink_page(r, page);
}

void replacement_access(struct replacement *r, uint32_t page)
{
	if (r->policy->access)
		r->policy->access(r, page);
}

void replacement_tick(struct replacement *r)
{
	r->now++;
	if (r->policy->tick)
		r->policy->tick(r);
}

uint32_t replacement_victim(struct replacement *r)
{
	while (r->resident) {
		uint32_t page = r->policy->victim(r);

		unlink_page(r, page);
		if (r->env->resident(r->ctx, page))
			return page;
	}
	return POLICY_NIL;
}
