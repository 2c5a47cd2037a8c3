/* shell/live/frames.c - physical memory: runs, frames, what they are used for.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/target.h"
#include "mm/mm.h"
#include "mm/phys/heap.h"
#include "mm/space/fault.h"
#include "mm/space/rmap.h"
#include "shell/command.h"

#define KIB_PER_FRAME (PAGE_SIZE >> 10)

static unsigned long long kib(uint64_t bytes)
{
	return bytes >> 10;
}

static void runs(struct call *c)
{
	for (unsigned i = 0; i < mm_ram.n; i++)
		out_printf(c->out, "%016llx-%016llx  %8llu KiB\n", (unsigned long long)mm_ram.run[i].base.v,
		           (unsigned long long)(mm_ram.run[i].base.v + mm_ram.run[i].len - 1), kib(mm_ram.run[i].len));
	out_printf(c->out, "%llu KiB usable\n", kib(memmap_bytes(&mm_ram)));
	if (mm_ram.beyond)
		out_printf(c->out, "%llu KiB above the physical addresses of this mode\n", kib(mm_ram.beyond));
	if (mm_ram.dropped)
		out_printf(c->out, "%llu KiB not used: the memory map is too fragmented\n", kib(mm_ram.dropped));
}
COMMAND(runs) = {
	.name = "runs", .aliases = "physmem", .schema = "", .synopsis = "runs",
	.flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = runs,
	.what = "physical memory, as runs of usable RAM",
	.help = "  kd> runs\n"
	        "  With 4 GiB or more, RAM continues above 4 GiB, after the hole for devices: physical addresses are then\n"
	        "  larger than the amount of RAM.\n"
	        "  Linux: /proc/iomem   QEMU: info mtree -f\n",
};

static void put_count(struct out *out, const char *name, uint64_t frames)
{
	out_printf(out, "%18s: %7llu (%9llu kb)\n", name, (unsigned long long)frames,
	           (unsigned long long)frames * KIB_PER_FRAME);
}

/* Same columns as !memusage of WinDbg: frames, then KiB. Bad frames are not in the total. */
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
		           (unsigned)as->id, as->name, (unsigned long long)as->committed, (unsigned long long)as->synced);
	}
	out_printf(c->out, "heap: %u objects, %llu bytes, %u frames\n", (unsigned)heap.objects,
	           (unsigned long long)heap.bytes, (unsigned)(heap.slab_frames + heap.run_frames));
	out_printf(c->out, "zero frame: %llx, %s\n", (unsigned long long)zero_frame.v,
	           zero_frame_check() ? zero_frame_check() : "all zero");
}
COMMAND(memusage) = {
	.name = "memusage", .schema = "", .synopsis = "memusage", .flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = memusage,
	.what = "the use of physical memory",
	.help = "  kd> memusage\n"
	        "  Frames by state, then the frames of address spaces and of the heap. Bad frames are holes between the runs;\n"
	        "  the total does not include them.\n"
	        "  WinDbg: !memusage   crash: kmem -i   Linux: /proc/meminfo\n",
};

/* The owner field: 0, an object, or the number of an address space above OWNER_ID_SHIFT and an address below it. */
static void put_owner(struct out *out, const struct frame *f)
{
	if (f->owner == 0)
		out_puts(out, "owner none");
	else if (frame_is_object(f))
		out_printf(out, "owner object %llx", (unsigned long long)(f->owner & ~(uint64_t)OWNER_OBJECT));
	else
		out_printf(out, "owner space %x at %llx", (unsigned)(f->owner >> OWNER_ID_SHIFT),
		           (unsigned long long)(f->owner & (((uint64_t)1 << OWNER_ID_SHIFT) - 1)));
}

static void pfn(struct call *c)
{
	uint64_t n = c->arg[0].value;
	const struct frame *f = n <= UINT64_MAX >> PAGE_SHIFT ? frame_at(PFN(n)) : NULL;

	if (!f) {
		call_fail(c, 0, "no such frame in the frame database");
		return;
	}
	out_printf(c->out, "PFN %08llX at address %0*llX\n", (unsigned long long)n,
	           (int)target_va_digits(c->target), (unsigned long long)(uintptr_t)f);
	out_printf(c->out, "physical %llx, %s\n", (unsigned long long)pfn_base(PFN(n)).v,
	           frame_is_low(PFN(n)) ? "in the direct map" : "above the direct map");
	out_printf(c->out, "reference count %04x  map count %04x  %s%s\n", (unsigned)f->refs, (unsigned)f->maps,
	           frame_state_name((enum frame_state)f->state), f->busy ? ", busy" : "");
	put_owner(c->out, f);
	out_char(c->out, '\n');
}
COMMAND(pfn) = {
	.name = "pfn", .schema = "u", .synopsis = "pfn FRAME", .flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = pfn,
	.what = "the record of a frame of physical memory",
	.help = "  kd> pfn {frame}\n  FRAME is a physical address divided by the page size, as pte prints it.\n"
	        "  WinDbg: !pfn   crash: kmem -p   Linux: /proc/kpageflags\n",
};
