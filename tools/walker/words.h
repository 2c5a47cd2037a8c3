/* tools/walker/words.h - what the word before the cursor of the prompt can become.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stddef.h>

#include "tools/walker/session.h"

/* The characters that end a word. */
#define WORD_SEPARATORS " \t;,()+-*/%&|^~<>=@\""

/* The i-th candidate for the word that begins at line[start]; NULL: no more. In ascending i: commands, options of the command,
 * registers behind @, else symbols. */
const char *word_candidate(const struct session *s, const char *line, size_t start, unsigned i);
