/* paging/field.h - the bit-fields of an entry by name.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "paging/format.h"

/* The table's field of that name for entries of this level and form (PT_FORM_*); NULL when it has none. */
const struct pt_field *field_find(const struct pt_format *f, unsigned level, unsigned form, const char *name);
/* Does the field belong to such entries, and has it bits at all? */
bool field_applies(const struct pt_field *field, unsigned level, unsigned form);
uint64_t field_mask(const struct pt_field *field);
uint64_t field_value(const struct pt_field *field, pte_t pte);
