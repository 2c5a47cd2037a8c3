/* mm/reclaim/readahead.h - how many slots a page-in reads, and what became of the pages read ahead.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/reclaim/slots.h"
#include "mm/space/aspace.h"

/* Number of slots to read for a fault of the space on slot `id`, 1 to READAHEAD_MAX. Begins the next window. */
unsigned readahead_window(struct aspace *as, uint32_t id);
/* The slot is read although no fault needs it yet. */
void readahead_note(struct slot *s);
/* A fault of the space has mapped the slot's page. */
void readahead_used(struct aspace *as, struct slot *s);
/* The slot loses its frame. */
void readahead_dropped(struct slot *s);
