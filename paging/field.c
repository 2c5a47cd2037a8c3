/* paging/field.c - the bit-fields of an entry by name.
 * SPDX-License-Identifier: MIT
 */
#include "paging/field.h"
#include "lib/string.h"

bool field_applies(const struct pt_field *field, unsigned level, unsigned form)
{
	return field->width > 0 && (field->levels >> level & 1) && (field->forms & form) &&
	       !(field->forms & PT_FIELD_LETTER);
}

const struct pt_field *field_find(const struct pt_format *f, unsigned level, unsigned form, const char *name)
{
	for (unsigned i = 0; i < f->field_count; i++)
		if (field_applies(&f->fields[i], level, form) && !strcmp(f->fields[i].name, name))
			return &f->fields[i];
	return NULL;
}

uint64_t field_mask(const struct pt_field *field)
{
	return (field->width >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << field->width) - 1) << field->lsb;
}

uint64_t field_value(const struct pt_field *field, pte_t pte)
{
	return (pte.v & field_mask(field)) >> field->lsb;
}
