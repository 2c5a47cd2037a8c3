/* mm/reclaim/policy.h - page replacement: which resident page leaves memory next.
 * SPDX-License-Identifier: MIT
 *
 * A policy keeps resident pages on lists, oldest first, and chooses victims. It works on page numbers and sees memory through
 * struct replacement_env only, so the same code runs on the machine (replace.c: pages are frames, accessed bits are those of
 * PTEs) and in the simulator (simulate.c: pages of a reference string).
 *
 *   accessed bit   set by an access to the page; used() reads and clears it
 *   tick           one sample of the accessed bits; the unit of replacement.now
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define POLICY_NIL   UINT32_MAX
#define POLICY_LISTS 3
#define POLICY_NO_LIST 0xFF

struct policy_page {
	uint32_t next, prev;        /* page numbers; the neighbour at either end is policy_end() */
	uint32_t time;              /* wsclock: tick at which the last use was seen */
	uint16_t age;               /* aging: one bit per tick, the highest one is the last tick */
	uint8_t list;               /* POLICY_NO_LIST: not resident */
	bool young;                 /* used, but something other than the policy cleared the accessed bit since */
};

struct replacement_env {
	/* Reads and clears the page's accessed bit. */
	bool (*used)(void *ctx, uint32_t page);
	/* True if the page must be written before its frame is free. */
	bool (*dirty)(void *ctx, uint32_t page);
	/* False: the page left memory without replacement_remove(). */
	bool (*resident)(void *ctx, uint32_t page);
};

/* The resident pages under one policy. */
struct replacement {
	const struct policy *policy;
	const struct replacement_env *env;
	void *ctx;
	struct policy_page *page;   /* by page number: `pages` records, and POLICY_LISTS more, the ends of the lists */
	uint32_t pages;
	uint32_t count[POLICY_LISTS];       /* pages on each list */
	uint32_t resident;          /* pages on lists */
	uint32_t now;               /* ticks since the policy was chosen */
	uint32_t window;            /* wsclock: ticks without a use after which a page is not in the working set */
	uint32_t seed;              /* random: the generator's state */
	unsigned youngest;          /* mglru: the list of the youngest generation; the next list is the oldest one */
	bool all_inside;            /* wsclock: every page is in the working set, until the next tick */
};

struct policy {
	const char *name, *what;
	/* The page became resident. It is on no list. */
	void (*add)(struct replacement *r, uint32_t page);
	/* Each access, where the caller sees each access. NULL: the policy needs accessed bits only, as on the machine. */
	void (*access)(struct replacement *r, uint32_t page);
	/* Each tick. NULL: no need. */
	void (*tick)(struct replacement *r);
	/* The page that leaves next; at least one is resident. The caller takes it off its list. */
	uint32_t (*victim)(struct replacement *r);
};

/* A row per policy; name NULL at the end. The first is the default. */
extern const struct policy *const policies[];
extern const struct policy policy_clock, policy_fifo, policy_aging, policy_wsclock, policy_lru, policy_random, policy_mglru;
/* NULL: no such policy. */
const struct policy *policy_named(const char *name);

/* ---- for users of a policy ---- */

/* Initialises r; env, ctx, page, pages and window are set. No page is resident. */
void replacement_start(struct replacement *r, const struct policy *policy);
/* Goes on with another policy: the resident pages are added to it, in the order of the lists. */
void replacement_change(struct replacement *r, const struct policy *policy);
/* The page became resident. A page that is resident already is added again, as the youngest. */
void replacement_add(struct replacement *r, uint32_t page);
void replacement_remove(struct replacement *r, uint32_t page);
void replacement_access(struct replacement *r, uint32_t page);
void replacement_tick(struct replacement *r);
/* Takes the next victim off its list. POLICY_NIL: no page is resident. */
uint32_t replacement_victim(struct replacement *r);

/* ---- for policies ---- */

/* The record that is the end of a list: its next is the oldest page, its prev the youngest. */
static inline uint32_t policy_end(const struct replacement *r, unsigned list) { return r->pages + list; }
/* The oldest page of a list, and the page after `page`. POLICY_NIL: there is none. */
uint32_t policy_first(const struct replacement *r, unsigned list);
uint32_t policy_next(const struct replacement *r, uint32_t page);
/* Moves the page to the tail of a list: its youngest place. */
void page_to_tail(struct replacement *r, unsigned list, uint32_t page);
/* Reads and clears the accessed bit of a page. */
bool page_was_accessed(struct replacement *r, uint32_t page);
/* The first page of list 0 that was not used; used pages before it move to the tail, with a second chance. If all were used: the
 * oldest. */
uint32_t policy_second_chance(struct replacement *r);
