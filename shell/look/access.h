/* shell/look/access.h - the letter of an access as an argument: r, w or x.
 * SPDX-License-Identifier: MIT
 *
 * For `predict` and `probe`.
 */
#pragma once
#include "isa/isa.h"
#include "shell/command.h"
#include "lib/string.h"

/* Argument i as an access: r, w or x. False: an error was printed. */
static inline bool call_access(struct call *c, unsigned i, enum access *access)
{
	static const char *const names[] = { [ACCESS_READ] = "r", [ACCESS_WRITE] = "w", [ACCESS_EXECUTE] = "x" };

	for (unsigned n = 0; n < ARRAY_LEN(names); n++)
		if (!strcmp(c->arg[i].text, names[n])) {
			*access = (enum access)n;
			return true;
		}
	call_fail(c, i, "expected r, w or x");
	return false;
}
