/* tests/host/mm/arch/arch_layout.h - the address space of whichever machine a test plays.
 * SPDX-License-Identifier: MIT
 *
 * The names that every port defines, chosen when the test runs: all formats in one program.
 */
#pragma once
#include <stdint.h>

struct world_layout {
	uint64_t user_end, direct_map, vmalloc_start, vmalloc_end, kmap_start, kmap_end, kstack_start, kstack_end;
};
extern const struct world_layout *world_layout;

#define USER_END         (world_layout->user_end)
#define DIRECT_MAP_BASE  (world_layout->direct_map)
#define DIRECT_MAP_SIZE  0x38000000
#define DIRECT_MAP_PHYS  0
#define VMALLOC_START    (world_layout->vmalloc_start)
#define VMALLOC_END      (world_layout->vmalloc_end)
#define KMAP_START       (world_layout->kmap_start)
#define KMAP_END         (world_layout->kmap_end)
#define KSTACK_START     (world_layout->kstack_start)
#define KSTACK_END       (world_layout->kstack_end)
#define DEVICE_START     0xFE200000
#define DEVICE_END       0xFF000000
#define FRAME_DB_BASE    0
