/* lib/out.h - struct out: an output stream. All printing in this kernel uses it.
 * SPDX-License-Identifier: MIT
 *
 * Code that prints gets a struct out, which can be a UART, a buffer or a host file.
 */
#pragma once
#include <stdarg.h>
#include <stddef.h>

struct out {
	/* Takes n bytes, n may be 0; must not fail. */
	void (*put)(struct out *out, const char *bytes, size_t n);
	unsigned column;    /* characters since the last newline; kept by out_* */
};

/* Conversions: %d %i %u %x %X %o %c %s %p %% with flags - 0 + # space, width, precision, *, and
 * lengths hh h l ll z j t; as in ISO C. No floating point, no %n. An unknown conversion is printed
 * as it stands. Returns the number of characters written. */
int out_printf(struct out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int out_vprintf(struct out *out, const char *fmt, va_list ap);
void out_puts(struct out *out, const char *s);   /* no newline added */
void out_char(struct out *out, char c);
/* Prints spaces up to `column`, counted from 0; none if the output has reached it. */
void out_pad_to(struct out *out, unsigned column);

/* An out that fills a buffer: always NUL-terminated; what does not fit is counted, not written. */
struct out_buf {
	struct out out;     /* first member: pass &b.out */
	char *base;
	size_t size;        /* > 0 */
	size_t length;      /* number of characters put, including those that did not fit */
};
void out_buf_init(struct out_buf *b, char *base, size_t size);

/* As in ISO C, over out_vprintf. */
int str_printf(char *dst, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
