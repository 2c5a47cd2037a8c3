/* mm/reclaim/simulate.c - replays a reference string against a replacement policy, and against OPT.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/simulate.h"
#include "mm/space/vmalloc.h"

enum { PAGE_LOADED = 1, PAGE_ACCESSED = 2, PAGE_DIRTY = 4 };

struct simulator {
	const struct reference_string *s;
	struct replacement r;
	unsigned char *flags;       /* by page */
	struct simulation *out;
};

/* ---- struct replacement_env: bits of a page in memory ---- */

static bool sim_used(void *ctx, uint32_t page)
{
	struct simulator *sim = ctx;
	bool used = sim->flags[page] & PAGE_ACCESSED;

	sim->flags[page] &= (unsigned char)~PAGE_ACCESSED;
	return used;
}

static bool sim_dirty(void *ctx, uint32_t page)
{
	return ((struct simulator *)ctx)->flags[page] & PAGE_DIRTY;
}

static bool sim_resident(void *ctx, uint32_t page)
{
	return ((struct simulator *)ctx)->flags[page] & PAGE_LOADED;
}

static const struct replacement_env sim_env = { .used = sim_used, .dirty = sim_dirty, .resident = sim_resident };

/* ---- policies ---- */

static void unload(struct simulator *sim, uint32_t page)
{
	sim->out->writes += (sim->flags[page] & PAGE_DIRTY) != 0;
	sim->flags[page] = 0;
}

/* A policy with access() needs no accessed bit. */
static void access_page(struct simulator *sim, uint32_t reference)
{
	uint32_t page = reference >> 1;

	sim->flags[page] |= reference & 1 ? PAGE_DIRTY : 0;
	if (sim->r.policy->access)
		replacement_access(&sim->r, page);
	else
		sim->flags[page] |= PAGE_ACCESSED;
}

static void replay(struct simulator *sim, uint32_t frames)
{
	for (uint32_t i = 0; i < sim->s->count; i++) {
		uint32_t page = sim->s->reference[i] >> 1;

		if (sim->flags[page] & PAGE_LOADED) {
			sim->out->hits++;
		} else {
			sim->out->faults++;
			if (sim->r.resident == frames)
				unload(sim, replacement_victim(&sim->r));
			sim->flags[page] = PAGE_LOADED;
			replacement_add(&sim->r, page);
		}
		access_page(sim, sim->s->reference[i]);
		if ((i + 1) % frames == 0)
			replacement_tick(&sim->r);
	}
}

static err_t simulate_policy(struct simulator *sim, const struct policy *policy, uint32_t frames)
{
	sim->r.env = &sim_env;
	sim->r.ctx = sim;
	sim->r.pages = sim->s->pages;
	sim->r.window = SIM_WINDOW;
	sim->r.page = kvzalloc((uint64_t)sim->s->pages * sizeof(*sim->r.page), "simulator");
	if (!sim->r.page)
		return ERR_NO_MEMORY;
	replacement_start(&sim->r, policy);
	replay(sim, frames);
	kvfree(sim->r.page);
	return OK;
}

/* ---- OPT ---- */

/* next[i]: index of the next reference to the page of reference i; UINT32_MAX: none. `last`: buffer, by page. */
static void find_next_uses(const struct reference_string *s, uint32_t *next, uint32_t *last)
{
	for (uint32_t page = 0; page < s->pages; page++)
		last[page] = UINT32_MAX;
	for (uint32_t i = s->count; i-- > 0;) {
		next[i] = last[s->reference[i] >> 1];
		last[s->reference[i] >> 1] = i;
	}
}

/* use[page]: index of its next use. */
static uint32_t opt_victim(const struct simulator *sim, const uint32_t *use)
{
	uint32_t best = POLICY_NIL;

	for (uint32_t page = 0; page < sim->s->pages; page++) {
		if (!(sim->flags[page] & PAGE_LOADED))
			continue;
		if (best == POLICY_NIL || use[page] > use[best] ||
		    (use[page] == use[best] && (sim->flags[best] & PAGE_DIRTY) && !(sim->flags[page] & PAGE_DIRTY)))
			best = page;
	}
	return best;
}

static void replay_opt(struct simulator *sim, uint32_t frames, const uint32_t *next, uint32_t *use)
{
	uint32_t loaded = 0;

	for (uint32_t i = 0; i < sim->s->count; i++) {
		uint32_t page = sim->s->reference[i] >> 1;

		if (sim->flags[page] & PAGE_LOADED) {
			sim->out->hits++;
		} else {
			sim->out->faults++;
			if (loaded == frames)
				unload(sim, opt_victim(sim, use));
			else
				loaded++;
			sim->flags[page] = PAGE_LOADED;
		}
		sim->flags[page] |= sim->s->reference[i] & 1 ? PAGE_DIRTY : 0;
		use[page] = next[i];
	}
}

static err_t simulate_opt(struct simulator *sim, uint32_t frames)
{
	uint32_t *next = kvzalloc((uint64_t)sim->s->count * sizeof(*next), "simulator");
	uint32_t *use = kvzalloc((uint64_t)sim->s->pages * sizeof(*use), "simulator");
	err_t err = next && use ? OK : ERR_NO_MEMORY;

	if (err == OK) {
		find_next_uses(sim->s, next, use);
		replay_opt(sim, frames, next, use);
	}
	kvfree(use);
	kvfree(next);
	return err;
}

err_t simulate(const struct policy *policy, const struct reference_string *s, uint32_t frames, struct simulation *out)
{
	struct simulator sim = { .s = s, .out = out };
	err_t err;

	*out = (struct simulation){ 0 };
	sim.flags = kvzalloc(s->pages, "simulator");
	if (!sim.flags)
		return ERR_NO_MEMORY;
	err = policy ? simulate_policy(&sim, policy, frames) : simulate_opt(&sim, frames);
	kvfree(sim.flags);
	return err;
}
