/* shell/glob.h - patterns with * and ?.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>

/* Whether all of text matches: * is any characters, ? any one, a letter matches in both cases. */
bool glob_match(const char *pattern, const char *text);
