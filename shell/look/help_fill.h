/* shell/look/help_fill.h - the names in braces in help's texts, and what stands for them on this machine.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct target;

/* Copies n characters of help text and fills in each {name}; ends with NUL, what does not fit is cut. False: a name has
 * nothing here that it could stand for. */
bool help_fill(const struct target *t, const char *text, size_t n, char *to, size_t size);
