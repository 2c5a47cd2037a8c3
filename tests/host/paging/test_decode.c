/* tests/host/paging/test_decode.c - what the formats make of entries, against the hardware's walk.
 * SPDX-License-Identifier: MIT
 */
#include "lib/string.h"
#include "paging/soft.h"
#include "tests/host/paging/sim.h"

/* ---- random memory: every word there is is an entry ---- */

/* Most are pointers or aligned pages within maxphyaddr. */
static uint64_t riscv_word(const struct variant *v, uint64_t word, uint64_t chance)
{
	bool narrow = v->cpu.tables == HW_SV32;

	if (chance % 16 > 2)
		word &= (1ull << (v->mode.pa_bits - 2)) - 1;
	if (chance % 16 > 6)
		word &= ~0xDEull;
	else if (chance >> 8 & 3)
		word |= 2;
	if (chance >> 10 & 1)
		word &= narrow ? ~(0x3FFull << 10) : ~(0x3FFFFull << 10);
	/* Types of memory, and runs of pages that are right or not. */
	if (!narrow && chance % 16 < 7 && (chance >> 12 & 3) == 3)
		word = (word & ~(3ull << 61)) | (chance >> 14 & 3) << 61;
	if (!narrow && chance % 16 < 7 && (chance >> 16 & 3) == 3)
		word = (word & ~(15ull << 10)) | 1ull << 63 | (chance >> 18 & 7 ? 8ull << 10 : 0);
	return word;
}

/* The same word for the same address. Two in three are present, most of those with reserved bits clear. */
static uint64_t random_word(const struct variant *v, uint64_t pa)
{
	uint64_t saved = pa * 0x9E3779B97F4A7C15ull ^ 0xC0FFEE, word;

	saved ^= saved >> 29;
	saved *= 0xBF58476D1CE4E5B9ull;
	word = saved ^ saved >> 32;
	saved *= 0x94D049BB133111EBull;
	saved ^= saved >> 31;
	if (saved % 64 == 0)
		return 0;
	if (saved % 3)
		word |= 1;
	if (saved % 16 > 2)
		word &= ~(((1ull << 52) - 1) ^ ((1ull << v->mode.pa_bits) - 1));
	if (v->cpu.tables == HW_PAE && saved % 16 > 3)
		word &= ~(0x7FFull << 52) & ~(saved % 16 > 6 ? 0x1C6ull : 0);
	if (!v->mode.nx && v->cpu.tables <= HW_IA32E && saved % 16 > 4)
		word &= ~(1ull << 63);
	/* Most table chains must not end at once in a large page, and some large pages be aligned. */
	if (v->cpu.tables >= HW_ARM_LONG && saved % 16 > 5)
		word |= 2;
	if (v->cpu.tables == HW_IA32E && saved % 16 > 5)
		word &= ~0x80ull;
	if (v->cpu.tables >= HW_SV)
		return riscv_word(v, word, saved);
	if (saved >> 8 & 1)
		word &= ~0x3FE000ull;
	return word;
}

#define WINDOW_FIRST 0x400000u
#define WINDOW_SIZE  0x40000u

static uint64_t window[WINDOW_SIZE / 8];

static void fill_window(const struct variant *v)
{
	unsigned bytes = v->format->entry_bytes;

	for (unsigned i = 0; i < WINDOW_SIZE; i += bytes) {
		uint64_t word = random_word(v, WINDOW_FIRST + i);

		memcpy((char *)window + i, &word, bytes);
	}
}

static bool in_window(uint64_t pa)
{
	return pa >= WINDOW_FIRST && pa < WINDOW_FIRST + WINDOW_SIZE;
}

static err_t read_random(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	uint64_t word = random_word(ctx, pa.v);

	if (pa.v % 8192 == 24 && !in_window(pa.v))
		return ERR_IO;
	*out = PTE(bytes == 4 ? (uint32_t)word : word);
	return OK;
}

/* What lies in the window needs no call. */
static err_t read_outside(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	assert_false(in_window(pa.v));
	return read_random(ctx, pa, bytes, out);
}

/* Kind and frame of the entry that ends the lookup, from the end of the hardware's walk. */
static void check_kind(const struct pt_slot *slot, const struct hw_page *hw)
{
	static const enum pt_kind kinds[] = { [HW_MAPPED] = PT_LEAF, [HW_NOT_PRESENT] = PT_SOFT, [HW_RESERVED] = PT_BAD };

	if (slot->entry.v || hw->end != HW_NOT_PRESENT)
		assert_int_equal(slot->kind, kinds[hw->end]);
	else
		assert_int_equal(slot->kind, PT_EMPTY);
	if (slot->level == 0 && hw->end == HW_MAPPED)
		assert_int_equal(slot->page.v, hw->pa >> PAGE_SHIFT);
}

/* The fault path's walk ends where the hardware's does, or before, at the level asked for. */
static void check_slot(const struct variant *v, const struct pt_mode *mode, uint64_t root, uint64_t va,
                       const struct hw_page *hw)
{
	struct pt_env env = {
		.ctx = (void *)(uintptr_t)v, .read = read_outside,
		.linear = (const char *)window, .linear_first = WINDOW_FIRST, .linear_size = WINDOW_SIZE,
	};
	struct pt_space space = pt_space_of(mode, &env, PADDR(root));
	unsigned wanted = rnd(mode->levels), last = hw->entries - 1;
	struct pt_slot slot;
	err_t err = pt_lookup(&space, va, wanted, &slot);

	if (mode->levels - 1 - last < wanted)
		last = mode->levels - 1 - wanted;
	else if (hw->end == HW_BUS) {
		assert_int_equal(err, ERR_IO);
		return;
	}
	assert_int_equal(err, OK);
	assert_int_equal(slot.level, mode->levels - 1 - last);
	assert_int_equal(slot.entry_pa.v, hw->entry_pa[last]);
	assert_int_equal(slot.entry.v, hw->entry[last]);
	for (unsigned level = slot.level + 1; level < mode->levels; level++)
		assert_int_equal(slot.upper[level].v, hw->entry[mode->levels - 1 - level]);
	if (last < hw->entries - 1)
		assert_int_equal(slot.kind, PT_TABLE);
	else
		check_kind(&slot, hw);
}

static bool hw_read_random(void *ctx, uint64_t pa, unsigned bytes, uint64_t *value)
{
	uint64_t word = random_word(ctx, pa);

	*value = bytes == 4 ? (uint32_t)word : word;
	return pa % 8192 != 24 || in_window(pa);
}

static void random_memory(const struct variant *v)
{
	unsigned ends[5] = { 0 }, large = 0;
	struct pt_mode mode = v->mode;
	struct pt_env env = { .ctx = (void *)(uintptr_t)v, .read = read_random };
	struct pt_space space = pt_space_of(&mode, &env, PADDR(0));

	mode.format = v->format;
	fill_window(v);
	for (unsigned i = 0; i < 60000; i++) {
		uint64_t root = rnd64() & ((1ull << (v->mode.pa_bits < 32 ? v->mode.pa_bits : 32)) - 1), va = rnd64();
		struct pt_step steps[PT_MAX_LEVELS];
		struct pt_walk w;
		struct hw_page hw;

		if (i % 3 == 0)
			root = WINDOW_FIRST + rnd(WINDOW_SIZE);
		pt_set_root(&space, PADDR(root & ~(uint64_t)(pt_root_bytes(&mode) - 1)));
		if (i % 16)
			va = pt_va_canonical(&mode, va);
		pt_walk(&space, va, &w, steps, ARRAY_LEN(steps));
		hw = hw_walk(&v->cpu, hw_read_random, (void *)(uintptr_t)v, space.half[0].root.v, va);
		check_walk(v, &w, &hw);
		if (hw.end != HW_NO_ADDRESS)
			check_slot(v, &mode, space.half[0].root.v, va, &hw);
		ends[hw.end]++;
		large += hw.end == HW_MAPPED && hw.size > 4096;
	}
	/* It would prove little if one of the ends were never reached. */
	assert_true(ends[HW_MAPPED] > 200 && ends[HW_NOT_PRESENT] > 200 && ends[HW_BUS] > 1);
	if (v->mode.pse || v->cpu.tables != HW_32BIT)
		assert_true(large > 50);
	if (v->cpu.tables != HW_32BIT && v->cpu.tables != HW_ARM_SHORT)
		assert_true(ends[HW_RESERVED] > 50);
}

/* ---- one entry at a time ---- */

/* The output goes back to where it came from; another one takes its place and leaves the rest as it is. */
static void check_with_output(const struct pt_mode *mode, unsigned level, pte_t pte, struct pt_output was)
{
	const struct pt_format *f = mode->format;
	unsigned bits = mode->pa_bits > 32 && pte.v >> 32 ? mode->pa_bits : 32;
	paddr_t pa = PADDR(rnd64() & ((1ull << bits) - 1) & ~(was.size - 1));
	pte_t other = pt_with_output(mode, level, pte, pa);

	assert_int_equal(pt_with_output(mode, level, pte, was.pa).v, pte.v);
	assert_int_equal(f->kind(mode, level, other), f->kind(mode, level, pte));
	assert_int_equal(pt_output(mode, level, other, 0).pa.v, pa.v);
	assert_int_equal(pt_output(mode, level, other, 0).size, was.size);
	assert_int_equal(f->prot(mode, level, other), f->prot(mode, level, pte));
	assert_int_equal(pt_with_output(mode, level, other, was.pa).v, pte.v);
}

static void any_entry(const struct variant *v)
{
	const struct pt_format *f = v->format;
	struct pt_mode mode = v->mode;

	mode.format = f;
	for (unsigned i = 0; i < 40000; i++) {
		unsigned level = rnd(mode.levels);
		uint64_t raw = rnd64() >> (rnd(8) * 8) << (rnd(4) ? 0 : rnd(20));
		pte_t pte = PTE(f->entry_bytes == 4 ? (uint32_t)raw : raw);
		enum pt_kind kind = f->kind(&mode, level, pte);
		struct pt_output target = pt_output(&mode, level, pte, rnd64());
		struct pt_soft soft;
		char text[32];

		memset(text, '#', sizeof(text));
		pt_letters(&mode, level, pte, text, f->letters + 1u);
		assert_int_equal(strlen(text), f->letters);
		assert_int_equal(text[f->letters + 1], '#');
		text[0] = '#';
		pt_letters(&mode, level, pte, text, f->letters);
		assert_int_equal(text[0], '#');
		pt_soft_decode(&mode, pte, &soft);
		assert_int_equal(f->prot(&mode, level, pte) & ~(prot_t)0x3FFF, 0);
		assert_true(pt_form(&mode, level, pte) != 0);
		if (kind == PT_LEAF || kind == PT_TABLE) {
			assert_int_equal(target.size & (target.size - 1), 0);
			assert_int_equal(target.pa.v & (target.size - 1), 0);
			assert_int_equal(target.pa.v >> mode.pa_bits, 0);
			check_with_output(&mode, level, pte, target);
		}
		assert_int_equal(kind == PT_EMPTY, pte.v == 0);
	}
}

/* Every address bit picks an entry at one level, or is offset in the smallest page; never both, never neither. */
static void each_bit_once(const struct variant *v)
{
	struct pt_mode mode = v->mode;
	uint64_t va = rnd64();

	mode.format = v->format;
	for (unsigned bit = 0; bit < 64; bit++) {
		unsigned changed = 0;

		for (unsigned level = 0; level < mode.levels; level++)
			changed += pt_index(v->format, level, va) != pt_index(v->format, level, va ^ 1ull << bit);
		changed += bit < 12;
		assert_int_equal(changed, pt_mode_va_mask(&mode) >> bit & 1);
		/* Outside the mask: a copy of the bit below in a sign-extending format, fixed elsewhere. */
		if (!(pt_mode_va_mask(&mode) >> bit & 1))
			assert_false(pt_va_valid(&mode, pt_va_canonical(&mode, va) ^ 1ull << bit));
	}
	assert_true(pt_va_valid(&mode, pt_va_canonical(&mode, ~0ull)));
}

/* ---- make_leaf and back, through the hardware's eyes ---- */

static unsigned leaf_pa_bits(const struct variant *v, unsigned level)
{
	if (v->cpu.tables == HW_ARM_SHORT || (v->cpu.tables == HW_32BIT && level == 0))
		return 32;
	return v->mode.pa_bits;
}

/* The long way: apart, and together again without the right. */
static pte_t write_protected(const struct sim *s, unsigned level, pte_t pte, uint64_t va)
{
	const struct pt_format *f = s->mode.format;
	prot_t prot = f->prot(&s->mode, level, pte);
	pte_t made;

	assert_int_equal(f->make_leaf(&s->mode, level, pt_output(&s->mode, level, pte, va).pa,
	                              (prot & ~(prot_t)(PROT_W | PROT_BELOW)) | PROT_COW, &made), OK);
	return made;
}

/* No write is permitted any more; nothing else differs. */
static void check_write_protect(struct sim *s, uint64_t va, unsigned level, paddr_t at, pte_t pte,
                                const struct hw_page *before)
{
	pte_t protected = s->mode.format->write_protect(&s->mode, level, pte);
	struct hw_page hw;

	sim_put(s, at.v, protected.v);
	hw = sim_hw_walk(s, va);
	assert_int_equal(hw.end, HW_MAPPED);
	assert_int_equal(hw.pa, before->pa);
	for (int who = HW_KERNEL; who <= HW_USER; who++) {
		assert_false(hw.may[who][HW_WRITE]);
		assert_int_equal(hw.may[who][HW_READ], before->may[who][HW_READ]);
		assert_int_equal(hw.may[who][HW_FETCH], before->may[who][HW_FETCH]);
	}
	assert_int_equal(hw.global, before->global);
	assert_int_equal(hw.accessed, before->accessed);
	assert_int_equal(hw.cache, before->cache);
	if (!before->may[HW_KERNEL][HW_WRITE])
		assert_int_equal(protected.v, pte.v);
	else
		assert_int_equal(protected.v, write_protected(s, level, pte, va).v);
}

/* The leaf of a frame is frame 0's with the frame put in; and the fault path's walk finds its page. */
static void check_leaf_of(struct sim *s, uint64_t va, prot_t wish, uint64_t pa, pte_t pte)
{
	const struct pt_format *f = s->mode.format;
	struct pt_slot slot;
	pte_t zero;

	assert_int_equal(f->make_leaf(&s->mode, 0, PADDR(0), wish, &zero), OK);
	assert_int_equal(pt_leaf_at(&s->mode, zero, PFN(pa >> PAGE_SHIFT)).v, pte.v);
	assert_int_equal(pt_lookup(&s->space, va, 0, &slot), OK);
	assert_int_equal(slot.kind, PT_LEAF);
	assert_int_equal(slot.page.v, pa >> PAGE_SHIFT);
}

static void leaf_there_and_back(const struct variant *v)
{
	static struct sim s;

	sim_init(&s, v);
	for (unsigned i = 0; i < 20000; i++) {
		unsigned level = rnd(v->mode.levels);
		uint64_t size = 1ull << v->format->level[level].shift, pa = rnd64() >> rnd(60);
		uint64_t va = pt_va_canonical(&s.mode, rnd64()) & ~4095ull;
		prot_t wish = (prot_t)rnd(1024);
		paddr_t at;
		pte_t pte;
		struct pt_step steps[PT_MAX_LEVELS];
		struct pt_walk w;
		struct hw_page hw;
		err_t err;

		if (rnd(8))
			pa &= ~(size - 1);
		err = v->format->make_leaf(&s.mode, level, PADDR(pa), wish, &pte);
		if (!(wish & PROT_R) || !variant_has_pages(v, level) || pa % size) {
			assert_int_equal(err, ERR_INVALID);
			continue;
		}
		if (pa >> leaf_pa_bits(v, level)) {
			assert_int_equal(err, ERR_RANGE);
			continue;
		}
		assert_int_equal(err, OK);
		assert_int_equal(v->format->kind(&s.mode, level, pte), PT_LEAF);
		assert_int_equal(pt_ensure(&s.space, va, level, NULL, &at), OK);
		sim_put(&s, at.v, pte.v);
		pt_walk(&s.space, va, &w, steps, ARRAY_LEN(steps));
		hw = sim_hw_walk(&s, va);
		check_walk(v, &w, &hw);
		/* Only domain 0 counts for a leaf of ours; "managers" has it as a client too. */
		assert_int_equal(w.prot, variant_grants(v, wish));
		assert_int_equal(hw.pa, pa + va % size);
		if (level == 0)
			check_leaf_of(&s, va, wish, pa, pte);
		check_write_protect(&s, va, level, at, pte, &hw);
		if (v->cpu.tables >= HW_ARM_LONG && (wish & PROT_U))
			assert_false(hw.may[HW_KERNEL][HW_FETCH]);
		if (!(wish & PROT_U))
			assert_false(hw.may[HW_USER][HW_FETCH]);
		sim_put(&s, at.v, 0);
		pt_prune(&s.space, ALIGN_DOWN(va, pt_level_size(v->format, v->mode.levels - 1u)),
		         pt_level_size(v->format, v->mode.levels - 1u), NULL);
	}
	assert_true(s.live <= (v->cpu.tables == HW_PAE ? 4 : 0));
	sim_free(&s);
}

/* ---- roots ---- */

static err_t read_nothing(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	(void)pa;
	(void)bytes;
	++*(unsigned *)ctx;
	*out = PTE(0);
	return OK;
}

static bool no_entry(void *ctx, const struct pt_visit_entry *e)
{
	(void)ctx;
	(void)e;
	return false;
}

static struct pt_mode mode_of(const struct variant *v)
{
	struct pt_mode mode = v->mode;

	mode.format = v->format;
	return mode;
}

/* Where no window shows a table its address is no pointer, not even to compute one: the sanitizers watch. */
static void tables_at_any_address(const struct variant *v)
{
	const struct pt_mode mode = mode_of(v);
	static const uint64_t roots[] = {
		0, 1ull << 63, 0x8000000001000000, 0xC000000000000000, 0xFFFFFFFFFFFFC000,
	};

	for (unsigned i = 0; i < ARRAY_LEN(roots); i++) {
		unsigned reads = 0;
		struct pt_env env = {
			.ctx = &reads, .read = read_nothing, .linear = (const char *)window,
			.linear_first = WINDOW_FIRST, .linear_size = WINDOW_SIZE,
		};
		struct pt_space space = pt_space_of(&mode, &env, PADDR(roots[i]));

		assert_int_equal(pt_visit(&space, 0, UINT64_MAX, PT_VISIT_LEAF, no_entry, NULL), OK);
		assert_int_equal(reads, pt_level_entries(v->format, mode.levels - 1u));
	}
}

/* A root comes back from its register with any of the attributes around it, and no other bit is dropped. */
static void roots_of_registers(const struct variant *v)
{
	const struct pt_format *f = v->format;
	const struct pt_mode mode = mode_of(v);
	unsigned bits = f->root_bits < v->mode.pa_bits ? f->root_bits : v->mode.pa_bits;
	uint64_t base = (uint64_t)pt_root_bytes(&mode) << 4, address = ((1ull << bits) - 1) & ~(uint64_t)(pt_root_bytes(&mode) - 1);
	paddr_t root;

	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t value = base | 1ull << bit;
		err_t err = pt_root_of(&mode, value, &root);

		if (f->root_attributes >> bit & 1 || (v->cpu.cbit && bit == v->cpu.cbit)) {
			assert_int_equal(err, OK);
			assert_int_equal(root.v, base);
		} else if (address >> bit & 1) {
			assert_int_equal(err, OK);
			assert_int_equal(root.v, value);
		} else {
			assert_int_equal(err, bit >= bits ? ERR_RANGE : ERR_INVALID);
		}
	}
}

static const struct named_test tests[] = {
	{ "tables at any address", tables_at_any_address },
	{ "roots of registers", roots_of_registers },
	{ "random memory", random_memory },
	{ "any entry", any_entry },
	{ "each bit once", each_bit_once },
	{ "leaf there and back", leaf_there_and_back },
};

int main(void)
{
	return run_for_all(tests, ARRAY_LEN(tests));
}
