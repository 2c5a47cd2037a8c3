/* boot/arm/foreign.h - a machine that is not the one this kernel is built for.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* From the device tree of another machine: the address of its PL011, and the machine's name. */
struct foreign {
	uint64_t uart;             /* physical address; 0: no PL011 that memory shows */
	const char *model;         /* of the root node; NULL: none */
};
/* False: the tree at `at` describes a machine with the RAM and the UART that this kernel needs, or is none. */
bool foreign_machine(const void *at, struct foreign *f);
