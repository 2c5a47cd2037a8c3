/* shell/live/map.c - single pages by hand: map, unmap, protect, always with the flush.
 * SPDX-License-Identifier: MIT
 *
 * Each page is a VMA of one guarded page in the vmalloc range, so that vmalloc() does not use the address. A frame with an
 * owner gets one more reference while it is mapped here.
 */
#include "arch/mmu.h"
#include "lib/string.h"
#include "mm/space/fault.h"
#include "mm/space/tlb.h"
#include "shell/command.h"

#define NAME "map"
#define HELD 1u      /* in vma.offset, beside the physical address: a reference is to be put */

/* A letter each: r w x and what else a mapping can be; '-' is nothing, as in rw-. */
static const struct { char letter; prot_t prot; } letters[] = {
	{ 'r', PROT_R }, { 'w', PROT_W }, { 'x', PROT_X }, { 'u', PROT_U }, { 'g', PROT_GLOBAL }, { 'n', CACHE_UC },
	{ 't', CACHE_WT }, { '-', 0 },
};

/* Sets *prot to the rights of the letters in s. False: an unknown letter, or no r. Prints nothing. */
static bool parse_prot(const char *s, prot_t *prot)
{
	*prot = 0;
	for (; *s; s++) {
		unsigned i = 0;

		while (i < ARRAY_LEN(letters) && letters[i].letter != *s)
			i++;
		if (i == ARRAY_LEN(letters))
			return false;
		*prot |= letters[i].prot;
	}
	/* The tables of x86 have no page that cannot be read. */
	return *prot & PROT_R;
}

#define PROT_HELP "invalid PROT: use letters of rwxugnt, including r"

/* Requires argument i to be page-aligned and in [VMALLOC_START, VMALLOC_END). False: an error was printed. */
static bool page_argument(struct call *c, unsigned i)
{
	uint64_t va = c->arg[i].value;

	if (va & PAGE_MASK)
		call_fail(c, i, "not the start of a page");
	else if (va < VMALLOC_START || va >= VMALLOC_END)
		call_fail(c, i, "VA is not in the vmalloc range %llx-%llx", (unsigned long long)VMALLOC_START,
		          (unsigned long long)VMALLOC_END - 1);
	else
		return true;
	return false;
}

/* The VMA that map created there; NULL: an error was printed. */
static struct vma *mapped_here(struct call *c, unsigned i)
{
	struct vma *v = vma_find(&kernel_aspace, c->arg[i].value);

	if (v && (v->flags & VMA_GUARD) && !strcmp(v->name, NAME))
		return v;
	call_fail(c, i, v ? "not mapped by map: the page belongs to %s" : "map has mapped nothing there",
	          v ? v->name : "");
	return NULL;
}

/* If the frame is in use, counts one more reference and one more mapping, as for any other entry. */
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

/* The page is in the reference tables; another root has it from its first fault there. */
static void put_hint(struct out *out, uint64_t va)
{
	struct pt_walk w;

	pt_walk(&current_aspace->space, va, &w, NULL, 0);
	if (w.outcome != PT_LEAF)
		out_printf(out, "address space %x (loaded): the first access faults and copies the table entry\n",
		           (unsigned)current_aspace->id);
}

static void map(struct call *c)
{
	uint64_t va = c->arg[0].value;
	paddr_t pa = PADDR(c->arg[1].value);
	struct vma *v;
	prot_t prot;
	err_t err;

	if (!page_argument(c, 0))
		return;
	if (pa.v & PAGE_MASK) {
		call_fail(c, 1, "not the start of a frame");
		return;
	}
	if (!parse_prot(c->arg[2].text, &prot)) {
		call_fail(c, 2, PROT_HELP);
		return;
	}
	err = vma_add(&kernel_aspace, va, PAGE_SIZE, prot, VMA_GUARD, NULL, NULL, pa.v, NAME, &v);
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

static void unmap(struct call *c)
{
	struct tlb_batch b;
	struct vma *v;
	uint64_t offset;
	err_t err;

	if (!page_argument(c, 0))
		return;
	v = mapped_here(c, 0);
	if (!v)
		return;
	offset = v->offset;
	tlb_begin(&b, &kernel_aspace);
	err = pt_unmap(&kernel_aspace.space, v->first, PAGE_SIZE, &(struct pt_change){ tlb_change, &b, "unmap" });
	tlb_finish(&b);
	vma_remove(v);
	/* After the flush only: until then the page was still reachable. */
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

static void protect(struct call *c)
{
	struct tlb_batch b;
	struct vma *v;
	prot_t prot;
	err_t err;

	if (!page_argument(c, 0))
		return;
	if (!parse_prot(c->arg[1].text, &prot)) {
		call_fail(c, 1, PROT_HELP);
		return;
	}
	v = mapped_here(c, 0);
	if (!v)
		return;
	tlb_begin(&b, &kernel_aspace);
	err = pt_protect(&kernel_aspace.space, v->first, PAGE_SIZE, prot, &(struct pt_change){ tlb_change, &b, "protect" });
	tlb_finish(&b);
	if (err != OK) {
		call_fail(c, 0, "%s", err_text(err));
		return;
	}
	v->prot = prot;
	out_printf(c->out, "%llx is %s\n", (unsigned long long)v->first, c->arg[1].text);
}
COMMAND(protect) = {
	.name = "protect", .schema = "aw", .synopsis = "protect VA PROT", .run = protect,
	.what = "change the rights of a page mapped by map",
	.help = "  kd> protect {virtual} r\n  PROT as for map. setpte changes any entry.\n"
	        "  Windows: VirtualProtect   Linux: mprotect, set_memory_ro\n",
};
