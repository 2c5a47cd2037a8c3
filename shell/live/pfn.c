/* shell/live/pfn.c - pfn: the record of one frame of the frame database.
 * SPDX-License-Identifier: MIT
 *
 * FRAME is a physical address divided by the page size, as pte prints it. "at address" is the kernel
 * address of the record (struct frame). Reference count, map count, state and owner are those of
 * mm/phys/frame.h; `fsck` compares them with the tables.
 * WinDbg: !pfn. Linux: /proc/kpageflags, /proc/kpagecount; crash: kmem -p.
 */
#include "inspect/target.h"
#include "mm/mm.h"
#include "mm/space/rmap.h"
#include "shell/command.h"

/* The owner field: 0, an object (bit 0 set), or the number of an address space above OWNER_ID_SHIFT
 * and an address below it (mm/space/rmap.h). */
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

/* A frame number of more than 64 - PAGE_SHIFT bits has no physical address, so it is refused before
 * frame_at(). */
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
