/* shell/live/protect.c - protect: other rights for a page that `map` mapped.
 * SPDX-License-Identifier: MIT
 *
 * Windows: VirtualProtect. Linux: mprotect, set_memory_ro. Any other entry can be changed with
 * `setpte`.
 */
#include "mm/space/tlb.h"
#include "shell/command.h"
#include "shell/live/map_page.h"

/* Keeps the physical address and the A and D bits of the entry (pt_protect()), and flushes. The VMA
 * gets the new rights after the entry, so that an error leaves both as they were. */
static void protect(struct call *c)
{
	struct tlb_batch b;
	struct vma *v;
	prot_t prot;
	err_t err;

	if (!map_page_argument(c, 0))
		return;
	if (!map_parse_prot(c->arg[1].text, &prot)) {
		call_fail(c, 1, MAP_PROT_HELP);
		return;
	}
	v = map_page_at(c, 0);
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
