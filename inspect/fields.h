/* inspect/fields.h - an entry as named bit-fields: WinDbg's dt, and look-ups for the other renderers.
 * SPDX-License-Identifier: MIT
 *
 * Names and places are those of the format's field table; where software keeps what in an entry that is not
 * present is asked of the format's encoder, so that no bit is known here.
 */
#pragma once
#include "inspect/target.h"
#include "paging/field.h"

enum dt_type { DT_HARDWARE, DT_SOFTWARE, DT_TRANSITION, DT_PROTOTYPE };

/* The word with one bit made so: for asking a format what the bit means. */
pte_t field_with_bit(pte_t pte, unsigned bit, bool set);

/* dt TYPE [MEMBER] [ADDRESS]. type: _MMPTE (member "u" or "u.Hard" and kin), _MMPTE_HARDWARE, _MMPTE_SOFTWARE,
 * _MMPTE_TRANSITION, _MMPTE_PROTOTYPE, with or without nt!, in any case. member NULL or "": all. address NULL: the
 * layout instead of values. ERR_NOT_FOUND: no such type or member, nothing was printed. ERR_IO: the
 * address could not be read, a line says so. */
err_t windbg_dt(struct out *out, const struct target *t, const char *type, const char *member,
                const uint64_t *address);
/* The lines of one entry, of which the level is known, without the type's name. */
void windbg_dt_entry(struct out *out, const struct target *t, enum dt_type type, unsigned level, pte_t pte);
