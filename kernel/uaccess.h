/* kernel/uaccess.h - copies between user and kernel memory, checked and with fix-ups.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/err.h"
#include <stddef.h>
#include <stdint.h>

/* ERR_RANGE: a part cannot be accessed; the contents of the destination are then unspecified. */
MUST_USE err_t copy_from_user(void *to, uint64_t from, size_t n);
MUST_USE err_t copy_to_user(uint64_t to, const void *from, size_t n);
/* A string with its NUL; ERR_INVALID when it is longer than size - 1. */
MUST_USE err_t copy_string_from_user(char *to, uint64_t from, size_t size);
