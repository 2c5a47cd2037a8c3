/* tools/walker/scenario.h - a few pages of memory and settings, written as text.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scenario;

/* A setting, NAME=VALUE, found in a scenario; false: not a setting that is known. */
typedef bool (*setting_fn)(void *ctx, const char *name, const char *value);

/* True if the file begins as a scenario does, "# pagewalk". */
bool scenario_is(const char *path);
/* Reads one. Its lines: NAME=VALUE, given to setting; PA: WORD...; # comment; nothing. WORDs are hex, back-ticks allowed; one of
 * more than eight digits takes eight bytes, any other four. A page exists when a word lies in it, its other bytes are zero.
 * NULL: a message was printed, with the line. */
struct scenario *scenario_open(const char *path, setting_fn setting, void *ctx);
void scenario_close(struct scenario *m);
/* All or nothing: ERR_IO where there is no memory. */
err_t scenario_read(struct scenario *m, uint64_t pa, void *buf, size_t n);
