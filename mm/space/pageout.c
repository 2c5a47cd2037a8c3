/* mm/space/pageout.c - software entries that name a page.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/pageout.h"
#include "mm/phys/table.h"
#include "mm/space/entries.h"
#include "mm/space/rmap.h"
#include "paging/bulk.h"
#include "paging/soft.h"

const struct pageout_ops *pageout;
void (*page_mapped)(struct frame *f);

bool pageout_names_page(const struct pt_mode *mode, pte_t entry)
{
	struct pt_soft soft;

	if (mode->format->kind(mode, 0, entry) != PT_SOFT)
		return false;
	pt_soft_decode(mode, entry, &soft);
	return soft.kind == SOFT_PAGEFILE || soft.kind == SOFT_TRANSITION;
}

uint8_t pageout_protect(prot_t prot)
{
	/* MM_READONLY 1, MM_EXECUTE_READ 3, MM_READWRITE 4, MM_EXECUTE_READWRITE 6, MM_NOACCESS 18 (hexadecimal) */
	if (!(prot & PROT_R))
		return 0x18;
	if (prot & PROT_W)
		return prot & PROT_X ? 6 : 4;
	return prot & PROT_X ? 3 : 1;
}

static void protect_row(struct vma *v, char *at, paddr_t pa, unsigned n)
{
	const struct pt_mode *mode = v->as->space.half[0].mode;
	unsigned bytes = mode->format->entry_bytes;

	for (unsigned i = 0; i < n; i++) {
		pte_t old = pt_load(at, bytes, i), new;
		struct pt_soft soft;

		if (mode->format->kind(mode, 0, old) != PT_SOFT)
			continue;
		pt_soft_decode(mode, old, &soft);
		if (!pt_soft_has(mode->format, pt_soft_in(&soft), SOFT_PROTECT))
			continue;
		soft.protect = pageout_protect(v->prot);
		if (pt_soft_encode(mode, &soft, &new) == OK)
			table_store(paddr_add(pa, (uint64_t)i * bytes), bytes, old, new, "protect");
	}
}

void pageout_protect_entries(struct vma *v, uint64_t first, uint64_t len)
{
	unsigned bytes = v->as->space.half[0].mode->format->entry_bytes, n;
	struct entries_part p = { .next = first };

	while (entries_part(&v->as->space, first + (len - 1), &p)) {
		bool may_have = counts_at(v->as, p.pa)->softs || v->as->has_prototypes;
		char *at = may_have ? entries_at(p.pa) : NULL;

		for (unsigned i = 0; at && (n = pte_batch(p.pa, &i, p.count)) > 0; i += n)
			protect_row(v, at + i * bytes, paddr_add(p.pa, (uint64_t)i * bytes), n);
	}
}
