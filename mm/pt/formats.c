/* mm/pt/formats.c - the list of formats, and the arithmetic that follows from any descriptor.
 * SPDX-License-Identifier: MIT
 */
#include "mm/pt/format.h"
#include "kernel/string.h"

const struct pt_format *const pt_formats[] = { &pt_legacy, &pt_pae, &pt_x64, &pt_la57, NULL };

const struct pt_format *pt_format_by_name(const char *name)
{
	for (const struct pt_format *const *f = pt_formats; *f; f++)
		if (!strcmp((*f)->name, name))
			return *f;
	return NULL;
}

uint64_t pt_va_canonical(const struct pt_mode *mode, uint64_t va)
{
	uint64_t mask = pt_mode_va_mask(mode);
	bool high = va & (mask ^ mask >> 1);

	va &= mask;
	return high && (mode->format->caps & PT_SIGN_EXTEND) ? va | ~mask : va;
}

bool pt_va_valid(const struct pt_mode *mode, uint64_t va)
{
	return pt_va_canonical(mode, va) == va;
}

uint64_t pt_selfmap_entry(const struct pt_mode *mode, uint64_t base, uint64_t va, unsigned level)
{
	const struct pt_format *f = mode->format;

	/* One step for the leaf entry, and one more for each level above it (FACTS A9). */
	for (unsigned l = 0; l <= level; l++)
		va = base + ((va & pt_mode_va_mask(mode)) >> PAGE_SHIFT) * f->entry_bytes;
	return pt_va_canonical(mode, va);
}

void pt_letters(const struct pt_mode *mode, unsigned level, pte_t pte, char *text, size_t size)
{
	const struct pt_format *f = mode->format;

	if (size <= f->letters)
		return;
	memset(text, '-', f->letters);
	text[f->letters] = 0;
	for (unsigned i = 0; i < f->field_count; i++) {
		const struct pt_field *d = &f->fields[i];
		uint64_t mask = ((uint64_t)1 << d->width) - 1;

		if (d->column && (d->levels >> level & 1))
			text[d->column - 1] = pte.v >> d->lsb & mask ? d->set : d->clear;
	}
}
