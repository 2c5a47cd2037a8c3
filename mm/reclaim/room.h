/* mm/reclaim/room.h - frames for an allocation that found none.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/pageout.h"

enum room {
	ROOM_MADE,
	ROOM_NONE,          /* no page can leave */
	ROOM_KILLED,        /* the running process was killed meanwhile */
};
/* Frees at least n frames, or as many as can be: releases standby pages, evicts, writes, waits for transfers. Allocates nothing.
 * `may_switch`: other processes run meanwhile, so the caller holds nothing and looks everything up again. */
enum room room_make(unsigned n, bool may_switch);
/* Counts a fault that has to take a frame from another page. True if the same instruction had many of them, for no more pages than
 * it can need, and no slot is free: the pages displace each other, and the instruction will never have all of them. */
bool room_is_crowded(const struct vm_fault *f);
/* pageout_ops.make_room: with memory and page files full, or a crowded address space, ends the largest process if the fault may
 * sleep. */
enum fault_result room_for_fault(const struct vm_fault *f);
