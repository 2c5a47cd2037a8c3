/* tools/image/message.c - messages to standard error, or to a function.
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE   /* vasprintf */
#include <stdio.h>
#include <stdlib.h>

#include "tools/image/message.h"

static message_fn receiver;
static void *receiver_ctx;

void message_to(message_fn put, void *ctx)
{
	receiver = put;
	receiver_ctx = ctx;
}

void vmessage(const char *fmt, va_list ap)
{
	char *text;

	if (!receiver) {
		vfprintf(stderr, fmt, ap);
		return;
	}
	if (vasprintf(&text, fmt, ap) < 0) {
		receiver(receiver_ctx, "no memory for a message\n");
		return;
	}
	receiver(receiver_ctx, text);
	free(text);
}

void message(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vmessage(fmt, ap);
	va_end(ap);
}
