/* isa/setup.h - what register values of another machine say of its paging mode.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "paging/format.h"

/* A register's value in, settings out. `from` is the register, for messages. */
struct isa_setup {
	void *ctx;
	/* False: the register is not known. */
	bool (*reg)(void *ctx, const char *name, uint64_t *value);
	/* Names of settings are those of struct pt_mode, "root" is the root register's value, "paging" 0 or 1. */
	void (*say)(void *ctx, const char *setting, uint64_t value, const char *from);
	void (*format)(void *ctx, const struct pt_format *format, const char *from);
	/* A format of a second stage, and the address of its root. */
	void (*second)(void *ctx, const struct pt_format *format, uint64_t root, const char *from);
};

/* Calls say() and format() for all that the known registers decide. */
void isa_setup(const struct isa_setup *s);
