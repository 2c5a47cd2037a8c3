/* tests/host/inspect/renamed.h - with RENAMED, every format of a test is a copy under another name.
 * SPDX-License-Identifier: MIT
 *
 * The same tests are built twice: what they expect does not depend on a format's name.
 */
#pragma once
#include "paging/format.h"

#ifdef RENAMED
/* The order is that of pt_formats[]. */
enum { COPY_LEGACY, COPY_PAE, COPY_X64, COPY_LA57, COPY_SHORT, COPY_LPAE, COPY_A64, COPIES };
extern struct pt_format format_copy[COPIES];
#define pt_legacy (format_copy[COPY_LEGACY])
#define pt_pae    (format_copy[COPY_PAE])
#define pt_x64    (format_copy[COPY_X64])
#define pt_la57   (format_copy[COPY_LA57])
#define pt_short  (format_copy[COPY_SHORT])
#define pt_lpae   (format_copy[COPY_LPAE])
#define pt_a64    (format_copy[COPY_A64])
#endif

/* The format that a test is to use for one of that name; NULL: there is none. */
const struct pt_format *format_for_test(const char *name);
