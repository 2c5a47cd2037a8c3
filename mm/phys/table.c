/* mm/phys/table.c - stores to consecutive entries of a table.
 * SPDX-License-Identifier: MIT
 */
#include "mm/phys/table.h"
#include "lib/string.h"

uint32_t table_edits;

/* Number of the `left` entries that fit in one journal record. */
static unsigned part_of(unsigned left)
{
	return left < JOURNAL_ROW_MAX ? left : JOURNAL_ROW_MAX;
}

void table_store_row(paddr_t pa, unsigned bytes, const void *new, unsigned count, const char *why)
{
	const char *from = new;

	for (unsigned i = 0, n; i < count; i += n, pa = paddr_add(pa, (uint64_t)n * bytes)) {
		void *at = phys_to_virt(pa);

		n = part_of(count - i);
		journal_add_row(pa, bytes, at, from, n, why);
		arch_entries_store(at, bytes, from, n);
		from += from ? n * bytes : 0;
	}
}

void table_store_empty(paddr_t pa, unsigned bytes, const void *new, unsigned count, const char *why)
{
	journal_add_row(pa, bytes, NULL, new, count, why);
	arch_entries_store(phys_to_virt(pa), bytes, new, count);
}

void table_fill_row(paddr_t pa, unsigned bytes, const void *new, unsigned count, bool was_empty, const char *why)
{
	const char *from = new;

	for (unsigned i = 0, n; i < count; i += n, pa = paddr_add(pa, (uint64_t)n * bytes)) {
		void *at = phys_to_virt(pa);

		n = part_of(count - i);
		journal_add_row(pa, bytes, was_empty ? NULL : at, from, n, why);
		if (from)
			memcpy(at, from, (size_t)n * bytes);
		else
			memset(at, 0, (size_t)n * bytes);
		from += from ? n * bytes : 0;
	}
}

void table_patch(paddr_t pa, unsigned bytes, const void *from, unsigned n)
{
	const char *p = from;

	while (n > 0) {
		unsigned offset = (unsigned)pa.v & (bytes - 1), part = bytes - offset < n ? bytes - offset : n;
		paddr_t at = PADDR(pa.v - offset);
		pte_t old = pt_entry_at(phys_to_virt(at), bytes), new = old;

		memcpy((char *)&new.v + offset, p, part);
		if (new.v != old.v) {
			table_store(at, bytes, old, new, "edit");
			table_edits++;
		}
		pa = paddr_add(pa, part);
		p += part;
		n -= part;
	}
}
