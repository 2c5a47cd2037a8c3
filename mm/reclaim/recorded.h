/* mm/reclaim/recorded.h - a reference string that grows up to a fixed room, and its pages by number.
 * SPDX-License-Identifier: MIT
 *
 * All memory is allocated at the start, because references are added by the handlers of faults.
 */
#pragma once
#include "mm/reclaim/simulate.h"

struct recorded_page {
	uint64_t number;            /* virtual page number; from bit RECORDED_PROGRAM_SHIFT on: earlier calls of exec,
	                             * the lower 12 bits of their number */
	uint32_t last;              /* index of its last reference */
	bool accessed, dirty;       /* for policies: as in simulate.c */
};
#define RECORDED_PROGRAM_SHIFT 52
#define RECORDED_NONE UINT32_MAX

/* The shift by the 12 bits of a page leaves nothing of the number of programs. */
static inline uint64_t recorded_va(const struct recorded_page *p) { return p->number << 12; }

struct recorded {
	uint32_t *reference;        /* index of the page << 1 | write */
	uint32_t count, room;
	struct recorded_page *page; /* in the order of their first use */
	uint32_t pages, pages_room;
	uint32_t *bucket;           /* open addressing: index + 1; 0: empty */
	uint32_t mask;
	bool cut;                   /* a reference was lost: there was no room for it */
};

/* ERR_NO_MEMORY: *r has no room. */
MUST_USE err_t recorded_begin(struct recorded *r, uint32_t room, uint32_t pages_room);
void recorded_free(struct recorded *r);
/* Index of the page with this number, a new one if it has none. RECORDED_NONE: no room. */
uint32_t recorded_page(struct recorded *r, uint64_t number);
/* Adds a reference. False: no room. */
bool recorded_add(struct recorded *r, uint32_t page, bool write);
/* The string as the simulator takes it. ERR_NO_MEMORY, ERR_NOT_FOUND: there is none. */
MUST_USE err_t recorded_string(const struct recorded *r, struct reference_string *out);
