/* arch/arm/fsr.h - fault status registers in words.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"

struct arm_fsr {
	const char *name;       /* the architecture's; for the kinds that both have, in Linux's spelling of an oops */
	enum trap_kind kind;
	bool present;           /* a descriptor was found */
};

/* For a value of DFSR or IFSR, in either encoding; never NULL. */
const struct arm_fsr *arm_fsr(uint32_t fsr);
