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
	sim->r.page = kvzalloc(((uint64_t)sim->s->pages + POLICY_LISTS) * sizeof(*sim->r.page), "simulator");
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

/* The pages in memory as a heap: the first one leaves next. A use only moves a page up, because its next use is later. */
struct opt {
	struct simulator *sim;
	const uint32_t *next;       /* as above */
	uint32_t *use;              /* by page: index of its next use */
	uint32_t *heap, *place;     /* pages; by page: its index in heap[] */
	uint32_t count;
};

static bool leaves_before(const struct opt *o, uint32_t page, uint32_t other)
{
	bool dirty = o->sim->flags[page] & PAGE_DIRTY, other_dirty = o->sim->flags[other] & PAGE_DIRTY;

	if (o->use[page] != o->use[other])
		return o->use[page] > o->use[other];
	return dirty != other_dirty ? other_dirty : page < other;
}

static void place_page(struct opt *o, uint32_t i, uint32_t page)
{
	o->heap[i] = page;
	o->place[page] = i;
}

static void move_up(struct opt *o, uint32_t i)
{
	uint32_t page = o->heap[i];

	for (; i > 0 && leaves_before(o, page, o->heap[(i - 1) / 2]); i = (i - 1) / 2)
		place_page(o, i, o->heap[(i - 1) / 2]);
	place_page(o, i, page);
}

static void move_first_down(struct opt *o)
{
	uint32_t page = o->heap[0], i = 0, child;

	for (; (child = 2 * i + 1) < o->count; i = child) {
		if (child + 1 < o->count && leaves_before(o, o->heap[child + 1], o->heap[child]))
			child++;
		if (!leaves_before(o, o->heap[child], page))
			break;
		place_page(o, i, o->heap[child]);
	}
	place_page(o, i, page);
}

/* The page is in memory, and its next use and its flags are set. */
static void opt_load(struct opt *o, uint32_t page, uint32_t frames)
{
	if (o->count < frames) {
		o->heap[o->count] = page;
		move_up(o, o->count++);
		return;
	}
	unload(o->sim, o->heap[0]);
	o->heap[0] = page;
	move_first_down(o);
}

static void replay_opt(struct opt *o, uint32_t frames)
{
	struct simulator *sim = o->sim;

	for (uint32_t i = 0; i < sim->s->count; i++) {
		uint32_t page = sim->s->reference[i] >> 1;
		bool hit = sim->flags[page] & PAGE_LOADED;

		o->use[page] = o->next[i];
		sim->flags[page] |= PAGE_LOADED | (sim->s->reference[i] & 1 ? PAGE_DIRTY : 0);
		sim->out->hits += hit;
		sim->out->faults += !hit;
		if (hit)
			move_up(o, o->place[page]);
		else
			opt_load(o, page, frames);
	}
}

static err_t simulate_opt(struct simulator *sim, uint32_t frames)
{
	uint32_t pages = sim->s->pages;
	uint32_t *next = kvzalloc((uint64_t)sim->s->count * sizeof(*next), "simulator");
	uint32_t *rows = kvzalloc((uint64_t)pages * 3 * sizeof(*rows), "simulator");
	err_t err = next && rows ? OK : ERR_NO_MEMORY;

	if (err == OK) {
		struct opt o = { .sim = sim, .next = next, .use = rows, .heap = rows + pages, .place = rows + 2 * (size_t)pages };

		find_next_uses(sim->s, next, o.use);
		replay_opt(&o, frames);
	}
	kvfree(rows);
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
