/* tests/host/paging/test_bulk.c - whole rows of level 0 at once, against the hardware's walk of each entry.
 * SPDX-License-Identifier: MIT
 */
#include "lib/string.h"
#include "tests/host/paging/sim.h"

#define ROUNDS 120
#define MOST   1024
#define GUARD  0xDEADBEEFu

/* A stretch of one table: what stands in it, and what the hardware makes of that. */
struct row {
	struct sim *s;
	uint64_t va;
	paddr_t at;
	unsigned count;
	_Alignas(8) char entries[MOST * 8];
	struct hw_page hw[MOST];
};

static uint64_t va_at(const struct row *r, unsigned i)
{
	return r->va + (uint64_t)i * PAGE_SIZE;
}

static paddr_t pa_at(const struct row *r, unsigned i)
{
	return paddr_add(r->at, (uint64_t)i * r->s->mode.format->entry_bytes);
}

/* Empty, a leaf of any rights, or any word at all. */
static uint64_t some_entry(const struct sim *s)
{
	const struct pt_format *f = s->mode.format;
	uint64_t pa = rnd64() >> (64 - s->mode.pa_bits + rnd(20)) & ~4095ull;
	pte_t leaf;

	switch (rnd(4)) {
	case 0:
		return 0;
	case 1:
		return f->entry_bytes == 4 ? (uint32_t)rnd64() : rnd64() >> rnd(60);
	default:
		while (f->make_leaf(&s->mode, 0, PADDR(pa), PROT_R | (prot_t)rnd(256), &leaf) != OK)
			pa = pa >> 1 & ~4095ull;
		return leaf.v;
	}
}

static void make_row(struct row *r, struct sim *s)
{
	const struct pt_format *f = s->mode.format;
	unsigned entries = pt_level_entries(f, 0), first = rnd(entries);
	uint64_t flat = rnd64() & pt_mode_va_mask(&s->mode) & ~(pt_level_size(f, 1) - 1);

	r->s = s;
	r->va = pt_va_canonical(&s->mode, flat + (uint64_t)first * PAGE_SIZE);
	r->count = 1 + rnd(entries - first);
	assert_int_equal(pt_ensure(&s->space, r->va, 0, NULL, &r->at), OK);
	for (unsigned i = 0; i < r->count; i++) {
		uint64_t entry = some_entry(s);

		sim_put(s, pa_at(r, i).v, entry);
		memcpy(r->entries + i * f->entry_bytes, &entry, f->entry_bytes);
		r->hw[i] = sim_hw_walk(s, va_at(r, i));
	}
}

/* The number of the frame that the hardware would go to, whether anybody may or not. */
static uint32_t expected_frame(const struct row *r, unsigned i)
{
	const struct hw_page *hw = &r->hw[i];

	return hw->end != HW_MAPPED || hw->pa >> 12 >= PT_NO_FRAME ? PT_NO_FRAME : (uint32_t)(hw->pa >> 12);
}

static void check_frames(const struct row *r, const uint32_t *frame)
{
	for (unsigned i = 0; i < r->count; i++)
		assert_int_equal(frame[i], expected_frame(r, i));
	assert_int_equal(frame[r->count], GUARD);
}

static void frames_of_a_row(const struct variant *v)
{
	static struct row r;
	static struct sim s;
	static uint32_t frame[MOST + 1];
	unsigned mapped = 0, unmapped = 0;

	sim_init(&s, v);
	for (unsigned round = 0; round < ROUNDS; round++) {
		make_row(&r, &s);
		frame[r.count] = GUARD;
		v->format->frames(&s.mode, r.entries, r.count, r.va, frame);
		check_frames(&r, frame);
		for (unsigned i = 0; i < r.count; i++)
			*(frame[i] == PT_NO_FRAME ? &unmapped : &mapped) += 1;
	}
	assert_true(mapped > 1000 && unmapped > 1000);
	sim_free(&s);
}

/* What the child has at the same address: the same page for the same uses, but for writing. */
static void check_shared(const struct row *r, unsigned i, uint64_t entry)
{
	const struct hw_page *before = &r->hw[i];
	uint64_t was = sim_entry(r->s, pa_at(r, i).v);
	struct hw_page after;

	if (before->end != HW_MAPPED) {
		assert_int_equal(entry, was);
		return;
	}
	sim_put(r->s, pa_at(r, i).v, entry);
	after = sim_hw_walk(r->s, va_at(r, i));
	sim_put(r->s, pa_at(r, i).v, was);
	assert_int_equal(after.end, HW_MAPPED);
	assert_int_equal(after.pa, before->pa);
	assert_int_equal(after.size, before->size);
	for (int who = HW_KERNEL; who <= HW_USER; who++) {
		assert_false(after.may[who][HW_WRITE]);
		assert_int_equal(after.may[who][HW_READ], before->may[who][HW_READ]);
		assert_int_equal(after.may[who][HW_FETCH], before->may[who][HW_FETCH]);
	}
	assert_int_equal(after.global, before->global);
	assert_int_equal(after.accessed, before->accessed);
	assert_int_equal(after.cache, before->cache);
	assert_int_equal(entry, r->s->mode.format->write_protect(&r->s->mode, 0, PTE(was)).v);
}

static void shared_rows(const struct variant *v)
{
	static struct row r;
	static struct sim s;
	static uint32_t frame[MOST + 1];
	_Alignas(8) static char to[(MOST + 1) * 8];
	unsigned bytes = v->format->entry_bytes, writable = 0;

	sim_init(&s, v);
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t entry = 0;
		bool differs;

		make_row(&r, &s);
		frame[r.count] = GUARD;
		memset(to, 0x55, sizeof(to));
		differs = v->format->share(&s.mode, r.entries, to, r.count, r.va, frame);
		assert_int_equal(differs, memcmp(to, r.entries, r.count * bytes) != 0);
		check_frames(&r, frame);
		for (unsigned i = 0; i < r.count; i++) {
			memcpy(&entry, to + i * bytes, bytes);
			check_shared(&r, i, entry);
			writable += r.hw[i].end == HW_MAPPED && r.hw[i].may[HW_KERNEL][HW_WRITE];
		}
		assert_int_equal((unsigned char)to[r.count * bytes], 0x55);
	}
	assert_true(writable > 500);
	sim_free(&s);
}

int main(void)
{
	static const struct named_test tests[] = {
		{ "frames of a row", frames_of_a_row }, { "shared rows", shared_rows },
	};

	return run_for_all(tests, ARRAY_LEN(tests));
}
