/* lessons/area.h - pages of the kernel's half that belong to a lesson, with frames of its own.
 * SPDX-License-Identifier: MIT
 *
 * The range is reserved, so no fault fills it, and the tables for its pages exist. There is one area at a time.
 */
#pragma once
#include "lessons/machine.h"

#define AREA_PAGES  16
#define AREA_FRAMES 16

struct lesson_area {
	uint64_t va;                    /* of AREA_PAGES pages; 0: there is none */
	pfn_t frame[AREA_FRAMES];       /* byte 0 of frame i is area_mark(i) */
	unsigned frames;
	uint64_t range;                 /* area_make_large(): the reserved range around it */
	uint64_t large;                 /* address of a large page without an entry; 0: there is none */
	paddr_t large_pa;               /* RAM for it, in use: to be mapped read-only */
};
extern struct lesson_area lesson_area;

static inline uint8_t area_mark(unsigned i) { return (uint8_t)(0xA0 + i); }

/* ERR_NO_MEMORY: nothing is left behind. */
MUST_USE err_t area_make(unsigned frames);
/* Addresses for a large page of level 1, the entry of which is empty. ERR_UNSUPPORTED: this paging mode has none, or no
 * entry in the range is empty; ERR_NO_MEMORY. */
MUST_USE err_t area_make_large(void);
/* A number that changes with any entry of level 1 and above of the kernel's half, as the CPU sees it, other than that of
 * lesson_area.large. */
uint64_t area_sum_large(void);
/* Clears the entries, flushes, and frees frames and addresses. */
void area_free(void);
/* Stores the level-0 entry of page `i`, and flushes it. */
void area_set(unsigned i, pte_t entry);
/* Counts one mapping of the frame, until area_free(): `fsck` compares that with the entries. */
void area_count_mapping(unsigned frame);
/* The level-0 entry for frame `i`. */
pte_t area_leaf(unsigned frame, prot_t prot);
/* Entry and its place; the walk of a page of the area has an entry of every level, present or not. */
pte_t area_entry(unsigned i, paddr_t *at);
/* A number that changes with any entry of the tables on the way to the area, other than the entries of the pages in `except`
 * (bit i: page i). Accessed and dirty bits do not count. */
uint64_t area_sum(uint32_t except);
/* Says how the entry of page `i` differs from a mapping of the frame with these rights, in one line. False: it does not. */
bool area_complain(struct out *out, uint64_t va, unsigned level, uint64_t pa, prot_t prot);
