/* boot/record.h - the last stage of a boot, kept in RAM where a reset leaves it.
 * SPDX-License-Identifier: MIT
 *
 * BOOT_RECORD_PA is the machine's (arch_layout.h). A record is valid only if `check` is the complement of `stage`.
 */
#pragma once
#include "arch_layout.h"
#include <stdint.h>

#define BOOT_RECORD_MAGIC 0x44435250u  /* "PRCD" */

struct boot_record {
	uint32_t magic;
	uint32_t stage;       /* enum boot_stage */
	uint32_t check;       /* ~stage */
};

static inline void boot_record_write(volatile struct boot_record *r, uint32_t stage)
{
	r->magic = BOOT_RECORD_MAGIC;
	r->stage = stage;
	r->check = ~stage;
}

static inline uint32_t boot_record_read(const volatile struct boot_record *r)
{
	return r->magic == BOOT_RECORD_MAGIC && r->check == ~r->stage ? r->stage : 0;
}
