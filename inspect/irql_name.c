/* inspect/irql_name.c - IRQLs by number and name.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/irql_name.h"
#include "lib/addr.h"
#include "lib/string.h"

/* Numbers are compared as text: hexadecimal, without a prefix or leading zeros. */
static const struct { const char *number, *name; unsigned level; } levels[] = {
	{ "0", "PASSIVE_LEVEL", 0 }, { "1", "APC_LEVEL", 1 },
	{ "2", "DISPATCH_LEVEL", 2 }, { "3", "DEVICE_LEVEL", 3 },
	{ "ff", "HIGH_LEVEL", 0xff },
};

const char *irql_name(uint64_t level)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (levels[i].level == level)
			return levels[i].name;
	return "a level in between";
}

bool irql_named(const char *text, unsigned *level)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (!str_casecmp(text, levels[i].number) || !str_casecmp(text, levels[i].name)) {
			*level = levels[i].level;
			return true;
		}
	return false;
}
