/* kernel/symbols.h - names of the image's addresses, from a table that the build puts into the image.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/err.h"
#include <stdbool.h>
#include <stdint.h>

/* The symbol at or below va and the distance; ERR_NOT_FOUND outside the image. */
err_t symbol_at(uint64_t va, const char **name, uint64_t *offset);
/* Bytes from that symbol to the next one. */
err_t symbol_size(uint64_t va, uint64_t *size);
/* The kernel's image. Returns true. */
bool kernel_image(uint64_t *first, uint64_t *bytes);
/* The i-th symbol of that name, from 0; ERR_NOT_FOUND. */
err_t symbol_value(const char *name, unsigned i, uint64_t *value);
/* The i-th name in alphabetical order, or NULL after the last; *value (unless NULL) is its address. */
const char *symbol_name(unsigned i, uint64_t *value);
