/* lib/printf.c - formatted text for any struct out, without libc and without 64-bit division.
 * SPDX-License-Identifier: MIT
 *
 * A conversion is parsed into a struct spec, rendered into (prefix, digits) and padded by one
 * function. Meanings: ISO/IEC 9899:2018 7.21.6.1. %p is 0x and hexadecimal digits, NULL too.
 */
#include "lib/addr.h"
#include "lib/out.h"
#include "lib/string.h"

struct spec {
	bool left, zero, plus, space, alt;
	int width;
	int precision;        /* -1: none */
	unsigned bytes;       /* size of the integer argument */
	char conversion;
};

/* va_list can be an array type, whose address as a parameter has another type. */
struct args { va_list ap; };

/* Digits of the largest number in the smallest base: 64 bits, octal. */
#define MAX_DIGITS 22

static void emit(struct out *out, const char *s, size_t n)
{
	size_t i;

	for (i = n; i > 0 && s[i - 1] != '\n'; i--)
		;
	out->column = (i > 0 ? 0 : out->column) + (unsigned)(n - i);
	out->put(out, s, n);
}

static int fill(struct out *out, char c, int n)
{
	for (int i = 0; i < n; i++)
		emit(out, &c, 1);
	return n > 0 ? n : 0;
}

void out_puts(struct out *out, const char *s)
{
	emit(out, s, strlen(s));
}

void out_char(struct out *out, char c)
{
	emit(out, &c, 1);
}

void out_pad_to(struct out *out, unsigned column)
{
	while (out->column < column)
		out_char(out, ' ');
}

/* ---- parsing ---- */

static const char *parse_flags(const char *f, struct spec *spec)
{
	for (;; f++) {
		switch (*f) {
		case '-': spec->left = true; break;
		case '0': spec->zero = true; break;
		case '+': spec->plus = true; break;
		case ' ': spec->space = true; break;
		case '#': spec->alt = true; break;
		default: return f;
		}
	}
}

static const char *parse_number(const char *f, struct args *args, int *n)
{
	*n = 0;
	if (*f == '*') {
		*n = va_arg(args->ap, int);
		return f + 1;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		*n = *n * 10 + (*f - '0');
	return f;
}

/* hh before h and ll before l: the longer name first. */
static const struct { const char *name; unsigned bytes; } lengths[] = {
	{ "hh", sizeof(char) }, { "h", sizeof(short) }, { "ll", sizeof(long long) }, { "l", sizeof(long) },
	{ "z", sizeof(size_t) }, { "j", sizeof(intmax_t) }, { "t", sizeof(ptrdiff_t) },
};

static const char *parse_length(const char *f, struct spec *spec)
{
	spec->bytes = sizeof(int);
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		if (*f != *lengths[i].name || !str_starts(f, lengths[i].name))
			continue;
		spec->bytes = lengths[i].bytes;
		return f + strlen(lengths[i].name);
	}
	return f;
}

/* f points after the '%'; the result points after the conversion letter. */
static const char *parse_spec(const char *f, struct args *args, struct spec *spec)
{
	*spec = (struct spec){ .precision = -1 };
	f = parse_flags(f, spec);
	f = parse_number(f, args, &spec->width);
	if (spec->width < 0) {
		spec->left = true;
		spec->width = -spec->width;
	}
	if (*f == '.') {
		f = parse_number(f + 1, args, &spec->precision);
		if (spec->precision < 0)
			spec->precision = -1;
	}
	f = parse_length(f, spec);
	spec->conversion = *f;
	return *f ? f + 1 : f;
}

/* ---- rendering ---- */

/* Divides in place and returns the remainder. In 16-bit limbs, so that a 32-bit CPU needs only its
 * own division and no help from the compiler's library (which the boot stage does not link). */
static unsigned divide_by_ten(uint64_t *value)
{
	uint64_t quotient = 0;
	uint32_t rest = 0;

	for (int shift = 48; shift >= 0; shift -= 16) {
		uint32_t part = rest << 16 | (uint16_t)(*value >> shift);

		quotient |= (uint64_t)(part / 10) << shift;
		rest = part % 10;
	}
	*value = quotient;
	return rest;
}

static unsigned next_digit(uint64_t *value, unsigned shift)
{
	unsigned digit;

	if (shift == 0)
		return divide_by_ten(value);
	digit = (unsigned)*value & ((1u << shift) - 1);
	*value >>= shift;
	return digit;
}

/* Writes the digits backwards from `end`. Zero has none (ISO: precision 0 prints no digit). */
static char *put_digits(char *end, uint64_t value, char conversion)
{
	const char *symbols = conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned shift = conversion == 'o' ? 3 : strchr("xXp", conversion) ? 4 : 0;

	while (value)
		*--end = symbols[next_digit(&value, shift)];
	return end;
}

static uint64_t unsigned_arg(struct args *args, unsigned bytes)
{
	switch (bytes) {
	case 1: return (unsigned char)va_arg(args->ap, unsigned);
	case 2: return (unsigned short)va_arg(args->ap, unsigned);
	case 4: return va_arg(args->ap, uint32_t);
	default: return va_arg(args->ap, uint64_t);
	}
}

static int64_t signed_arg(struct args *args, unsigned bytes)
{
	switch (bytes) {
	case 1: return (signed char)va_arg(args->ap, int);
	case 2: return (short)va_arg(args->ap, int);
	case 4: return va_arg(args->ap, int32_t);
	default: return va_arg(args->ap, int64_t);
	}
}

/* prefix is the sign or 0x; digits without leading zeros, which precision and the 0 flag add. */
static int put_number(struct out *out, const struct spec *spec, const char *prefix, const char *digits, int n)
{
	int prefix_length = (int)strlen(prefix);
	int least = spec->precision < 0 ? 1 : spec->precision;
	int zeros, spaces;

	if (spec->alt && spec->conversion == 'o' && least <= n)
		least = n + 1;
	zeros = least > n ? least - n : 0;
	if (spec->zero && !spec->left && spec->precision < 0 && spec->width > prefix_length + n + zeros)
		zeros = spec->width - prefix_length - n;
	spaces = spec->width - prefix_length - zeros - n;
	if (!spec->left)
		fill(out, ' ', spaces);
	emit(out, prefix, (size_t)prefix_length);
	fill(out, '0', zeros);
	emit(out, digits, (size_t)n);
	if (spec->left)
		fill(out, ' ', spaces);
	return prefix_length + zeros + n + (spaces > 0 ? spaces : 0);
}

static int put_signed(struct out *out, const struct spec *spec, int64_t value)
{
	char buf[MAX_DIGITS], *end = buf + sizeof(buf);
	const char *prefix = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";
	/* Negated as unsigned: the lowest number has no positive twin. */
	char *digits = put_digits(end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 'd');

	return put_number(out, spec, prefix, digits, (int)(end - digits));
}

static int put_unsigned(struct out *out, const struct spec *spec, uint64_t value)
{
	char buf[MAX_DIGITS], *end = buf + sizeof(buf);
	char *digits = put_digits(end, value, spec->conversion);
	const char *prefix = "";

	if (spec->conversion == 'p' || (spec->alt && spec->conversion == 'x' && value))
		prefix = "0x";
	else if (spec->alt && spec->conversion == 'X' && value)
		prefix = "0X";
	return put_number(out, spec, prefix, digits, (int)(end - digits));
}

static int put_text(struct out *out, const struct spec *spec, const char *s, size_t n)
{
	int spaces = spec->width > (int)n ? spec->width - (int)n : 0;

	if (!spec->left)
		fill(out, ' ', spaces);
	emit(out, s, n);
	if (spec->left)
		fill(out, ' ', spaces);
	return (int)n + spaces;
}

static int put_string(struct out *out, const struct spec *spec, const char *s)
{
	size_t n = 0;

	if (!s)
		s = "(null)";
	/* With a precision the string need not end: no strlen. */
	while ((spec->precision < 0 || n < (size_t)spec->precision) && s[n])
		n++;
	return put_text(out, spec, s, n);
}

/* start is the '%' and end behind the letter: an unknown conversion is printed as it stands. */
static int convert(struct out *out, const struct spec *spec, struct args *args,
                   const char *start, const char *end)
{
	char c;

	switch (spec->conversion) {
	case 'd': case 'i':
		return put_signed(out, spec, signed_arg(args, spec->bytes));
	case 'u': case 'x': case 'X': case 'o':
		return put_unsigned(out, spec, unsigned_arg(args, spec->bytes));
	case 'p':
		return put_unsigned(out, spec, (uintptr_t)va_arg(args->ap, void *));
	case 'c':
		c = (char)va_arg(args->ap, int);
		return put_text(out, spec, &c, 1);
	case 's':
		return put_string(out, spec, va_arg(args->ap, const char *));
	case '%':
		emit(out, "%", 1);
		return 1;
	default:
		emit(out, start, (size_t)(end - start));
		return (int)(end - start);
	}
}

int out_vprintf(struct out *out, const char *fmt, va_list ap)
{
	struct args args;
	struct spec spec;
	int written = 0;

	va_copy(args.ap, ap);
	while (*fmt) {
		const char *start = fmt;

		while (*fmt && *fmt != '%')
			fmt++;
		if (fmt > start) {
			emit(out, start, (size_t)(fmt - start));
			written += (int)(fmt - start);
			continue;
		}
		fmt = parse_spec(fmt + 1, &args, &spec);
		written += convert(out, &spec, &args, start, fmt);
	}
	va_end(args.ap);
	return written;
}

int out_printf(struct out *out, const char *fmt, ...)
{
	va_list ap;
	int written;

	va_start(ap, fmt);
	written = out_vprintf(out, fmt, ap);
	va_end(ap);
	return written;
}

/* ---- into a buffer ---- */

static void buf_put(struct out *out, const char *bytes, size_t n)
{
	struct out_buf *b = (struct out_buf *)(void *)out;
	size_t room = b->length < b->size ? b->size - 1 - b->length : 0;
	size_t kept = n < room ? n : room;

	if (kept > 0) {
		memcpy(b->base + b->length, bytes, kept);
		b->base[b->length + kept] = '\0';
	}
	b->length += n;
}

void out_buf_init(struct out_buf *b, char *base, size_t size)
{
	*b = (struct out_buf){ .out.put = buf_put, .base = base, .size = size };
	base[0] = '\0';
}

int str_printf(char *dst, size_t size, const char *fmt, ...)
{
	struct out_buf b;
	char none[1];
	va_list ap;
	int written;

	/* ISO allows size 0 with any dst: nothing is written, the length still counts. */
	out_buf_init(&b, size ? dst : none, size ? size : 1);
	va_start(ap, fmt);
	written = out_vprintf(&b.out, fmt, ap);
	va_end(ap);
	return written;
}
