/* tests/host/mm/disk.h - a page file of the tests' own: requests complete later, in any order, when time passes.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/reclaim/store.h"

#define DISK_SLOTS 700

/* Connects mm with two page files of DISK_SLOTS slots, all free. */
void disk_start(void);
/* Everything must be written or gone: disconnects. */
void disk_stop(void);
/* Completes up to n requests, chosen at random. */
void disk_run(unsigned n);
/* Slots with references, of both files. */
unsigned disk_used(void);
/* The bytes of a slot. */
const unsigned char *disk_slot(unsigned file, uint64_t slot);
/* Every request that contains this slot fails; slot 0: none does any more. */
void disk_break(unsigned file, uint64_t slot);
/* Requests that still succeed before one fails with an I/O error; negative: all succeed. */
extern long disk_fail_after;
/* Requests are carried out within submit(), as by a disk whose interrupt comes before it returns. */
extern bool disk_at_once;
extern unsigned disk_reads, disk_writes;     /* slots transferred */
/* Failed transfers of a single slot, as mm reports them, and the last such slot. */
extern unsigned disk_errors;
extern uint64_t disk_error_slot;
/* Called once, by the next sleep: what another process does meanwhile. */
extern void (*disk_asleep)(void);
/* Ticks: each sleep takes one. */
extern uint64_t disk_ticks;
/* Those among them at which only a request ended. */
extern uint64_t disk_alone;
