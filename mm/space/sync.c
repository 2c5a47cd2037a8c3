/* mm/space/sync.c - copies entries of the kernel's half from the reference to an address space.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/sync.h"
#include "mm/phys/table.h"

enum sync sync_kernel_entry(struct aspace *as, vaddr_t va, struct pt_slot *own, pte_t *copied)
{
	const struct pt_format *format = as->space.half[0].mode->format;
	struct pt_slot reference;

	if (as == &kernel_aspace)
		return SYNC_SAME;
	if (pt_lookup(&kernel_aspace.space, va, format->shared_level, &reference) != OK ||
	    pt_lookup(&as->space, va, format->shared_level, own) != OK)
		return SYNC_NOTHING;
	if (own->kind == PT_TABLE)
		return SYNC_SAME;
	if (reference.level != own->level || own->entry.v || reference.kind != PT_TABLE)
		return SYNC_NOTHING;
	table_store(own->entry_pa, format->entry_bytes, own->entry, reference.entry, "sync");
	as->synced++;
	*copied = reference.entry;
	return SYNC_COPIED;
}
