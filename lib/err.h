/* lib/err.h - what can go wrong and is the caller's to handle.
 * SPDX-License-Identifier: MIT
 *
 * err_t for what can happen, ASSERT (lib/assert.h) for what cannot, bugcheck for what did.
 */
#pragma once

typedef enum err {
	OK = 0,
	ERR_NO_MEMORY,  /* no frame, no table, no heap */
	ERR_INVALID,    /* an argument outside its contract: odd size, misaligned, unknown option */
	ERR_RANGE,      /* an address or size that the format, the region or the machine does not have */
	ERR_EXISTS,     /* something is there already */
	ERR_NOT_FOUND,  /* nothing is there */
	ERR_BUSY,       /* there, but in use */
	ERR_IO,         /* the device or the memory behind an address did not answer */
	ERR_CORRUPT,    /* a table or record holds what nobody may have put there */
	ERR_UNSUPPORTED, /* this CPU, format or build cannot */
	ERR_ACCESS      /* the caller has no right to it */
} err_t;

/* On every function that returns err_t: the result must be looked at. */
#define MUST_USE __attribute__((warn_unused_result))

/* One lower-case phrase, no full stop: "out of memory". Never NULL. */
const char *err_text(err_t err);
