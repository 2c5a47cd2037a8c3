/* tests/host/inspect/renamed.h - with RENAMED, every format of a test is a copy under another name.
 * SPDX-License-Identifier: MIT
 *
 * The same tests are built twice: what they expect does not depend on a format's name.
 */
#pragma once
#include "paging/format.h"

#ifdef RENAMED
/* The order is that of pt_formats[]. */
enum {
	COPY_LEGACY, COPY_PAE, COPY_X64, COPY_LA57, COPY_SHORT, COPY_LPAE, COPY_A64, COPY_A64_16K, COPY_A64_64K,
	COPY_A64_LPA2, COPY_A64_16K_LPA2, COPY_SV32, COPY_SV39, COPY_SV48, COPY_SV57, COPY_NPT, COPY_NPT5, COPY_EPT,
	COPY_EPT5, COPY_SV32X4, COPY_SV39X4, COPY_SV48X4, COPY_SV57X4, COPY_S2_A64, COPY_S2_A64_16K,
	COPY_S2_A64_64K, COPY_S2_A64_LPA2, COPY_S2_A64_16K_LPA2, COPIES,
};
extern struct pt_format format_copy[COPIES];
#define pt_legacy (format_copy[COPY_LEGACY])
#define pt_pae (format_copy[COPY_PAE])
#define pt_x64 (format_copy[COPY_X64])
#define pt_la57 (format_copy[COPY_LA57])
#define pt_short (format_copy[COPY_SHORT])
#define pt_lpae (format_copy[COPY_LPAE])
#define pt_a64 (format_copy[COPY_A64])
#define pt_a64_16k (format_copy[COPY_A64_16K])
#define pt_a64_64k (format_copy[COPY_A64_64K])
#define pt_a64_lpa2 (format_copy[COPY_A64_LPA2])
#define pt_a64_16k_lpa2 (format_copy[COPY_A64_16K_LPA2])
#define pt_sv32 (format_copy[COPY_SV32])
#define pt_sv39 (format_copy[COPY_SV39])
#define pt_sv48 (format_copy[COPY_SV48])
#define pt_sv57 (format_copy[COPY_SV57])
#define pt_npt (format_copy[COPY_NPT])
#define pt_npt5 (format_copy[COPY_NPT5])
#define pt_ept (format_copy[COPY_EPT])
#define pt_ept5 (format_copy[COPY_EPT5])
#define pt_sv32x4 (format_copy[COPY_SV32X4])
#define pt_sv39x4 (format_copy[COPY_SV39X4])
#define pt_sv48x4 (format_copy[COPY_SV48X4])
#define pt_sv57x4 (format_copy[COPY_SV57X4])
#define pt_s2_a64 (format_copy[COPY_S2_A64])
#define pt_s2_a64_16k (format_copy[COPY_S2_A64_16K])
#define pt_s2_a64_64k (format_copy[COPY_S2_A64_64K])
#define pt_s2_a64_lpa2 (format_copy[COPY_S2_A64_LPA2])
#define pt_s2_a64_16k_lpa2 (format_copy[COPY_S2_A64_16K_LPA2])
#endif

/* The format that a test is to use for one of that name; NULL: there is none. */
const struct pt_format *format_for_test(const char *name);
