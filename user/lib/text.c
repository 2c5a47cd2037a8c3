/* user/lib/text.c - text out, numbers in.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

int printf(const char *fmt, ...)
{
	char line[512];
	struct out_buf buf;
	va_list ap;
	int n;

	out_buf_init(&buf, line, sizeof(line));
	va_start(ap, fmt);
	n = out_vprintf(&buf.out, fmt, ap);
	va_end(ap);
	write(1, line, strlen(line));
	return n;
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : 99;
}

bool number(const char *s, uintptr_t *value)
{
	int base = s[0] == '0' && s[1] == 'x' ? 16 : 10;

	if (base == 16)
		s += 2;
	*value = 0;
	for (const char *c = s; *c; c++) {
		if (digit(*c) >= base)
			return false;
		*value = *value * (uintptr_t)base + (uintptr_t)digit(*c);
	}
	return *s != '\0';
}

uintptr_t argument(int argc, char **argv, int i, uintptr_t otherwise)
{
	uintptr_t value = otherwise;

	if (i < argc && !number(argv[i], &value)) {
		printf("%s: %s is no number\n", argv[0], argv[i]);
		exit(1);
	}
	return value;
}
