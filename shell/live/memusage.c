/* shell/live/memusage.c - memusage: what physical memory is used for.
 * SPDX-License-Identifier: MIT
 *
 * Three parts: frames by state, as WinDbg's !memusage counts them; a line for each address space;
 * the heap and the zero frame. Frames are 4 KiB; a count is followed by KiB. Numbers are decimal,
 * except those of address spaces and the address of the zero frame.
 * WinDbg: !memusage. Linux: /proc/meminfo; crash: kmem -i.
 */
#include "mm/mm.h"
#include "mm/phys/heap.h"
#include "mm/space/aspace.h"
#include "mm/space/fault.h"
#include "mm/space/object.h"
#include "shell/command.h"

#define KIB_PER_FRAME (PAGE_SIZE >> 10)

/* One line of the first part: the state's name, frames, KiB. */
static void put_count(struct out *out, const char *name, uint64_t frames)
{
	out_printf(out, "%18s: %7llu (%9llu kb)\n", name, (unsigned long long)frames,
	           (unsigned long long)frames * KIB_PER_FRAME);
}

/* Pages of sections and of files by where their prototype entries say that they are. Frames are counted above too. */
static void put_objects(struct out *out)
{
	uint64_t frames[2] = { 0 }, slots = 0;

	for (uint32_t n = 0; n < object_limit(); n++) {
		const struct object *o = object_number(n);

		if (!o)
			continue;
		frames[o->filed] += o->frames;
		slots += o->slots;
	}
	out_printf(out, "sections: %llu pages in memory, %llu in page files; files: %llu pages in memory\n",
	           (unsigned long long)frames[false], (unsigned long long)slots, (unsigned long long)frames[true]);
}

/* TOTAL leaves out bad frames, which are holes between runs of RAM. The zero frame is checked here,
 * because a stray write to it would appear in every untouched page. */
static void memusage(struct call *c)
{
	const struct frame_stats *s = frame_stats();
	struct heap_stats heap;
	uint64_t total = 0;

	for (unsigned i = 0; i < FRAME_STATES; i++) {
		put_count(c->out, frame_state_name((enum frame_state)i), s->state[i]);
		total += i == FRAME_BAD ? 0 : s->state[i];
	}
	put_count(c->out, "TOTAL", total);
	heap_stats(&heap);
	out_puts(c->out, "\n");
	list_for_each(l, &aspaces) {
		const struct aspace *as = container_of(l, struct aspace, link);

		out_printf(c->out, "address space %x (%s): %llu pages committed, %llu kernel entries synced\n",
		           (unsigned)as->id, as->name, (unsigned long long)aspace_counts(as, NULL).committed,
		           (unsigned long long)as->synced);
	}
	put_objects(c->out);
	out_printf(c->out, "heap: %u objects, %llu bytes, %u frames\n", (unsigned)heap.objects,
	           (unsigned long long)heap.bytes, (unsigned)(heap.slab_frames + heap.run_frames));
	out_printf(c->out, "zero frame: %llx, %s\n", (unsigned long long)zero_frame.v,
	           zero_frame_check() ? zero_frame_check() : "all zero");
}
COMMAND(memusage) = {
	.name = "memusage", .schema = "", .synopsis = "memusage", .flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = memusage,
	.what = "the use of physical memory",
	.help = "  kd> memusage\n"
	        "  Frames by state, then the frames of address spaces, the pages of sections and files, and the heap. Bad frames\n"
	        "  are holes between the runs; the total does not include them.\n"
	        "  WinDbg: !memusage   crash: kmem -i   Linux: /proc/meminfo\n",
};
