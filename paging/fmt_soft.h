/* paging/fmt_soft.h - not-present entries: the layout that all formats share but for two shifts; for fmt_*.c alone.
 * SPDX-License-Identifier: MIT
 *
 *    63 / 31   offset_shift        12   11    10   9     5  4       file_shift  0
 *   +-------------------------+--------+-----+-----+-------+-----------------+---+
 *   | page-file offset        |  ...   |trans|proto|protect| page-file number| 0 |
 *   +-------------------------+--------+-----+-----+-------+-----------------+---+
 *   a transition entry has its frame from bit 12 up instead of the offset
 *
 * x86: file bits 4:1, offset 63:32, or 31:12 in 32-bit entries. ARMv7 short: type bits 1:0 must both be
 * zero, so file bits 4:2. No hardware reads any of it.
 */
#pragma once
#include "paging/format.h"

struct soft_layout {
	uint8_t entry_bits;    /* 32 or 64 */
	uint8_t offset_shift;
	uint8_t file_shift, file_bits;
};

extern const struct soft_layout soft_layout_64, soft_layout_32, soft_layout_short;

void soft_layout_decode(const struct soft_layout *layout, pte_t pte, struct pt_soft *out);
/* ERR_RANGE: a field is too narrow. ERR_INVALID: the entry would read as zero or as another kind. */
MUST_USE err_t soft_layout_encode(const struct soft_layout *layout, const struct pt_soft *soft, pte_t *out);
