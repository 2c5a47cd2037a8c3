/* isa/fault.h - a memory fault in words that every architecture shares.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/addr.h"

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_EXECUTE };

/* Filled by arch_decode_fault(); nobody else looks at the raw code but to print it. */
struct fault {
	vaddr_t va;           /* the address whose translation failed */
	vaddr_t pc;           /* the instruction that asked for it */
	uint32_t code;        /* the hardware's own word: x86 error code, ARM DFSR/IFSR */
	enum access access;
	bool from_user;
	bool present;         /* an entry was found, its rights forbade the access */
	bool reserved_bit;    /* an entry was found that no correct kernel writes */
};
