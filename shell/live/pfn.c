/* shell/live/pfn.c - pfn: the record of one frame of the frame database.
 * SPDX-License-Identifier: MIT
 *
 * FRAME is a physical address divided by the page size, as pte prints it. "at address" is the kernel
 * address of the record (struct frame). Reference count, map count, state and owner are those of
 * mm/phys/frame.h; `fsck` compares them with the tables. flink and blink are frame numbers, of a frame on the modified or the
 * standby list; otherwise WinDbg prints the share count in place of blink: the PTEs that map the frame.
 * WinDbg: !pfn. Linux: /proc/kpageflags, /proc/kpagecount; crash: kmem -p.
 */
#include "arch/mmu.h"
#include "inspect/target.h"
#include "mm/mm.h"
#include "mm/phys/direct.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/slots.h"
#include "mm/space/pageout.h"
#include "shell/command.h"

/* The owner field: 0, a page of an object (bit 0 set), or the number of an address space above OWNER_ID_SHIFT
 * and an address below it (mm/space/rmap.h). */
static void put_owner(struct out *out, const struct frame *f)
{
	if (f->owner == 0)
		out_puts(out, "owner none");
	else if (object_of(f))
		out_printf(out, "owner object %llx, page %llx", (unsigned long long)(uintptr_t)object_of(f),
		           (unsigned long long)owner_index(f));
	else if (frame_is_object(f))
		out_puts(out, f->owner == OWNER_ZERO ? "owner object: the zero frame" : "owner object: freed");
	else
		out_printf(out, "owner space %x at %llx", (unsigned)(f->owner >> OWNER_ID_SHIFT),
		           (unsigned long long)(f->owner & (((uint64_t)1 << OWNER_ID_SHIFT) - 1)));
}

/* ---- the entry that names the frame, in WinDbg's form ---- */

struct named { uint64_t at; paddr_t pa; uint8_t protect; };

/* The PTE or transition entry of the first address space that has one: at its self-map address, as in WinDbg, if there is one. */
static void note_entry(void *ctx, struct aspace *as, uint64_t va, const struct pt_slot *slot)
{
	const struct vma *v = vma_find(as, va);
	struct named *n = ctx;

	if (n->at)
		return;
	n->pa = slot->entry_pa;
	n->at = arch_selfmap_base() ? pt_selfmap_entry(as->space.half[0].mode, arch_selfmap_base(), va, 0) :
	                              (uintptr_t)phys_to_virt(slot->entry_pa);
	n->protect = v ? pageout_protect(v->prot) : 0;
}

/* A page of an object is named by its prototype entry. */
static struct named entry_of(const struct frame *f)
{
	const struct object *o = object_of(f);
	struct named n = { .at = 0 };

	if (!o) {
		page_each_entry(f, note_entry, &n);
		return n;
	}
	n.at = (uintptr_t)object_entry_at(o, owner_index(f));
	n.pa = virt_to_phys(object_entry_at(o, owner_index(f)));
	n.protect = pageout_protect(PROT_R | PROT_W);
	return n;
}

/* What the entry becomes when the frame is used for another page. */
static pte_t restore_entry(const struct frame *f, const struct named *n)
{
	struct pt_soft soft = { .kind = SOFT_DEMAND_ZERO, .protect = n->protect };
	uint32_t slot = f->stale ? 0 : frame_slot(f);
	pte_t entry;

	if (page_is_filed(f))
		return object_empty(object_of(f));
	if (slot)
		soft = (struct pt_soft){ .kind = SOFT_PAGEFILE, .file = (uint8_t)slot_file(slot), .offset = slot_offset(slot),
		                         .protect = n->protect };
	return n->at && pt_soft_encode(arch_pt_mode(), &soft, &entry) == OK ? entry : PTE(0);
}

/* Links are indices of records; at the end of a list they have a value that no record has. */
static uint64_t number_of(uint32_t index)
{
	return index < frame_db.count ? frame_pfn(&frame_db.record[index]).v : 0;
}

/* A frame on a list has neighbours there. Any other has a share count in the same field of WinDbg's record, as here. */
static void put_links(struct call *c, const struct frame *f, const struct named *n)
{
	out_printf(c->out, "flink %08llX  blink / share count %08llX  pteaddress %0*llX\n",
	           (unsigned long long)(f->listed ? number_of(f->next) : 0),
	           (unsigned long long)(f->listed ? number_of(f->prev) : f->maps),
	           (int)target_va_digits(c->target), (unsigned long long)n->at);
}

/* What the entries of a leaf table count for, and how many address spaces have the table after fork(). */
static void put_table(struct out *out, const struct frame *f)
{
	if (f->use != FRAME_USE_TABLE || !(f->counts.committed || f->counts.softs || f->sharers))
		return;
	out_printf(out, "leaf table of %u address space%s: %u page%s committed, %u not mapped\n",
	           f->sharers ? (unsigned)f->sharers : 1, f->sharers > 1 ? "s" : "",
	           (unsigned)f->counts.committed, f->counts.committed == 1 ? "" : "s",
	           (unsigned)f->counts.softs);
}

/* A frame number of more than 64 - PAGE_SHIFT bits has no physical address, so it is refused before
 * frame_at(). */
static void pfn(struct call *c)
{
	uint64_t n = c->arg[0].value;
	const struct frame *f = n <= UINT64_MAX >> PAGE_SHIFT ? frame_at(PFN(n)) : NULL;
	struct named entry;

	if (!f) {
		call_fail(c, 0, "no such frame in the frame database");
		return;
	}
	out_printf(c->out, "PFN %08llX at address %0*llX\n", (unsigned long long)n,
	           (int)target_va_digits(c->target), (unsigned long long)(uintptr_t)f);
	entry = entry_of(f);
	put_links(c, f, &entry);
	out_printf(c->out, "reference count %04x  map count %04x  %s%s\n", (unsigned)f->refs, (unsigned)f->maps,
	           frame_state_name((enum frame_state)f->state), f->busy ? ", busy" : "");
	out_printf(c->out, "restore pte %0*llX  containing page %06llX\n", c->target->mode->format->entry_bytes * 2,
	           (unsigned long long)restore_entry(f, &entry).v, (unsigned long long)pfn_of(entry.pa).v);
	put_owner(c->out, f);
	out_printf(c->out, "\nphysical %llx, %s\n", (unsigned long long)pfn_base(PFN(n)).v,
	           frame_is_low(PFN(n)) ? "in the direct map" : "above the direct map");
	put_table(c->out, f);
}
COMMAND(pfn) = {
	.name = "pfn", .schema = "u", .synopsis = "pfn FRAME", .flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = pfn,
	.what = "the record of a frame of physical memory",
	.help = "  kd> pfn {frame}\n  FRAME is a physical address divided by the page size, as pte prints it.\n"
	        "  pteaddress: the entry that names the frame; of a page of a file or section, the prototype entry. restore\n"
	        "  pte: what it becomes when the frame is used for another page. containing page: the frame of that entry.\n"
	        "  leaf table: fork() can give a page table to the child as well, until one changes something below it.\n"
	        "  WinDbg: !pfn   crash: kmem -p   Linux: /proc/kpageflags\n",
};
