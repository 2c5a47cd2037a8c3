/* kernel/disk.h - disks: initialisation at boot, synchronous transfers.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "drivers/block.h"
#include "lib/out.h"

/* Finds the disks and page files. Interrupts on. */
void disk_init(void);
/* Devices that were found but cannot be used. */
#define DISK_REFUSALS 8
struct disk_refusal { const char *kind; char where[24]; err_t why; };
/* NULL: there is no number n. */
const struct disk_refusal *disk_refusal(unsigned n);

/* Transfer consecutive sectors through a frame of their own, and wait; buf is any kernel memory. ERR_NO_MEMORY, or an error of
 * block_io(). */
MUST_USE err_t disk_read(struct block_device *d, uint64_t sector, void *buf, unsigned sectors);
MUST_USE err_t disk_write(struct block_device *d, uint64_t sector, const void *buf, unsigned sectors);
