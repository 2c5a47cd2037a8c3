/* arch/arm/fsr.c - the two encodings of the fault status (DDI 0406C tables B3-23 and B3-24).
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/fsr.h"
#include "hw/arm/regs.h"
#include "lib/addr.h"

#define MISSING(text) { text, TRAP_MEMORY, false }
#define FORBIDDEN(text) { text, TRAP_MEMORY, true }
#define OTHER(text) { text, TRAP_OTHER, false }

/* By bits 3:0, and bit 10 as the fifth. */
static const struct arm_fsr short_status[32] = {
	[1] = OTHER("alignment fault"),
	[2] = { "debug event", TRAP_BREAK, false },
	[3] = FORBIDDEN("section access flag fault"),
	[4] = OTHER("instruction cache maintenance fault"),
	[5] = MISSING("section translation fault"),
	[6] = FORBIDDEN("page access flag fault"),
	[7] = MISSING("page translation fault"),
	[8] = OTHER("external abort"),
	[9] = FORBIDDEN("section domain fault"),
	[11] = FORBIDDEN("page domain fault"),
	[12] = OTHER("external abort on translation, first level"),
	[13] = FORBIDDEN("section permission fault"),
	[14] = OTHER("external abort on translation, second level"),
	[15] = FORBIDDEN("page permission fault"),
	[16] = OTHER("TLB conflict abort"),
	[20] = OTHER("lockdown fault"),
	[22] = OTHER("asynchronous external abort"),
	[24] = OTHER("asynchronous parity error"),
	[25] = OTHER("parity error"),
	[26] = OTHER("coprocessor abort"),
	[28] = OTHER("parity error on translation, first level"),
	[30] = OTHER("parity error on translation, second level"),
};

/* By bits 5:0. */
static const struct arm_fsr long_status[64] = {
	[0x05] = MISSING("level 1 translation fault"),
	[0x06] = MISSING("level 2 translation fault"),
	[0x07] = MISSING("level 3 translation fault"),
	[0x09] = FORBIDDEN("level 1 access flag fault"),
	[0x0A] = FORBIDDEN("level 2 access flag fault"),
	[0x0B] = FORBIDDEN("level 3 access flag fault"),
	[0x0D] = FORBIDDEN("level 1 permission fault"),
	[0x0E] = FORBIDDEN("level 2 permission fault"),
	[0x0F] = FORBIDDEN("level 3 permission fault"),
	[0x10] = OTHER("external abort"),
	[0x11] = OTHER("asynchronous external abort"),
	[0x15] = OTHER("external abort on translation, level 1"),
	[0x16] = OTHER("external abort on translation, level 2"),
	[0x17] = OTHER("external abort on translation, level 3"),
	[0x18] = OTHER("parity error"),
	[0x19] = OTHER("asynchronous parity error"),
	[0x1D] = OTHER("parity error on translation, level 1"),
	[0x1E] = OTHER("parity error on translation, level 2"),
	[0x1F] = OTHER("parity error on translation, level 3"),
	[0x21] = OTHER("alignment fault"),
	[0x22] = { "debug event", TRAP_BREAK, false },
	[0x30] = OTHER("TLB conflict abort"),
	[0x34] = OTHER("lockdown fault"),
	[0x3A] = OTHER("coprocessor abort"),
};

const struct arm_fsr *arm_fsr(uint32_t fsr)
{
	static const struct arm_fsr unknown = OTHER("unknown fault status");
	const struct arm_fsr *f = fsr & DFSR_LPAE ? &long_status[fsr & (ARRAY_LEN(long_status) - 1)]
	                                         : &short_status[(fsr & 0xF) | (fsr & DFSR_FS4 ? 16 : 0)];

	return f->name ? f : &unknown;
}
