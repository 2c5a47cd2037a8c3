/* mm/reclaim/trim.c - evicts pages: victims of the replacement policy, and pages of files by a clock over each address space.
 * SPDX-License-Identifier: MIT
 */
#include "mm/backing/file.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/replace.h"
#include "mm/space/entries.h"
#include "mm/space/rmap.h"
#include "mm/space/vma.h"

#define OBJECTS_PART     4      /* one in four */
#define ENTRIES_PER_PAGE 32     /* read per page of a file that is wanted */

struct watermarks watermarks = { .min = WATERMARK_MIN };

uint32_t reclaim_frames(void)
{
	const struct frame_stats *s = frame_stats();
	uint32_t n = 0;

	for (unsigned state = 0; state < FRAME_STATES; state++)
		n += state == FRAME_TABLE || state == FRAME_KERNEL || state == FRAME_BAD ? 0 : s->state[state];
	return n;
}

err_t watermarks_set(const struct watermarks *w)
{
	if (w->min < WATERMARK_LEAST || w->high > reclaim_frames() / 2)
		return ERR_RANGE;
	if (w->min >= w->low || w->low >= w->high)
		return ERR_INVALID;
	watermarks = *w;
	return OK;
}

/* One walk of the clock. `objects`: only pages of files and sections, and at most `entries` entries are read; else every page. */
struct trimming { unsigned left; bool objects; uint32_t entries; };

static bool trim_page(struct aspace *as, uint64_t va, const struct trimming *t)
{
	const struct frame *f;
	struct pt_slot slot;

	if (pt_lookup(&as->space, va, 0, &slot) != OK || slot.level > 0 || slot.kind != PT_LEAF)
		return false;
	f = frame_counted(slot.page);
	if (t->objects && !(f && frame_is_object(f)))
		return false;
	return !page_accessed(as, va, &slot, true) && evict_page(as, va) == OK;
}

/* From as->hand to the end of the VMA. */
static void trim_vma(struct vma *v, struct trimming *t)
{
	struct entries_part p = { .next = v->as->hand > v->first ? v->as->hand : v->first };

	while (t->left && t->entries && entries_part(&v->as->space, v->last, &p)) {
		for (unsigned i = 0; t->left && t->entries && i < p.count; i++, t->entries--) {
			v->as->hand = p.va + (uint64_t)(i + 1) * PAGE_SIZE;
			t->left -= trim_page(v->as, p.va + (uint64_t)i * PAGE_SIZE, t);
		}
	}
}

static bool is_worth_a_walk(const struct vma *v, const struct trimming *t)
{
	return v->last >= v->as->hand && !(v->flags & (VMA_GUARD | VMA_LOCKED)) &&
	       (!t->objects || v->backing == &backing_file || v->backing == &backing_section);
}

/* Continues at the hand of the space. */
static void walk_space(struct aspace *as, struct trimming *t)
{
	/* Pages of the kernel stay: if the accessed bit of one were clear, a fault at any IRQL would have to set it. */
	if (as == &kernel_aspace)
		return;
	list_for_each(l, &as->vmas) {
		struct vma *v = container_of(l, struct vma, link);

		if (is_worth_a_walk(v, t))
			trim_vma(v, t);
		if (!t->left || !t->entries)
			return;
	}
	as->hand = 0;
}

unsigned trim_space(struct aspace *as, unsigned n)
{
	struct trimming t = { .left = n, .entries = UINT32_MAX };

	walk_space(as, &t);
	return n - t.left;
}

/* aspace.id of the space that was trimmed last: the space with the next higher id follows, after the highest the lowest. */
static uint32_t last_trimmed;

static struct aspace *next_space(void)
{
	struct aspace *first = NULL, *next = NULL;

	list_for_each(l, &aspaces) {
		struct aspace *as = container_of(l, struct aspace, link);

		if (as == &kernel_aspace || !as->tables[0])
			continue;
		if (!first || as->id < first->id)
			first = as;
		if (as->id > last_trimmed && (!next || as->id < next->id))
			next = as;
	}
	next = next ? next : first;
	if (next)
		last_trimmed = next->id;
	return next;
}

/* All spaces, one after the other. Two rounds without a page end it: the first one clears the accessed bits. */
static unsigned walk_spaces(unsigned n, bool objects)
{
	struct trimming t = { .left = n, .objects = objects, .entries = objects ? ENTRIES_PER_PAGE * n : UINT32_MAX };
	unsigned idle = 0, spaces = 0;

	list_for_each(l, &aspaces)
		spaces++;
	while (t.left && t.entries && idle < 2 * spaces) {
		struct aspace *as = next_space();
		unsigned before = t.left;

		if (as)
			walk_space(as, &t);
		idle = t.left != before ? 0 : idle + 1;
	}
	return n - t.left;
}

/* Pages of files get a fixed part of each trim, so that they cannot displace all anonymous memory. */
unsigned trim_some(unsigned n)
{
	unsigned done = sweep_objects(n);

	if (done < n && replace_policy()) {
		done += walk_spaces((n - done) / OBJECTS_PART, true);
		done += replace_evict(n - done);
	}
	return done < n ? done + walk_spaces(n - done, false) : done;
}

bool trimmer_is_wanted(void)
{
	static bool below;      /* low was reached, and high was not since */
	uint32_t ready = frame_available() + standby_pages.count;

	below = mm_store && ready < (below ? watermarks.high : watermarks.low);
	return below;
}

bool trimmer_round(void)
{
	const struct frame_stats *s = frame_stats();
	uint32_t ready, done = 0;

	(void)page_io_finish();
	/* Modified pages, and those that are being written, become standby pages soon. */
	ready = frame_available() + standby_pages.count + s->state[FRAME_MODIFIED] + s->state[FRAME_TRANSITION];
	if (trimmer_is_wanted() && ready < watermarks.high)
		done = trim_some(watermarks.high - ready);
	done += write_modified();
	/* Nothing left to do: the next tick tries again. */
	return done > 0;
}
