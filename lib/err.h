/* lib/err.h - error codes that a caller must handle.
 * SPDX-License-Identifier: MIT
 *
 * err_t for errors that can happen, ASSERT (lib/assert.h) for states that cannot, bugcheck if one does.
 */
#pragma once

typedef enum err {
	OK = 0,
	ERR_NO_MEMORY,  /* no frame, no table, no heap */
	ERR_INVALID,    /* an argument outside its contract: odd size, misaligned, unknown option */
	ERR_RANGE,      /* an address or size that the format, the region or the machine does not have */
	ERR_EXISTS,     /* already in use */
	ERR_NOT_FOUND,  /* no such object or mapping */
	ERR_BUSY,       /* in use, or interrupted */
	ERR_IO,         /* no memory at the address, or a device error */
	ERR_CORRUPT,    /* a page table or record is inconsistent */
	ERR_UNSUPPORTED, /* not possible with this CPU, format or build */
	ERR_ACCESS      /* permission denied */
} err_t;

/* For every function that returns err_t: the result must be checked. */
#define MUST_USE __attribute__((warn_unused_result))

/* One lower-case phrase, no full stop: "out of memory". Never NULL. */
const char *err_text(err_t err);
