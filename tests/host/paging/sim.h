/* tests/host/paging/sim.h - a machine for the walker: table memory, an allocator that can fail, a list of changes.
 * SPDX-License-Identifier: MIT
 *
 * Tables stand at scattered physical addresses, aligned to their size and no better, up to what the format's
 * entries can say. Nothing else is memory: reading a freed table, or beside one, is ERR_IO.
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "paging/walk.h"
#include "tests/host/inspect/renamed.h"
#include "tests/host/paging/hw.h"

/* One CPU setting under which every test runs. */
struct variant {
	const char *name;
	const struct pt_format *format;
	struct pt_mode mode;       /* format is filled in by variant_mode */
	struct hw_cpu cpu;
};
extern const struct variant variants[];
extern const unsigned variant_count;

/* What of a wish a format can grant, and where it has pages: written down here a second time, from the manuals. */
prot_t variant_grants(const struct variant *v, prot_t wish);
bool variant_has_pages(const struct variant *v, unsigned level);
/* Addresses counted from 0 to 2^bits: their count of bits, and the real address. */
unsigned variant_va_bits(const struct variant *v);
bool variant_sign_extends(const struct variant *v);
uint64_t variant_va(const struct variant *v, uint64_t flat);

#define SIM_SLOTS 4096

struct sim_table { uint64_t pa; unsigned bytes; uint8_t *data; };
struct sim_change { uint64_t va; unsigned level; pte_t old, new; };

struct sim {
	const struct variant *v;
	struct pt_mode mode;
	struct pt_env env;
	struct pt_space space;
	struct sim_table slot[SIM_SLOTS];
	uint8_t *arena;                    /* windowed: all tables are in it */
	unsigned next_slot, live;          /* live: tables besides the root */
	uint32_t counted[PT_MAX_LEVELS];   /* the same for each level, as the walker counts them */
	long fail_after;                   /* allocations that still succeed; negative: all */
	unsigned long allocated, freed;
	struct pt_change change;           /* fills the list below */
	struct sim_change *changes;
	unsigned change_count, change_room;
};

void sim_init(struct sim *s, const struct variant *v);
/* The same with tables side by side, in the environment's linear range; freed ones hold rubbish. */
void sim_init_linear(struct sim *s, const struct variant *v);
/* Frees all; the root must be the only table left unless tables says how many may be. */
void sim_free(struct sim *s);
/* Fails unless the walker has counted the tables of the space as they are linked. */
void sim_check_counts(const struct sim *s);
struct hw_page sim_hw_walk(const struct sim *s, uint64_t va);
/* An entry by its physical address, for tests that write tables by hand. */
uint64_t sim_entry(const struct sim *s, uint64_t pa);
void sim_put(struct sim *s, uint64_t pa, uint64_t value);
/* A zeroed table that the walker did not ask for. */
uint64_t sim_table(struct sim *s, unsigned bytes);

/* Fails unless walk is what the hardware does at va: end, address, size, rights, attributes, entries read. */
void check_walk(const struct variant *v, const struct pt_walk *walk, const struct hw_page *hw);

/* Random numbers that are the same in every run. */
uint64_t rnd64(void);
unsigned rnd(unsigned below);
void rnd_seed(uint64_t seed);

/* Runs each test once for every variant; v is the state. */
typedef void (*variant_test)(const struct variant *v);
struct named_test { const char *name; variant_test run; };
int run_for_all(const struct named_test *tests, unsigned n);
