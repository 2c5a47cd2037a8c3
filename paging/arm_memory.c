/* paging/arm_memory.c - ARM's memory types in words.
 * SPDX-License-Identifier: MIT
 */
#include "paging/arm_memory.h"

#define ARM_TEXT_NC    "non-cacheable"
#define ARM_TEXT_WB_WA "write-back, write-allocate"
#define ARM_TEXT_WT    "write-through"
#define ARM_TEXT_WB    "write-back, no write-allocate"
#define ARM_BOTH(policy)        "normal, " policy
#define ARM_MIXED(outer, inner) "normal, outer " outer ", inner " inner

/* [outer policy][inner policy] */
static const char *const arm_normal_memory[4][4] = {
	[ARM_NC] = {
		[ARM_NC] = ARM_BOTH(ARM_TEXT_NC),
		[ARM_WB_WA] = ARM_MIXED(ARM_TEXT_NC, ARM_TEXT_WB_WA),
		[ARM_WT] = ARM_MIXED(ARM_TEXT_NC, ARM_TEXT_WT),
		[ARM_WB] = ARM_MIXED(ARM_TEXT_NC, ARM_TEXT_WB),
	},
	[ARM_WB_WA] = {
		[ARM_NC] = ARM_MIXED(ARM_TEXT_WB_WA, ARM_TEXT_NC),
		[ARM_WB_WA] = ARM_BOTH(ARM_TEXT_WB_WA),
		[ARM_WT] = ARM_MIXED(ARM_TEXT_WB_WA, ARM_TEXT_WT),
		[ARM_WB] = ARM_MIXED(ARM_TEXT_WB_WA, ARM_TEXT_WB),
	},
	[ARM_WT] = {
		[ARM_NC] = ARM_MIXED(ARM_TEXT_WT, ARM_TEXT_NC),
		[ARM_WB_WA] = ARM_MIXED(ARM_TEXT_WT, ARM_TEXT_WB_WA),
		[ARM_WT] = ARM_BOTH(ARM_TEXT_WT),
		[ARM_WB] = ARM_MIXED(ARM_TEXT_WT, ARM_TEXT_WB),
	},
	[ARM_WB] = {
		[ARM_NC] = ARM_MIXED(ARM_TEXT_WB, ARM_TEXT_NC),
		[ARM_WB_WA] = ARM_MIXED(ARM_TEXT_WB, ARM_TEXT_WB_WA),
		[ARM_WT] = ARM_MIXED(ARM_TEXT_WB, ARM_TEXT_WT),
		[ARM_WB] = ARM_BOTH(ARM_TEXT_WB),
	},
};

/* Type 6 is implementation defined. PRRR.DS1 or DS0, selected by the entry's S, makes device memory shareable. */
static const char *remapped_memory(const struct pt_mode *mode, unsigned type, bool s)
{
	static const char *const words[] = {
		[ARM_REMAP_STRONGLY_ORDERED] = "strongly-ordered", [ARM_REMAP_RESERVED] = "reserved in PRRR",
	};
	unsigned kind = arm_remap_type(mode, type);

	if ((type & 7) == 6)
		return "implementation defined";
	if (kind == ARM_REMAP_NORMAL)
		return arm_normal_memory[arm_remap_outer(mode, type)][arm_remap_inner(mode, type)];
	if (kind == ARM_REMAP_DEVICE)
		return mode->prrr >> (16 + s) & 1 ? "device, shareable" : "device, not shareable";
	return words[kind];
}

const char *arm_tex_by(const struct pt_mode *mode)
{
	return mode->tre ? ", by PRRR and NMRR" : ", with SCTLR.TRE clear";
}

/* Table B3-10, or TEX remap. */
const char *arm_tex_words(const struct pt_mode *mode, unsigned type, bool s)
{
	static const char *const plain[] = {
		"strongly-ordered", "device, shareable", "normal, write-through, no write-allocate",
		"normal, write-back, no write-allocate", "normal, non-cacheable", "reserved", "implementation defined",
		"normal, write-back, write-allocate", "device, not shareable",
	};

	if (mode->tre)
		return remapped_memory(mode, type, s);
	if (type >> 4)
		return arm_normal_memory[type >> 2 & 3][type & 3];
	return type < ARRAY_LEN(plain) ? plain[type] : "reserved";
}

const char *arm_tex_field(const struct pt_mode *mode, uint64_t value)
{
	static const char *const text[] = {
		"strongly-ordered, device, or no write-allocate", "non-cacheable or write-allocate", "device, not shareable",
		"reserved", "outer non-cacheable; C and B: inner", "outer write-back, write-allocate; C and B: inner",
		"outer write-through; C and B: inner", "outer write-back, no write-allocate; C and B: inner",
	};

	return mode->tre ? "bit 0, C and B: the index into PRRR and NMRR; bits 2:1 are software's" : text[value & 7];
}

/* The type of a MAIR byte (ARM DDI 0406C B4.1.104, DDI 0487 D17.2.97); transient ones are as the others. */
const char *arm_mair_words(unsigned byte)
{
	static const char *const device[16] = {
		[0x0] = "strongly-ordered (Device-nGnRnE)", [0x4] = "device (Device-nGnRE)", [0x8] = "device (Device-nGRE)",
		[0xC] = "device (Device-GRE)",
	};
	/* From a nibble: the two bits above the allocation hints select write-through or write-back. */
	static const uint8_t policy[16] = {
		ARM_WT, ARM_WT, ARM_WT, ARM_WT, ARM_NC, ARM_WB_WA, ARM_WB, ARM_WB_WA, ARM_WT, ARM_WT, ARM_WT, ARM_WT,
		ARM_WB, ARM_WB_WA, ARM_WB, ARM_WB_WA,
	};

	if (byte >> 4)
		return byte & 0xF ? arm_normal_memory[policy[byte >> 4]][policy[byte & 0xF]] : "unpredictable";
	return device[byte] ? device[byte] : "unpredictable";
}
