/* shell/live/map.c - map and unmap: one kernel page by hand, with the flush, and its inverse.
 * SPDX-License-Identifier: MIT
 *
 * The page is a VMA of one page with VMA_GUARD in the vmalloc range, so that vmalloc() does not use
 * the address and a fault in it stays an error. The frame may be RAM in use, or no RAM at all
 * (device registers). A frame in use gets one more reference and one more mapping, so that it
 * outlives its owner's free and `fsck` stays clean. The entry is written in the reference tables;
 * other roots get it by a fault.
 * Linux: vmap() and vunmap(). WinDbg: none.
 */
#include "mm/space/tlb.h"
#include "shell/command.h"
#include "shell/live/map_page.h"

/* In vma.offset, next to the page-aligned physical address: a reference is to be dropped by unmap. */
#define HELD 1u

/* If the frame is in use, counts one more reference and one more mapping, as for any other entry. A
 * free frame gets none: only the allocator gives the first reference. */
static void hold(struct vma *v)
{
	struct frame *f = frame_at(pfn_of(PADDR(v->offset)));

	if (!f || f->refs == 0 || f->state == FRAME_BAD)
		return;
	frame_get(frame_pfn(f));
	f->maps++;
	v->offset |= HELD;
}

/* Undoes hold(). offset: vma.offset, saved by the caller, since vma_remove() comes first. */
static void let_go(uint64_t offset)
{
	pfn_t pfn = pfn_of(PADDR(offset));

	if (!(offset & HELD))
		return;
	frame_at(pfn)->maps--;
	(void)frame_put(pfn);
}

/* Maps one page in the reference tables. The batch flushes the TLB in tlb_finish(), also after an error. */
static err_t map_page(uint64_t va, paddr_t pa, prot_t prot)
{
	struct tlb_batch b;
	err_t err;

	tlb_begin(&b, &kernel_aspace);
	err = pt_map(&kernel_aspace.space, va, pa, PAGE_SIZE, prot, 0, &(struct pt_change){ tlb_change, &b, "map" });
	tlb_finish(&b);
	return err;
}

/* If this root lacks the table that leads to the page, names the space: the first access through it
 * faults and copies the entry. */
static void put_hint(struct out *out, uint64_t va)
{
	struct pt_walk w;

	pt_walk(&current_aspace->space, va, &w, NULL, 0);
	if (w.outcome != PT_LEAF)
		out_printf(out, "address space %x (loaded): the first access faults and copies the table entry\n",
		           (unsigned)current_aspace->id);
}

/* The VMA comes first: it fails if the page is in use, and then nothing was changed. ERR_RANGE: the
 * entries of the format cannot hold the physical address. */
static void map(struct call *c)
{
	uint64_t va = c->arg[0].value;
	paddr_t pa = PADDR(c->arg[1].value);
	struct vma *v;
	prot_t prot;
	err_t err;

	if (!map_page_argument(c, 0))
		return;
	if (pa.v & PAGE_MASK) {
		call_fail(c, 1, "not the start of a frame");
		return;
	}
	if (!map_parse_prot(c->arg[2].text, &prot)) {
		call_fail(c, 2, MAP_PROT_HELP);
		return;
	}
	err = vma_add(&kernel_aspace, va, PAGE_SIZE, prot, VMA_GUARD, NULL, NULL, pa.v, MAP_NAME, &v);
	if (err == OK) {
		err = map_page(va, pa, prot);
		if (err != OK)
			vma_remove(v);
	}
	if (err != OK) {
		call_fail(c, err == ERR_RANGE ? 1 : 0, "%s", err_text(err));
		return;
	}
	hold(v);
	out_printf(c->out, "%llx -> %llx\n", (unsigned long long)va, (unsigned long long)pa.v);
	put_hint(c->out, va);
}
COMMAND(map) = {
	.name = "map", .schema = "auw", .synopsis = "map VA PA PROT", .run = map,
	.what = "map the kernel page at VA to the frame at physical address PA",
	.help = "  kd> map {virtual} {device} rwn\n"
	        "  PROT: letters of r (read, required), w (write), x (execute), u (user), g (global), n (not cached),\n"
	        "  t (write-through). VA must be in the vmalloc range (see address). The frame may be in use elsewhere.\n"
	        "  Linux: vmap   WinDbg: none\n",
};

/* The order counts: entry, flush, VMA, then the frame's reference. Until the flush, the page was
 * still reachable through the TLB, and a freed frame could already have a new owner. */
static void unmap(struct call *c)
{
	struct tlb_batch b;
	struct vma *v;
	uint64_t offset;
	err_t err;

	if (!map_page_argument(c, 0))
		return;
	v = map_page_at(c, 0);
	if (!v)
		return;
	offset = v->offset;
	tlb_begin(&b, &kernel_aspace);
	err = pt_unmap(&kernel_aspace.space, v->first, PAGE_SIZE, &(struct pt_change){ tlb_change, &b, "unmap" });
	tlb_finish(&b);
	vma_remove(v);
	let_go(offset);
	c->failed = err != OK;
	out_printf(c->out, "%llx is unmapped%s%s\n", (unsigned long long)c->arg[0].value, err == OK ? "" : ": ",
	           err == OK ? "" : err_text(err));
}
COMMAND(unmap) = {
	.name = "unmap", .schema = "a", .synopsis = "unmap VA", .run = unmap,
	.what = "remove a page mapped by map",
	.help = "  kd> unmap {virtual}\n  Clears the entry, flushes the TLB, then drops the reference to the frame.\n"
	        "  Linux: vunmap\n",
};
