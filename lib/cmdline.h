/* lib/cmdline.h - options on the boot command line: words `name` or `name=value`.
 * SPDX-License-Identifier: MIT
 *
 * A value in double quotes may hold blanks: run="pte 0xc0001000; poweroff".
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Finds the nth (0: first) option called name and copies its value (without quotes, cut to size);
 * an option without '=' has the value "". value may be NULL with size 0. False when there is none. */
bool cmdline_option(const char *cmdline, const char *name, unsigned nth, char *value, size_t size);
/* Copies the nth (0: first) word unchanged, with its quotes. False: there is none. */
bool cmdline_word(const char *cmdline, unsigned nth, char *word, size_t size);
/* True when option name has exactly this value. */
bool cmdline_is(const char *cmdline, const char *name, const char *value);
/* Parses a number: 0x hex or decimal, with an optional K, M or G. False: no number, or more than 64 bits. Moves *text past it. */
bool cmdline_number(const char **text, uint64_t *value);
/* Parses PA,LEN: two numbers with a comma between them, LEN not 0. The range must end below 2^64. */
bool cmdline_range(const char *text, uint64_t *pa, uint64_t *len);
