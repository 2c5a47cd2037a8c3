/* tests/host/paging/bench_walk.c - how many pt_walk and pt_lookup a second this machine makes, for each format.
 * SPDX-License-Identifier: MIT
 *
 * Built with -O2 and without sanitizers; not a test. 4096 scattered small pages are mapped in an arena that is memory
 * to the walker, then walked in a fixed shuffled order for half a second. Prints one JSON object.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "paging/walk.h"

#define ARENA  (64u << 20)
#define PAGES  4096u
#define SECONDS 0.5

static uint8_t *arena;
static uint64_t arena_used;

static err_t read_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	(void)ctx;
	if (pa.v > ARENA - 8)
		return ERR_IO;
	if (bytes == 8)
		memcpy(&out->v, arena + pa.v, 8);
	else
		*out = PTE(*(const uint32_t *)(const void *)(arena + pa.v));
	return OK;
}

static void store_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t old, pte_t new, const char *why)
{
	(void)ctx;
	(void)old;
	(void)why;
	memcpy(arena + pa.v, &new.v, bytes);
}

static err_t table_alloc(void *ctx, unsigned bytes, paddr_t *out)
{
	(void)ctx;
	arena_used = ALIGN_UP(arena_used, (uint64_t)bytes);
	if (arena_used + bytes > ARENA)
		return ERR_NO_MEMORY;
	*out = PADDR(arena_used);
	arena_used += bytes;
	return OK;
}

static double now(void)
{
	struct timespec t;

	timespec_get(&t, TIME_UTC);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ull;
	return x ^ x >> 27;
}

static double walks(const struct pt_space *s, const uint64_t *va, uint64_t *sum)
{
	double begin = now(), spent;
	uint64_t done = 0;

	do {
		for (unsigned i = 0; i < PAGES; i++) {
			struct pt_step steps[PT_MAX_LEVELS];
			struct pt_walk w;

			pt_walk(s, va[i], &w, steps, ARRAY_LEN(steps));
			*sum += w.pa.v;
		}
		done += PAGES;
		spent = now() - begin;
	} while (spent < SECONDS);
	return (double)done / spent / 1e6;
}

static double lookups(const struct pt_space *s, const uint64_t *va, uint64_t *sum)
{
	double begin = now(), spent;
	uint64_t done = 0;

	do {
		for (unsigned i = 0; i < PAGES; i++) {
			struct pt_slot slot;

			if (pt_lookup(s, va[i], 0, &slot) == OK)
				*sum += slot.entry.v;
		}
		done += PAGES;
		spent = now() - begin;
	} while (spent < SECONDS);
	return (double)done / spent / 1e6;
}

static void bench(const struct pt_format *f, bool first)
{
	static uint64_t va[PAGES];
	struct pt_mode mode = {
		.format = f, .pa_bits = 36, .levels = f->levels, .nx = true, .pse = true, .pge = true,
		.gib_pages = true, .dacr = 0x55555555, .mair = PT_MAIR_DEFAULT,
	};
	struct pt_env env = { .read = read_entry, .store = store_entry, .table_alloc = table_alloc };
	/* Aligned to the largest root table. */
	struct pt_space s = pt_space_of(&mode, &env, PADDR(0x100000));
	uint64_t sum = 0, size = pt_level_size(f, 0);
	double walk, lookup;

	memset(arena, 0, ARENA);
	arena_used = 0x200000;
	for (unsigned i = 0; i < PAGES; i++) {
		/* Within 16,384 pages, so that every format has about the same count of tables. */
		va[i] = pt_va_canonical(&mode, 0x10000000 + (mix(i + 1) & 0x3FFF) * size);
		if (pt_map(&s, va[i], PADDR(i * size), size, PROT_R | PROT_W, 0, NULL) == ERR_NO_MEMORY)
			exit(1);
	}
	walk = walks(&s, va, &sum);
	lookup = lookups(&s, va, &sum);
	printf("%s  {\"format\": \"%s\", \"walk_millions_per_second\": %.1f, \"lookup_millions_per_second\": %.1f}",
	       first ? "" : ",\n", f->name, walk, lookup);
	if (sum == 0)
		exit(1);
}

int main(int argc, char **argv)
{
	bool first = true;

	arena = malloc(ARENA);
	if (!arena)
		return 1;
	printf("[\n");
	for (const struct pt_format *const *f = pt_formats; *f; f++) {
		if (argc > 1 && strcmp(argv[1], (*f)->name) != 0)
			continue;
		bench(*f, first);
		first = false;
	}
	printf("\n]\n");
	free(arena);
	return 0;
}
