/* shell/glob.h - patterns with * and ?, for names of symbols.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>

/* Whether all of text matches: * is any characters, also none, ? any one, a letter matches in both
 * cases. There is no escape character: names of symbols contain neither * nor ?. */
bool glob_match(const char *pattern, const char *text);
