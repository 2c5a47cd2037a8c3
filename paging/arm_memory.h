/* paging/arm_memory.h - the memory types that ARM's descriptors select; for fmt_arm*.c alone.
 * SPDX-License-Identifier: MIT
 *
 * Short descriptors: TEX, C and B as one number, TEX highest (ARM DDI 0406C table B3-10); with SCTLR.TRE on, TEX[0], C and B
 * are an index into PRRR and NMRR, and TEX[2:1] are software's (B3.8.3, B4.1.127, B4.1.111).
 */
#pragma once
#include "paging/format.h"

/* Cache policies as TEX[1:0] and C, B encode them, and NMRR (table B3-11). */
enum { ARM_NC, ARM_WB_WA, ARM_WT, ARM_WB };

/* The types that a leaf is made with are below ARM_TEX_TYPES. */
enum { ARM_TEX_TYPES = 8 };
enum { ARM_MEM_WB = 0x7, ARM_MEM_WT = 0x2, ARM_MEM_NC = 0x4, ARM_MEM_DEVICE = 0x1 };
static const uint8_t arm_memory_of_cache[] = { ARM_MEM_WB, ARM_MEM_WT, ARM_MEM_NC, ARM_MEM_DEVICE };

/* Table B3-10. Reserved and implementation-defined types are shown as device memory, the most restrictive type. From 16 on, C
 * and B are the inner policy. */
static const uint16_t arm_cache_of_memory[32] = {
	CACHE_UC, CACHE_UC, CACHE_WT, CACHE_WB, CACHE_UC_MINUS, CACHE_UC, CACHE_UC, CACHE_WB,
	CACHE_UC, CACHE_UC, CACHE_UC, CACHE_UC, CACHE_UC, CACHE_UC, CACHE_UC, CACHE_UC,
	CACHE_UC_MINUS, CACHE_WB, CACHE_WT, CACHE_WB, CACHE_UC_MINUS, CACHE_WB, CACHE_WT, CACHE_WB,
	CACHE_UC_MINUS, CACHE_WB, CACHE_WT, CACHE_WB, CACHE_UC_MINUS, CACHE_WB, CACHE_WT, CACHE_WB,
};

enum { ARM_REMAP_STRONGLY_ORDERED, ARM_REMAP_DEVICE, ARM_REMAP_NORMAL, ARM_REMAP_RESERVED };

static inline unsigned arm_remap_type(const struct pt_mode *mode, unsigned type)
{
	return mode->prrr >> 2 * (type & 7) & 3;
}

/* Policies are encoded as in TEX and C, B. */
static inline unsigned arm_remap_inner(const struct pt_mode *mode, unsigned type)
{
	return mode->nmrr >> 2 * (type & 7) & 3;
}

static inline unsigned arm_remap_outer(const struct pt_mode *mode, unsigned type)
{
	return mode->nmrr >> (16 + 2 * (type & 7)) & 3;
}

PT_INLINE prot_t arm_tex_cache(const struct pt_mode *mode, unsigned type)
{
	if (!mode->tre)
		return arm_cache_of_memory[type];
	return arm_remap_type(mode, type) == ARM_REMAP_NORMAL ? arm_cache_of_memory[16 | arm_remap_inner(mode, type)] : CACHE_UC;
}

/* TEX, C and B of a cache kind. ARM_TEX_TYPES or above: no type has this kind. */
PT_INLINE unsigned arm_tex_for(const struct pt_mode *mode, prot_t cache)
{
	unsigned type = 0;

	if (!mode->tre)
		return arm_memory_of_cache[cache / CACHE_WT];
	while (type < ARM_TEX_TYPES && arm_tex_cache(mode, type) != cache)
		type++;
	return type;
}

/* The type in words; s: the entry's S bit. */
const char *arm_tex_words(const struct pt_mode *mode, unsigned type, bool s);
const char *arm_tex_by(const struct pt_mode *mode);
/* The field TEX alone. */
const char *arm_tex_field(const struct pt_mode *mode, uint64_t value);
const char *arm_mair_words(unsigned byte);
