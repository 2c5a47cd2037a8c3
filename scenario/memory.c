/* scenario/memory.c - the physical memory of a scenario: the pages in which a word lies.
 * SPDX-License-Identifier: MIT
 */
#include "lib/addr.h"
#include "lib/string.h"
#include "scenario/impl.h"

static struct scenario_page **bucket_of(struct scenario *s, uint64_t pa)
{
	return &s->bucket[(pa >> PAGE_SHIFT) % SCENARIO_BUCKETS];
}

static struct scenario_page *page_at(struct scenario *s, uint64_t pa)
{
	struct scenario_page *p = *bucket_of(s, pa);

	while (p && p->pa != (pa & ~(uint64_t)PAGE_MASK))
		p = p->next;
	return p;
}

bool scenario_make_page(struct scenario *s, uint64_t pa)
{
	struct scenario_page *p, **bucket = bucket_of(s, pa);

	if (page_at(s, pa))
		return true;
	p = s->heap->alloc(s->heap->ctx, sizeof(*p));
	if (!p)
		return false;
	p->bytes = s->heap->alloc(s->heap->ctx, PAGE_SIZE);
	if (!p->bytes) {
		s->heap->free(s->heap->ctx, p);
		return false;
	}
	p->pa = pa & ~(uint64_t)PAGE_MASK;
	p->next = *bucket;
	*bucket = p;
	s->pages++;
	return true;
}

bool scenario_put(struct scenario *s, uint64_t pa, uint8_t byte)
{
	if (!scenario_make_page(s, pa))
		return false;
	page_at(s, pa)->bytes[pa & PAGE_MASK] = byte;
	return true;
}

err_t scenario_read(struct scenario *s, uint64_t pa, void *buf, size_t n)
{
	uint8_t *to = buf;

	/* Nothing lies behind the last address. */
	if (n && pa + (n - 1) < pa)
		return ERR_IO;
	for (size_t done = 0; done < n; ) {
		const struct scenario_page *p = page_at(s, pa + done);
		size_t offset = (size_t)((pa + done) & PAGE_MASK), part = PAGE_SIZE - offset;

		if (!p)
			return ERR_IO;
		if (part > n - done)
			part = n - done;
		memcpy(to + done, p->bytes + offset, part);
		done += part;
	}
	return OK;
}

void scenario_free_pages(struct scenario *s)
{
	for (unsigned i = 0; i < SCENARIO_BUCKETS; i++)
		while (s->bucket[i]) {
			struct scenario_page *p = s->bucket[i];

			s->bucket[i] = p->next;
			s->heap->free(s->heap->ctx, p->bytes);
			s->heap->free(s->heap->ctx, p);
		}
}
