/* kernel/uaccess.h - user memory from system calls: checked, copied with fix-ups, never trusted.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/err.h"
#include <stddef.h>
#include <stdint.h>

/* ERR_RANGE: not all of it can be had; what was copied by then is unspecified. */
MUST_USE err_t copy_from_user(void *to, uint64_t from, size_t n);
MUST_USE err_t copy_to_user(uint64_t to, const void *from, size_t n);
/* A string with its NUL; ERR_INVALID when it is longer than size - 1. */
MUST_USE err_t copy_string_from_user(char *to, uint64_t from, size_t size);
