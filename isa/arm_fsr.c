/* isa/arm_fsr.c - ARM fault status by name.
 * SPDX-License-Identifier: MIT
 */
#include "isa/arm_fsr.h"
#include <stddef.h>

#define UNKNOWN "unknown fault"
#define COUNT   32

static const char *const common[COUNT] = {
	[0] = "vector exception", [1] = "alignment exception", [2] = "terminal exception",
	[3] = "alignment exception", [4] = "external abort on linefetch", [5] = "section translation fault",
	[6] = "external abort on linefetch", [7] = "page translation fault", [8] = "external abort on non-linefetch",
	[9] = "section domain fault", [10] = "external abort on non-linefetch", [11] = "page domain fault",
	[12] = "external abort on translation", [13] = "section permission fault",
	[14] = "external abort on translation", [15] = "page permission fault",
	[22] = "imprecise external abort", [24] = "imprecise external abort",
};
/* Names that differ for instruction fetches (IFSR). */
static const char *const instruction_side[COUNT] = {
	[0] = UNKNOWN, [1] = UNKNOWN, [2] = "debug event", [3] = "section access flag fault",
	[4] = UNKNOWN, [6] = "page access flag fault", [10] = UNKNOWN,
};

const char *fsr_name(uint32_t fsr, bool instruction)
{
	unsigned index = (fsr & FSR_STATUS) | (fsr & FSR_STATUS_4 ? 16 : 0);
	const char *name = common[index];

	if (fsr & FSR_LPAE)
		return fsr_long_name(fsr & FSR_LONG_STATUS);
	if (instruction && instruction_side[index])
		name = instruction_side[index];
	return name ? name : UNKNOWN;
}

/* Translation, access flag (long format alone) and permission faults. */
#define SHORT_PAGE_FAULTS (1u << 5 | 1u << 7 | 1u << 13 | 1u << 15)
#define LONG_PAGE_FAULTS  (0xF0u | 0xE00u | 0xE000u)

bool fsr_is_page_fault(uint32_t fsr)
{
	if (fsr & FSR_LPAE)
		return (fsr & FSR_LONG_STATUS) < 16 && (LONG_PAGE_FAULTS >> (fsr & FSR_LONG_STATUS) & 1);
	return !(fsr & FSR_STATUS_4) && (SHORT_PAGE_FAULTS >> (fsr & FSR_STATUS) & 1);
}

static const char *const long_names[64] = {
	[0x00] = "level 0 address size fault", [0x01] = "level 1 address size fault",
	[0x02] = "level 2 address size fault", [0x03] = "level 3 address size fault",
	[0x04] = "level 0 translation fault", [0x05] = "level 1 translation fault",
	[0x06] = "level 2 translation fault", [0x07] = "level 3 translation fault",
	[0x08] = "level 0 access flag fault", [0x0C] = "level 0 permission fault",
	[0x29] = "level -1 address size fault", [0x2B] = "level -1 translation fault",
	[0x09] = "level 1 access flag fault", [0x0A] = "level 2 access flag fault",
	[0x0B] = "level 3 access flag fault", [0x0D] = "level 1 permission fault",
	[0x0E] = "level 2 permission fault", [0x0F] = "level 3 permission fault",
	[0x10] = "synchronous external abort", [0x14] = "level 0 synchronous external abort (translation table walk)",
	[0x15] = "level 1 synchronous external abort (translation table walk)",
	[0x16] = "level 2 synchronous external abort (translation table walk)",
	[0x17] = "level 3 synchronous external abort (translation table walk)",
	[0x21] = "alignment fault", [0x22] = "debug event",
};

const char *fsr_long_name(uint32_t status)
{
	const char *name = long_names[status & FSR_LONG_STATUS];

	return name ? name : UNKNOWN;
}
