/* mm/reclaim/recorded.c - a reference string that grows.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/recorded.h"
#include "lib/string.h"
#include "mm/space/vmalloc.h"

err_t recorded_begin(struct recorded *r, uint32_t room, uint32_t pages_room)
{
	uint32_t buckets = 2;

	while (buckets < 2 * pages_room)
		buckets *= 2;
	*r = (struct recorded){ .room = room, .pages_room = pages_room, .mask = buckets - 1 };
	r->reference = kvzalloc((uint64_t)room * sizeof(*r->reference), "recorded string");
	r->page = kvzalloc((uint64_t)pages_room * sizeof(*r->page), "recorded string");
	r->bucket = kvzalloc((uint64_t)buckets * sizeof(*r->bucket), "recorded string");
	if (r->reference && r->page && r->bucket)
		return OK;
	recorded_free(r);
	return ERR_NO_MEMORY;
}

void recorded_free(struct recorded *r)
{
	kvfree(r->bucket);
	kvfree(r->page);
	kvfree(r->reference);
	*r = (struct recorded){ .room = 0 };
}

uint32_t recorded_page(struct recorded *r, uint64_t number)
{
	uint32_t at = (uint32_t)((number * 0x9E3779B97F4A7C15u) >> 32) & r->mask;

	while (r->bucket[at] && r->page[r->bucket[at] - 1].number != number)
		at = (at + 1) & r->mask;
	if (r->bucket[at])
		return r->bucket[at] - 1;
	if (r->pages == r->pages_room) {
		r->cut = true;
		return RECORDED_NONE;
	}
	r->page[r->pages] = (struct recorded_page){ .number = number, .last = RECORDED_NONE };
	r->bucket[at] = ++r->pages;
	return r->pages - 1;
}

bool recorded_add(struct recorded *r, uint32_t page, bool write)
{
	if (r->count == r->room) {
		r->cut = true;
		return false;
	}
	r->page[page].last = r->count;
	r->reference[r->count++] = page << 1 | write;
	return true;
}

err_t recorded_string(const struct recorded *r, struct reference_string *out)
{
	if (!r->count)
		return ERR_NOT_FOUND;
	*out = (struct reference_string){ .count = r->count, .pages = r->pages };
	out->reference = kvzalloc((uint64_t)r->count * sizeof(*out->reference), "reference string");
	if (!out->reference)
		return ERR_NO_MEMORY;
	memcpy(out->reference, r->reference, (size_t)r->count * sizeof(*out->reference));
	for (uint32_t i = 0; i < r->count; i++)
		out->writes += r->reference[i] & 1;
	return OK;
}
