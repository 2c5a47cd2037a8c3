/* kernel/initrd.h - files loaded with the kernel: a plain tar (POSIX ustar), read in place.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/err.h"
#include "mm/backing/file.h"

/* Takes the first module that is a tar. ERR_NOT_FOUND: there is none; ERR_CORRUPT: it ends in the middle. */
MUST_USE err_t initrd_init(void);
/* Frees the pages of files that no entry maps. Returns their number. */
uint64_t initrd_shrink(void);
/* Finds a file by its name without "./". NULL: none. */
struct file *initrd_find(const char *name);
/* The i-th file; NULL: no more. */
struct file *initrd_file(unsigned i);
