/* tools/pagewalk_memory.h - the memory that pagewalk inspects: a raw image, or a few pages written as text.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "paging/format.h"

struct memory;

/* A setting, NAME=VALUE, found in a scenario; false: not a setting that is known. */
typedef bool (*setting_fn)(void *ctx, const char *name, const char *value);

/* Opens path. A file whose first bytes are "# pagewalk" is a scenario, any other an image, of which nothing is read
 * yet. A scenario's lines: NAME=VALUE, given to setting; PA: WORD...; # comment; nothing. WORDs are hex, back-ticks
 * allowed; one of more than eight digits takes eight bytes, any other four. A page exists when a word lies in it, its
 * other bytes are zero. On failure prints what is wrong, with the line, and returns NULL. */
struct memory *memory_open(const char *path, setting_fn setting, void *ctx);
void memory_close(struct memory *m);

/* False: a scenario. */
bool memory_is_image(const struct memory *m);

/* Physical address of an image's first byte; 0 unless set. */
void memory_set_base(struct memory *m, uint64_t base);

/* All or nothing: ERR_IO where there is no memory. */
err_t memory_read(struct memory *m, uint64_t pa, void *buf, size_t n);
