/* lib/err.c - one phrase for each err_t.
 * SPDX-License-Identifier: MIT
 */
#include "lib/err.h"
#include "lib/addr.h"

static const char *const texts[] = {
	[OK] = "no error",
	[ERR_NO_MEMORY] = "out of memory",
	[ERR_INVALID] = "invalid argument",
	[ERR_RANGE] = "out of range",
	[ERR_EXISTS] = "already in use",
	[ERR_NOT_FOUND] = "not found",
	[ERR_BUSY] = "in use",
	[ERR_IO] = "no memory at this address",
	[ERR_CORRUPT] = "a page table or record is corrupt",
	[ERR_UNSUPPORTED] = "not supported here",
	[ERR_ACCESS] = "permission denied",
};

const char *err_text(err_t err)
{
	/* The cast also catches a negative value, which only a corrupt caller can have. */
	return (unsigned)err < ARRAY_LEN(texts) ? texts[(unsigned)err] : "unknown error";
}
