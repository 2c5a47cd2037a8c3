/* isa/fault.h - struct fault: a memory fault, independent of the architecture.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/addr.h"

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_EXECUTE };

/* Filled by arch_decode_fault(). All other code uses the raw `code` for printing only. */
struct fault {
	vaddr_t va;           /* the address whose translation failed */
	vaddr_t pc;           /* the instruction that made the access */
	uint32_t code;        /* raw fault code: x86 error code, ARM DFSR/IFSR */
	enum access access;
	bool from_user;
	bool present;         /* an entry is present, and its rights forbid the access */
	bool reserved_bit;    /* an entry has a reserved bit set */
};
