/* tests/host/paging/sim.c - the machine for the walker, and the comparison with the hardware's walk.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/paging/sim.h"

#define SLOT_SHIFT 14      /* a root of the short format fills one */
#define ARENA_PA   0x10000000u
#define ARENA_SIZE ((uint64_t)SIM_SLOTS << SLOT_SHIFT)
#define RUBBISH    0xA5

static uint64_t random_state = 1;

void rnd_seed(uint64_t seed)
{
	random_state = seed;
}

uint64_t rnd64(void)
{
	uint64_t z = random_state += 0x9E3779B97F4A7C15ull;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
	z = (z ^ z >> 27) * 0x94D049BB133111EBull;
	return z ^ z >> 31;
}

unsigned rnd(unsigned below)
{
	return (unsigned)(rnd64() >> 33) % below;
}

/* ---- table memory ---- */

/* NULL: no memory at [pa, pa+bytes). */
static uint8_t *find(const struct sim *s, uint64_t pa, unsigned bytes)
{
	const struct sim_table *t = &s->slot[pa >> SLOT_SHIFT & (SIM_SLOTS - 1)];

	if (!t->data || pa < t->pa || pa + bytes > t->pa + t->bytes)
		return NULL;
	return t->data + (pa - t->pa);
}

/* Bits above the slot number are random as far as pointers to tables reach. */
uint64_t sim_table(struct sim *s, unsigned bytes)
{
	unsigned reach = s->mode.format->entry_bytes == 4 ? 32 : s->mode.pa_bits, slot = s->next_slot;
	struct sim_table *t;

	while (s->slot[slot].data)
		slot = (slot + 1) % SIM_SLOTS;
	s->next_slot = (slot + 1) % SIM_SLOTS;
	t = &s->slot[slot];
	t->bytes = bytes;
	t->pa = s->arena ? ARENA_PA : (rnd64() & ((1ull << reach) - 1)) >> 26 << 26;
	t->pa |= (uint64_t)slot << SLOT_SHIFT;
	t->pa += (uint64_t)rnd((1u << SLOT_SHIFT) / bytes) * bytes;
	t->data = s->arena ? s->arena + (t->pa - ARENA_PA) : malloc(bytes);
	memset(t->data, 0, bytes);
	return t->pa;
}

static void drop(struct sim *s, uint64_t pa)
{
	struct sim_table *t = &s->slot[pa >> SLOT_SHIFT & (SIM_SLOTS - 1)];

	assert_true(t->data != NULL && t->pa == pa);
	if (s->arena)
		memset(t->data, RUBBISH, t->bytes);
	else
		free(t->data);
	*t = (struct sim_table){ 0 };
}

uint64_t sim_entry(const struct sim *s, uint64_t pa)
{
	uint8_t *at = find(s, pa, s->mode.format->entry_bytes);
	uint64_t v = 0;

	assert_non_null(at);
	memcpy(&v, at, s->mode.format->entry_bytes);
	return v;
}

void sim_put(struct sim *s, uint64_t pa, uint64_t value)
{
	uint8_t *at = find(s, pa, s->mode.format->entry_bytes);

	assert_non_null(at);
	memcpy(at, &value, s->mode.format->entry_bytes);
}

/* ---- the environment ---- */

static err_t env_read(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	struct sim *s = ctx;
	uint8_t *at = find(s, pa.v, bytes);

	assert_int_equal(bytes, s->mode.format->entry_bytes);
	assert_int_equal(pa.v % bytes, 0);
	if (!at)
		return ERR_IO;
	out->v = 0;
	memcpy(&out->v, at, bytes);
	return OK;
}

static void env_store(void *ctx, paddr_t pa, unsigned bytes, pte_t old, pte_t new, const char *why)
{
	struct sim *s = ctx;

	assert_int_equal(bytes, s->mode.format->entry_bytes);
	assert_non_null(why);
	/* The half-word order of a two-store environment hangs on it. */
	assert_int_equal(sim_entry(s, pa.v), old.v);
	if (bytes == 4)
		assert_int_equal(new.v >> 32, 0);
	sim_put(s, pa.v, new.v);
}

static err_t env_alloc(void *ctx, unsigned bytes, paddr_t *out)
{
	struct sim *s = ctx;

	if (s->fail_after == 0)
		return ERR_NO_MEMORY;
	if (s->fail_after > 0)
		s->fail_after--;
	*out = PADDR(sim_table(s, bytes));
	s->live++;
	s->allocated++;
	return OK;
}

static void env_free(void *ctx, paddr_t table, unsigned bytes)
{
	struct sim *s = ctx;

	assert_int_equal(s->slot[table.v >> SLOT_SHIFT & (SIM_SLOTS - 1)].bytes, bytes);
	drop(s, table.v);
	s->live--;
	s->freed++;
}

static void note_change(void *ctx, uint64_t va, unsigned level, pte_t old, pte_t new)
{
	struct sim *s = ctx;

	if (s->change_count == s->change_room) {
		s->change_room = s->change_room ? 2 * s->change_room : 256;
		s->changes = realloc(s->changes, s->change_room * sizeof(*s->changes));
	}
	s->changes[s->change_count++] = (struct sim_change){ va, level, old, new };
}

static void init(struct sim *s, const struct variant *v)
{
	unsigned bytes;

	s->v = v;
	s->mode = v->mode;
	s->mode.format = v->format;
	s->fail_after = -1;
	s->env = (struct pt_env){
		.ctx = s, .read = env_read, .store = env_store, .table_alloc = env_alloc, .table_free = env_free,
	};
	s->change = (struct pt_change){ note_change, s, "test" };
	bytes = pt_table_bytes(v->format, v->mode.levels - 1u);
	s->space = pt_space_of(&s->mode, &s->env, PADDR(sim_table(s, bytes)));
	s->space.tables = s->counted;
	/* CR3 has 32 bits without IA-32e; the short format's TTBR too. */
	if (v->cpu.tables <= HW_PAE || v->cpu.tables == HW_ARM_SHORT) {
		struct sim_table *t = &s->slot[s->space.half[0].root.v >> SLOT_SHIFT & (SIM_SLOTS - 1)];

		t->pa &= 0xFFFFFFFF;
		pt_set_root(&s->space, PADDR(t->pa));
	}
}

void sim_init(struct sim *s, const struct variant *v)
{
	memset(s, 0, sizeof(*s));
	init(s, v);
}

void sim_init_linear(struct sim *s, const struct variant *v)
{
	memset(s, 0, sizeof(*s));
	s->arena = malloc(ARENA_SIZE);
	init(s, v);
	s->env.linear = (const char *)s->arena;
	s->env.linear_first = ARENA_PA;
	s->env.linear_size = ARENA_SIZE;
}

void sim_free(struct sim *s)
{
	for (unsigned i = 0; i < SIM_SLOTS && !s->arena; i++)
		free(s->slot[i].data);
	free(s->arena);
	free(s->changes);
	memset(s, 0, sizeof(*s));
}

static void count_tables(const struct sim *s, uint64_t table, unsigned level, uint32_t *count)
{
	const struct pt_format *f = s->mode.format;

	for (unsigned i = 0; level > 0 && i < pt_level_entries(f, level); i++) {
		pte_t entry = PTE(sim_entry(s, table + (uint64_t)i * f->entry_bytes));

		if (f->kind(&s->mode, level, entry) != PT_TABLE)
			continue;
		count[level - 1]++;
		count_tables(s, pt_output(&s->mode, level, entry, 0).pa.v, level - 1, count);
	}
}

void sim_check_counts(const struct sim *s)
{
	uint32_t count[PT_MAX_LEVELS] = { 0 };

	count_tables(s, s->space.half[0].root.v, s->mode.levels - 1u, count);
	assert_memory_equal(count, s->counted, sizeof(count));
}

static bool hw_read(void *ctx, uint64_t pa, unsigned bytes, uint64_t *value)
{
	uint8_t *at = find(ctx, pa, bytes);

	*value = 0;
	if (at)
		memcpy(value, at, bytes);
	return at != NULL;
}

struct hw_page sim_hw_walk(const struct sim *s, uint64_t va)
{
	return hw_walk(&s->v->cpu, hw_read, (void *)(uintptr_t)s, s->space.half[0].root.v, va);
}

/* ---- the comparison ---- */

static enum hw_end end_of(const struct pt_walk *w)
{
	if (w->err == ERR_RANGE)
		return HW_NO_ADDRESS;
	if (w->err != OK)
		return HW_BUS;
	return w->outcome == PT_LEAF ? HW_MAPPED : w->outcome == PT_BAD ? HW_RESERVED : HW_NOT_PRESENT;
}

static void check_rights(const struct variant *v, const struct pt_walk *w, const struct hw_page *hw)
{
	/* PROT_* says what the least privileged mode that may use the page can do with it. */
	bool user = hw->may[HW_USER][HW_READ] || hw->may[HW_USER][HW_WRITE];
	const bool *may = hw->may[user ? HW_USER : HW_KERNEL];
	prot_t want = (user ? PROT_U : 0) | (may[HW_READ] ? PROT_R : 0) | (may[HW_WRITE] ? PROT_W : 0) |
	              (may[HW_FETCH] ? PROT_X : 0);
	prot_t state = (hw->global ? PROT_GLOBAL : 0) | (hw->accessed ? PROT_ACCESSED : 0) |
	               (hw->dirty ? PROT_DIRTY : 0) | (prot_t)hw->cache << 8;

	/* Without R nothing else matters: no access at all. */
	if (!(want & PROT_R) && !(w->prot & PROT_R))
		want = w->prot & PROT_RIGHTS;
	if ((w->prot & ~(prot_t)PROT_COW) != (want | state))
		fail_msg("%s: va %llx entry %llx: rights %x, hardware %x", v->name, (unsigned long long)w->va,
		         (unsigned long long)hw->entry[hw->entries - 1], w->prot, want | state);
}

void check_walk(const struct variant *v, const struct pt_walk *w, const struct hw_page *hw)
{
	if (end_of(w) != hw->end || w->n != hw->entries)
		fail_msg("%s: va %llx entry %llx: ended %d after %u, hardware %d after %u", v->name,
		         (unsigned long long)w->va, (unsigned long long)(w->n ? w->last.entry.v : 0),
		         end_of(w), w->n, hw->end, hw->entries);
	for (unsigned i = 0; i < w->n; i++) {
		assert_int_equal(w->step[i].entry_pa.v, hw->entry_pa[i]);
		if (w->err == OK)
			assert_int_equal(w->step[i].entry.v, hw->entry[i]);
	}
	if (hw->end != HW_MAPPED)
		return;
	if (w->pa.v != hw->pa || w->page.size != hw->size || w->page.pa.v != hw->pa - hw->pa % hw->size)
		fail_msg("%s: va %llx entry %llx: pa %llx size %llx, hardware %llx %llx", v->name,
		         (unsigned long long)w->va, (unsigned long long)hw->entry[hw->entries - 1],
		         (unsigned long long)w->pa.v, (unsigned long long)w->page.size,
		         (unsigned long long)hw->pa, (unsigned long long)hw->size);
	check_rights(v, w, hw);
}
