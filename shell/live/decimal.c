/* shell/live/decimal.c - decimal arguments.
 * SPDX-License-Identifier: MIT
 */
#include "shell/live/decimal.h"
#include "lib/cmdline.h"
#include "lib/string.h"

bool call_decimal(const struct call *c, unsigned i, uint64_t *value)
{
	const char *text = c->arg[i].text;

	if (str_starts(text, "0n"))
		text += 2;
	return cmdline_number(&text, value) && !*text;
}
