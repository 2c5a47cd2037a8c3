/* inspect/fields.h - entries as named bit fields: WinDbg's dt, and the reserved bits of an entry.
 * SPDX-License-Identifier: MIT
 *
 * Names and positions come from the format: `field` for present entries, `soft` for software entries.
 */
#pragma once
#include "inspect/target.h"
#include "paging/field.h"

enum dt_type { DT_HARDWARE, DT_SOFTWARE, DT_TRANSITION, DT_PROTOTYPE };

/* Returns `pte` with one bit set or cleared, to test what the bit means in a format. */
pte_t field_with_bit(pte_t pte, unsigned bit, bool set);

/* True if every bit of the field is reserved at this level: rights in PAE's top entries, NX with NXE off. The test uses entries
 * of frame 0, so that a page-size bit alone does not make one misaligned. */
bool field_is_reserved(const struct pt_mode *mode, unsigned level, const struct pt_field *field);
/* The set bits of a bad entry that must be zero. */
uint64_t entry_reserved_bits(const struct pt_mode *mode, unsigned level, pte_t pte);

/* dt TYPE [MEMBER] [ADDRESS]. type: _MMPTE (member "u", "u.Hard" ... "u.Proto"), _MMPTE_HARDWARE, _MMPTE_SOFTWARE,
 * _MMPTE_TRANSITION, _MMPTE_PROTOTYPE, with or without nt!, in any case. member NULL or "": all. address NULL: the
 * layout instead of values. ERR_NOT_FOUND: no such type or member, nothing was printed. ERR_IO: the
 * address could not be read; a message was printed. */
err_t windbg_dt(struct out *out, const struct target *t, const char *type, const char *member,
                const uint64_t *address);
/* Prints one entry of a known level, without the line of the type's name. */
void windbg_dt_entry(struct out *out, const struct target *t, enum dt_type type, unsigned level, pte_t pte);
