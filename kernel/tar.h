/* kernel/tar.h - one header block of a tar archive, read from bytes alone.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/err.h"
#include <stdbool.h>
#include <stdint.h>

#define TAR_BLOCK 512
#define TAR_NAME 100

struct tar_entry {
	char name[TAR_NAME + 1];   /* without a leading "./" */
	uint64_t bytes;            /* of data after the header, before padding to a block */
	uint64_t mtime;            /* seconds since 1970; 0 where the field is no number */
	bool regular;              /* a regular file, and not a directory, a link or an extended header */
};

/* True if the block has the ustar magic or, as in older archives, a correct checksum. */
bool tar_is_header(const unsigned char block[TAR_BLOCK]);
/* ERR_NOT_FOUND: the block that ends the archive; ERR_CORRUPT: no header, or its size is no number. */
MUST_USE err_t tar_read_header(const unsigned char block[TAR_BLOCK], struct tar_entry *e);
