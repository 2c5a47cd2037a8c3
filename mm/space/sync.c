/* mm/space/sync.c - copies entries of the kernel's half from the reference to an address space.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/sync.h"
#include "mm/phys/table.h"

static void keep_kernel_entry(struct aspace *as, vaddr_t va, const struct pt_slot *own)
{
	vaddr_t bytes = (vaddr_t)pt_level_size(as->space.half[0].mode->format, own->level);

	as->kernel_half = (struct kernel_entry){ ALIGN_DOWN(va, bytes), bytes, phys_to_virt(own->entry_pa), own->entry };
}

enum sync sync_kernel_entry_slow(struct aspace *as, vaddr_t va, struct pt_slot *own, pte_t *copied)
{
	const struct pt_format *format = as->space.half[0].mode->format;
	struct pt_slot reference;

	if (pt_lookup(&kernel_aspace.space, va, format->shared_level, &reference) != OK ||
	    pt_lookup(&as->space, va, format->shared_level, own) != OK)
		return SYNC_NOTHING;
	if (own->kind == PT_TABLE) {
		keep_kernel_entry(as, va, own);
		return SYNC_SAME;
	}
	if (reference.level != own->level || own->entry.v || reference.kind != PT_TABLE)
		return SYNC_NOTHING;
	table_store(own->entry_pa, format->entry_bytes, own->entry, reference.entry, "sync");
	as->synced++;
	*copied = reference.entry;
	return SYNC_COPIED;
}
