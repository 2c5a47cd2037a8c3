/* kernel/initrd.h - the files that came with the kernel: a plain tar (POSIX ustar), read where the loader put it.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/err.h"
#include "mm/backing/file.h"

/* Takes the first module that is a tar. ERR_NOT_FOUND: there is none; ERR_CORRUPT: it ends in the middle. */
MUST_USE err_t initrd_init(void);
/* By name, without "./"; NULL: none. */
/* Gives back the pages of files that nothing maps: how many. */
uint64_t initrd_shrink(void);
struct file *initrd_find(const char *name);
/* The i-th file; NULL: no more. */
struct file *initrd_file(unsigned i);
