/* shell/look/help_fill.h - replaces the names in braces in help texts by values of this machine.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct target;

/* Copies n characters of help text and fills in each {name}; ends with NUL, what does not fit is cut. False: a name has
 * no value on this machine. */
bool help_fill(const struct target *t, const char *text, size_t n, char *to, size_t size);
