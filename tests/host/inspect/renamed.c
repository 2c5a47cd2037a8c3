/* tests/host/inspect/renamed.c - copies of all formats under other names, or the formats themselves.
 * SPDX-License-Identifier: MIT
 */
#include "paging/format.h"

#ifdef RENAMED
#include <stdio.h>
#include <stdlib.h>

#define COPIES 28

struct pt_format format_copy[COPIES];
static char names[COPIES][12];

/* Before main(): tests name the copies in tables of constants. */
static void __attribute__((constructor)) copy_all(void)
{
	unsigned n = 0;

	for (; pt_formats[n]; n++) {
		if (n == COPIES)
			abort();
		format_copy[n] = *pt_formats[n];
		snprintf(names[n], sizeof(names[n]), "copy%u", n);
		format_copy[n].name = names[n];
	}
	if (n != COPIES)
		abort();
}
#endif

const struct pt_format *format_for_test(const char *name)
{
	const struct pt_format *format = pt_format_by_name(name);

#ifdef RENAMED
	for (unsigned i = 0; i < COPIES; i++)
		if (pt_formats[i] == format)
			return &format_copy[i];
#endif
	return format;
}
