/* tools/image/message.h - messages: to standard error, or where a program that uses the library wants them.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdarg.h>

typedef void (*message_fn)(void *ctx, const char *text);

/* Further messages go to `put`. NULL: to standard error. */
void message_to(message_fn put, void *ctx);
/* As printf(). A text can be a part of a line. */
void message(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void vmessage(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));
