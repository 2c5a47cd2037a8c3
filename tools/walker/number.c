/* tools/walker/number.c - the numbers of settings.
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>

#include "tools/walker/number.h"

bool parse_number(const char *text, unsigned base, uint64_t *value)
{
	uint64_t v = 0;
	unsigned digits = 0;

	if (base == 16 && text[0] == '0' && (text[1] | 0x20) == 'x')
		text += 2;
	for (; *text; text++) {
		unsigned digit = (unsigned)(isdigit((unsigned char)*text) ? *text - '0' : (*text | 0x20) - 'a' + 10);

		if (*text == '`' && digits)
			continue;
		if (!isxdigit((unsigned char)*text) || digit >= base || v > (UINT64_MAX - digit) / base)
			return false;
		v = v * base + digit;
		digits++;
	}
	*value = v;
	return digits > 0;
}
