/* tools/walker/editor.c - loads GNU readline or libedit.
 * SPDX-License-Identifier: MIT
 */
#include "tools/walker/editor.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "lib/addr.h"

static const char *const libraries[] = {
	"libreadline.so.8", "libreadline.so.7", "libreadline.so", "libedit.so.2", "libedit.so.0", "libedit.so", "libedit.dylib",
};

static const struct { const char *name; size_t at; } symbols[] = {
	{ "readline", offsetof(struct editor, readline) },
	{ "add_history", offsetof(struct editor, add_history) },
	{ "using_history", offsetof(struct editor, using_history) },
	{ "stifle_history", offsetof(struct editor, stifle_history) },
	{ "read_history", offsetof(struct editor, read_history) },
	{ "write_history", offsetof(struct editor, write_history) },
	{ "rl_completion_matches", offsetof(struct editor, completion_matches) },
	{ "rl_readline_name", offsetof(struct editor, name) },
	{ "rl_line_buffer", offsetof(struct editor, line) },
	{ "rl_attempted_completion_function", offsetof(struct editor, complete) },
	{ "rl_attempted_completion_over", offsetof(struct editor, over) },
	{ "rl_completion_append_character", offsetof(struct editor, append) },
	{ "rl_basic_word_break_characters", offsetof(struct editor, separators) },
};

bool editor_load(struct editor *e)
{
	void *library = NULL;

	for (size_t i = 0; i < ARRAY_LEN(libraries) && !library; i++)
		library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; library && i < ARRAY_LEN(symbols); i++) {
		/* Copied: POSIX lets dlsym() return functions as pointers to data, ISO C does not convert them. */
		void *symbol = dlsym(library, symbols[i].name);

		if (!symbol) {
			dlclose(library);
			return false;
		}
		memcpy((char *)e + symbols[i].at, &symbol, sizeof(symbol));
	}
	return library;
}
