/* mm/reclaim/replace.c - the machine's replacement policy: its pages are the anonymous frames that PTEs map.
 * SPDX-License-Identifier: MIT
 *
 * A page number is the index of the frame's record. Page faults add frames through page_mapped (mm/space/pageout.h). A frame that
 * is unmapped by another path than eviction, such as the end of a process, stays on its list until it is the victim; is_resident()
 * detects that then. The kernel is not preemptible, so a policy can be changed between any two evictions.
 */
#include "mm/reclaim/replace.h"
#include "arch/mmu.h"
#include "mm/phys/table.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "mm/space/rmap.h"
#include "mm/space/vmalloc.h"

#define WINDOW        10        /* samples: a second, if memory is short all the time */
#define REFUSALS_MOST 64        /* in one call */

volatile uint32_t replace_timer;
struct replace_counts replace_counts;
static struct replacement frames_in_use;
static uint32_t last_sample;

bool page_accessed(struct aspace *as, uint64_t va, const struct pt_slot *slot, bool clear)
{
	const struct pt_mode *mode = as->space.half[0].mode;
	prot_t prot = mode->format->prot(mode, 0, slot->entry);
	pte_t entry;

	if (!(prot & PROT_ACCESSED))
		return false;
	if (!clear || mode->format->make_leaf(mode, 0, pfn_base(slot->page), prot & ~(prot_t)PROT_ACCESSED, &entry) != OK)
		return true;
	table_store(slot->entry_pa, mode->format->entry_bytes, slot->entry, entry, "clear accessed");
	/* With its entry in the TLB, the CPU would use the page without setting the bit. */
	page_flush(as, va);
	return true;
}

/* ---- struct replacement_env ---- */

static void clear_entry(void *ctx, struct aspace *as, uint64_t va, const struct pt_slot *slot)
{
	if (slot->kind == PT_LEAF)
		*(bool *)ctx |= page_accessed(as, va, slot, true);
}

/* A frame of the list can be the kernel's by now, a part of a stack. Its accessed bit must stay: without hardware support for it a
 * switch to that stack would fault. */
static bool is_resident(void *ctx, uint32_t page)
{
	const struct frame *f = &frame_db.record[page];

	(void)ctx;
	return f->refs && f->maps && f->owner && !frame_is_object(f) && !rmap_is_family(&kernel_aspace, f);
}

static bool is_used(void *ctx, uint32_t page)
{
	bool used = false;

	if (!is_resident(ctx, page))
		return false;
	page_each_entry(&frame_db.record[page], clear_entry, &used);
	replace_counts.tests++;
	replace_counts.accessed += used;
	return used;
}

/* A write gives up the slot, so a frame with a slot is clean. */
static bool is_dirty(void *ctx, uint32_t page)
{
	const struct frame *f = &frame_db.record[page];

	(void)ctx;
	return !frame_slot(f) || f->stale;
}

static const struct replacement_env frames_env = { .used = is_used, .dirty = is_dirty, .resident = is_resident };

/* ---- the policy ---- */

/* pageout.h: a fault stored the first PTE of an anonymous frame. */
static void add_frame(struct frame *f)
{
	replacement_add(&frames_in_use, frame_index(f));
	replace_counts.loads++;
}

static err_t allocate(void)
{
	frames_in_use = (struct replacement){ .env = &frames_env, .pages = frame_db.count, .window = WINDOW };
	frames_in_use.page = kvzalloc(((uint64_t)frame_db.count + POLICY_LISTS) * sizeof(struct policy_page), "replacement policy");
	return frames_in_use.page ? OK : ERR_NO_MEMORY;
}

static void add_mapped_frames(void)
{
	for (uint32_t i = 0; i < frame_db.count; i++)
		if (is_resident(NULL, i))
			replacement_add(&frames_in_use, i);
}

err_t replace_select(const struct policy *policy)
{
	if (frames_in_use.page) {
		replacement_change(&frames_in_use, policy);
	} else {
		err_t err = allocate();

		if (err != OK)
			return err;
		replacement_start(&frames_in_use, policy);
		add_mapped_frames();
		page_mapped = add_frame;
	}
	replace_counts = (struct replace_counts){ 0 };
	replace_count_resident();
	return OK;
}

const struct policy *replace_policy(void)
{
	return frames_in_use.policy;
}

void replace_count_resident(void)
{
	for (uint32_t i = 0; frames_in_use.page && i < frames_in_use.pages; i++)
		if (!is_resident(NULL, i))
			replacement_remove(&frames_in_use, i);
	replace_counts.resident = frames_in_use.resident;
}

void replace_stop(void)
{
	page_mapped = NULL;
	kvfree(frames_in_use.page);
	frames_in_use = (struct replacement){ 0 };
}

void replace_keep_young(const struct frame *f)
{
	if (frames_in_use.page)
		frames_in_use.page[frame_index(f)].young = true;
}

/* ---- eviction ---- */

struct place_of_page { struct aspace *as; uint64_t va; };

static void find_leaf(void *ctx, struct aspace *as, uint64_t va, const struct pt_slot *slot)
{
	if (slot->kind == PT_LEAF)
		*(struct place_of_page *)ctx = (struct place_of_page){ as, va };
}

static bool evict_victim(uint32_t page)
{
	struct place_of_page place = { NULL, 0 };

	page_each_entry(&frame_db.record[page], find_leaf, &place);
	if (place.as && place.as != &kernel_aspace && evict_page(place.as, place.va) == OK)
		return true;
	replacement_add(&frames_in_use, page);
	return false;
}

static void sample(void)
{
	uint32_t now = replace_timer;

	if (now - last_sample < REPLACE_SAMPLE)
		return;
	last_sample = now;
	replace_counts.samples++;
	replacement_tick(&frames_in_use);
}

unsigned replace_evict(unsigned n)
{
	unsigned done = 0, refused = 0;

	if (!frames_in_use.page)
		return 0;
	sample();
	while (done < n && refused < REFUSALS_MOST) {
		uint32_t page = replacement_victim(&frames_in_use);

		if (page == POLICY_NIL)
			break;
		if (evict_victim(page))
			done++;
		else
			refused++;
	}
	replace_counts.victims += done;
	replace_counts.refused += refused;
	return done;
}
