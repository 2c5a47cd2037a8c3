/* inspect/bugcheck_text.h - bugcheck codes, with WinDbg's names and words.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdint.h>

enum {
	BUGCHECK_IRQL_NOT_LESS_OR_EQUAL = 0xA,    /* address, IRQL, 0 read 1 write, pc: as in WinDbg */
	BUGCHECK_KERNEL_TRAP = 0x8E,              /* code, address, 0, pc */
	BUGCHECK_OOPS_IN_OOPS = 0x12B0,           /* this kernel's own */
	BUGCHECK_ASSERT = 0xA55E,                 /* this kernel's own: condition, file, line, pc */
};

/* "IRQL_NOT_LESS_OR_EQUAL"; "UNKNOWN". */
const char *bugcheck_name(uint32_t code);
/* A sentence; "" for an unknown code. */
const char *bugcheck_why(uint32_t code);
/* The meaning of argument i, 0 to 3; "": it has none. */
const char *bugcheck_argument(uint32_t code, unsigned i);
