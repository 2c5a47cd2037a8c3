/* tests/host/paging/test_halves.c - two roots for one address space, and the roots that registers name, as the manuals have them.
 * SPDX-License-Identifier: MIT
 */
#include "isa/arm.h"
#include "tests/host/paging/sim.h"

static struct sim sim;
static struct pt_mode half[2];

/* A machine with the format's first variant and this TTBCR. */
static void begin(const struct pt_format *format, uint32_t ttbcr)
{
	static struct variant v;
	unsigned i = 0;

	while (variants[i].format != format)
		i++;
	v = variants[i];
	v.cpu.ttbcr = ttbcr;
	sim_init(&sim, &v);
	assert_int_equal(format->isa->divide(&sim.mode, ttbcr, half), OK);
	for (i = 0; i < 2; i++)
		sim.space.half[i] = (struct pt_tree){ &half[i], PADDR(sim_table(&sim, pt_root_bytes(&half[i]))) };
	v.cpu.ttbr1_root = sim.space.half[1].root.v;
}

/* Walk and lookup end where the hardware's walk does. */
static struct hw_page check_at(uint64_t va)
{
	struct hw_page hw = sim_hw_walk(&sim, va);
	struct pt_step steps[PT_MAX_LEVELS];
	struct pt_slot slot;
	struct pt_walk w;

	pt_walk(&sim.space, va, &w, steps, ARRAY_LEN(steps));
	check_walk(sim.v, &w, &hw);
	if (hw.end == HW_NO_ADDRESS)
		return hw;
	assert_int_equal(pt_lookup(&sim.space, va, 0, &slot), OK);
	assert_int_equal(slot.entry_pa.v, hw.entry_pa[hw.entries - 1]);
	return hw;
}

struct seen { unsigned leaves; uint64_t next; };

static bool count_leaf(void *ctx, const struct pt_visit_entry *e)
{
	struct seen *s = ctx;

	assert_true(e->va >= s->next);
	assert_int_equal(sim_hw_walk(&sim, e->va).pa, e->pa.v);
	s->next = e->va + e->size;
	s->leaves++;
	return true;
}

/* Pages at random and at the ends of the halves; each is where the hardware finds it, and all go again. */
static void pages_everywhere(void)
{
	unsigned mapped = 0, tried = 0;
	struct seen seen = { 0, 0 };

	for (; tried < 300; tried++) {
		uint64_t edge = (uint64_t)(1 + rnd(255)) << 24, va = (tried & 1 ? edge - 4096 * rnd(3) : rnd64() & 0xFFFFF000);
		struct hw_page before = check_at(va);
		err_t err = pt_map(&sim.space, va, PADDR(0x5000000 + tried * 4096ull), 4096, PROT_R | PROT_W | PROT_ACCESSED, 0,
		                   &sim.change);

		assert_int_equal(err, before.end == HW_NO_ADDRESS ? ERR_RANGE : before.end == HW_MAPPED ? ERR_EXISTS : OK);
		mapped += err == OK;
		if (err == OK)
			assert_int_equal(check_at(va + 0x123).pa, 0x5000123 + tried * 4096ull);
	}
	assert_int_equal(pt_visit(&sim.space, 0, ~0ull, PT_VISIT_LEAF, count_leaf, &seen), OK);
	assert_int_equal(seen.leaves, mapped);
	for (unsigned i = 0; i < sim.change_count; i++)
		if (sim.changes[i].level == 0) {
			assert_int_equal(pt_unmap(&sim.space, sim.changes[i].va, 4096, NULL), OK);
			assert_int_equal(sim_hw_walk(&sim, sim.changes[i].va).end, HW_NOT_PRESENT);
		}
}

/* A range over the border of two halves that meet is one range. */
static void across(uint64_t border)
{
	for (unsigned i = 0; i < 3; i++) {
		uint64_t va = border - 0x2000 - i * 0x100000;
		uint64_t len = 0x4000 + i * 0x200000;

		assert_int_equal(pt_map(&sim.space, va, PADDR(0x40000000 + va % 0x100000), len, PROT_R | PROT_W, 1, NULL), OK);
		for (uint64_t at = 0; at < len; at += 4096)
			assert_int_equal(check_at(va + at).pa, 0x40000000 + va % 0x100000 + at);
		assert_int_equal(pt_map(&sim.space, va - 4096, PADDR(0), 8192, PROT_R, 0, NULL), ERR_EXISTS);
		assert_int_equal(pt_protect(&sim.space, va, len, PROT_R, NULL), OK);
		assert_false(check_at(va).may[HW_KERNEL][HW_WRITE] || check_at(va + len - 1).may[HW_KERNEL][HW_WRITE]);
		assert_int_equal(pt_unmap(&sim.space, va, len, NULL), OK);
		assert_int_equal(check_at(border - 1).end, HW_NOT_PRESENT);
		assert_int_equal(check_at(border).end, HW_NOT_PRESENT);
		pt_prune(&sim.space, 0, 1ull << 32, NULL);
		assert_int_equal(sim.live, 0);
	}
}

static void short_descriptors(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 8; n++) {
		begin(&pt_short, n);
		pages_everywhere();
		assert_int_equal(pt_unmap(&sim.space, 0, 1ull << 32, NULL), OK);
		pt_prune(&sim.space, 0, 1ull << 32, NULL);
		assert_int_equal(sim.live, 0);
		if (n)
			across(1ull << (32 - n));
		sim_free(&sim);
	}
}

static void long_descriptors(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		unsigned t0 = i & 7, t1 = i >> 3;

		begin(&pt_lpae, 1u << 31 | t1 << 16 | t0);
		pages_everywhere();
		if (t0 && t1 && t0 + t1 > 2)
			assert_int_equal(pt_unmap(&sim.space, 0, 1ull << 32, NULL), ERR_RANGE);
		else
			assert_int_equal(pt_unmap(&sim.space, 0, 1ull << 32, NULL), OK);
		sim_free(&sim);
	}
}

/* ---- root registers ---- */

struct root_row { const struct pt_format *format; unsigned va_bits; uint64_t value; err_t err; uint64_t root; };

/* SDM 3A tables 4-3, 4-7, 4-12 (CR3 with 32-bit and PAE paging, IA-32e with and without PCID), 4.10.1; ARM DDI 0406C B4.1.154
 * (TTBR0), B3.6.6 (its alignment with TTBCR.EAE); DDI 0487 TTBR0_EL1. */
static const struct root_row roots[] = {
	{ &pt_legacy, 0, 0x12345018, OK, 0x12345000 },           /* PCD, PWT */
	{ &pt_legacy, 0, 0x112345000, ERR_RANGE, 0 },
	{ &pt_pae, 0, 0x001876F8, OK, 0x001876E0 },              /* 32 bytes; PCD, PWT */
	{ &pt_x64, 0, 0x8000000012345123, OK, 0x12345000 },      /* PCID 123, no flush */
	{ &pt_x64, 0, 0x6000000012345018, OK, 0x12345000 },      /* LAM */
	{ &pt_x64, 0, 0x0010000012345000, ERR_RANGE, 0 },
	{ &pt_la57, 0, 0x12345FFF, OK, 0x12345000 },
	{ &pt_short, 0, 0x4000404A, OK, 0x40004000 },            /* IRGN, RGN, S */
	{ &pt_short, 0, 0x4000204A, ERR_INVALID, 0 },
	{ &pt_short, 31, 0x4000204A, OK, 0x40002000 },           /* TTBCR.N = 1: 8 KiB */
	{ &pt_short, 31, 0x4000104A, ERR_INVALID, 0 },
	{ &pt_short, 28, 0x4000044A, OK, 0x40000400 },           /* N = 4: 1 KiB */
	{ &pt_short, 25, 0x400000CA, OK, 0x40000080 },           /* N = 7: 128 bytes */
	{ &pt_lpae, 0, 0x0012000040003020, OK, 0x40003020 },     /* ASID 12; four entries */
	{ &pt_lpae, 0, 0x0012000040003010, ERR_INVALID, 0 },
	{ &pt_lpae, 31, 0x0012000040003010, OK, 0x40003010 },    /* T0SZ = 1: two entries */
	{ &pt_lpae, 30, 0x0012000040003020, ERR_INVALID, 0 },    /* T0SZ = 2: a level 2 table */
	{ &pt_lpae, 30, 0x0012000040003000, OK, 0x40003000 },
	{ &pt_lpae, 25, 0x0012000040003080, OK, 0x40003080 },    /* T0SZ = 7: sixteen entries */
	{ &pt_lpae, 25, 0x0012000040003040, ERR_INVALID, 0 },
	{ &pt_lpae, 0, 0x0000010040003000, ERR_RANGE, 0 },
	{ &pt_a64, 0, 0x1234000041234001, OK, 0x41234000 },      /* ASID, CnP */
	{ &pt_a64, 0, 0x41234800, ERR_INVALID, 0 },
	{ &pt_a64, 42, 0x412340C0, OK, 0x412340C0 },             /* T0SZ = 22: eight entries */
	{ &pt_a64_lpa2, 52, 0x432aaa81, OK, 0x432aaa80 },        /* T0SZ = 12: sixteen entries; bits 5:2 are 51:48 */
	{ &pt_a64_lpa2, 52, 0x123400000000ab7d, ERR_INVALID, 0 },
	{ &pt_a64_lpa2, 52, 0x12340000432aaabd, OK, 0xf0000432aaa80 },
	{ &pt_a64_64k, 48, 0x0001000041230224, OK, 0x9000041230200 },
	{ &pt_a64_64k, 42, 0x41230000, OK, 0x41230000 }, { &pt_a64_64k, 42, 0x41230400, ERR_INVALID, 0 },
	{ &pt_sv39, 0, 0x80001000, OK, 0x80001000 }, { &pt_sv39x4, 0, 0x80001000, ERR_INVALID, 0 },
	{ &pt_sv39x4, 0, 0x80004000, OK, 0x80004000 }, { &pt_ept, 0, 0x12345605e, OK, 0x123456000 },
	{ &pt_sv32, 0, 0x3fffff000, OK, 0x3fffff000 }, { &pt_sv32, 0, 0x400000000, ERR_RANGE, 0 },
};

static void registers(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(roots); i++) {
		const struct root_row *r = &roots[i];
		struct pt_mode mode = { .format = r->format, .levels = r->format->levels, .pa_bits = r->format->pa_bits };
		paddr_t root = PADDR(0);
		err_t err;

		mode.va_bits = (uint8_t)r->va_bits;
		while (r->va_bits && r->va_bits <= r->format->level[mode.levels - 1].shift)
			mode.levels--;
		err = pt_root_of(&mode, r->value, &root);
		if (err != r->err || (err == OK && root.v != r->root))
			fail_msg("%s %llx: err %d root %llx", r->format->name, (unsigned long long)r->value, err,
			         (unsigned long long)root.v);
	}
}

static void control_registers(void **state)
{
	struct pt_mode mode = { .format = &pt_a64, .levels = 4, .pa_bits = 48 };

	(void)state;
	/* Linux: 48 bits below, 39 above, hardware access flag; DDI 0487 D19.2.139. */
	assert_int_equal(pt_a64.isa->divide(&mode, 1ull << 39 | 2ull << 30 | 25 << 16 | 16, half), OK);
	assert_int_equal(pt_mode_va_bits(&half[0]), 48);
	assert_int_equal(half[0].levels, 4);
	assert_int_equal(half[1].levels, 3);
	assert_true(half[1].upper && !half[0].upper && half[0].hw_accessed);
	assert_int_equal(pt_va_canonical(&half[1], 0), 0xFFFFFF8000000000);
	/* A granule for each half: 64 KiB with 42 bits below, 4 KiB with 39 above; IPS 2: 40 address bits. */
	assert_int_equal(pt_a64.isa->divide(&mode, 2ull << 32 | 2ull << 30 | 25 << 16 | 1 << 14 | 22, half), OK);
	assert_int_equal(half[0].format->level[0].shift, 16);
	assert_int_equal(half[0].levels, 2);
	assert_int_equal(half[1].format->level[0].shift, 12);
	assert_int_equal(half[0].pa_bits, 40);
	/* LPA2: DS, 52 bits in five levels; 16 KiB above, 47 bits in three. */
	assert_int_equal(pt_a64.isa->divide(&mode, 1ull << 59 | 6ull << 32 | 1ull << 30 | 17 << 16 | 12, half), OK);
	assert_int_equal(half[0].levels, 5);
	assert_int_equal(pt_root_bytes(&half[0]), 128);
	assert_int_equal(half[0].pa_bits, 52);
	assert_int_equal(half[1].levels, 3);
	assert_int_equal(half[1].format->level[0].shift, 14);
	assert_int_equal(pt_a64.isa->divide(&mode, 2ull << 30 | 25 << 16 | 15, half), ERR_INVALID);              /* 49 bits */
	assert_int_equal(pt_a64.isa->divide(&mode, 25 << 16 | 16, half), ERR_INVALID);                           /* TG1 0 */
	assert_int_equal(pt_a64.isa->divide(&mode, 0, half), ERR_INVALID);
	assert_int_equal(pt_short.isa->divide(&mode, 1u << 31, half), ERR_INVALID);
	assert_int_equal(pt_short.isa->divide(&mode, 1u << 5 | 1, half), ERR_UNSUPPORTED);                       /* PD1 */
	assert_int_equal(pt_lpae.isa->divide(&mode, 1, half), ERR_INVALID);
	assert_null(pt_x64.isa->divide);
}

/* DDI 0487 D8.2.2: SL0 and T0SZ say where the walk begins, and how many tables stand there side by side. */
static void second_stages(void **state)
{
	static const struct { uint64_t vtcr; err_t err; unsigned levels, root_bytes, granule; } rows[] = {
		{ 1 << 6 | 24, OK, 3, 2 * 4096, 12 },                  /* KVM: 40 bits from level 1, two tables */
		{ 0 << 6 | 32, OK, 2, 4 * 4096, 12 }, { 0 << 6 | 30, OK, 2, 16 * 4096, 12 }, { 0 << 6 | 29, ERR_INVALID, 0, 0, 0 },
		{ 2 << 6 | 16, OK, 4, 4096, 12 }, { 2 << 6 | 25, ERR_INVALID, 0, 0, 0 },
		{ 1ull << 32 | 1ull << 33 | 12, OK, 5, 128, 12 },      /* LPA2: level -1 */
		{ 2 << 14 | 1 << 6 | 24, OK, 2, 16 * 16384, 14 },      /* 16 KiB: 40 bits from level 2, sixteen tables */
		{ 1 << 14 | 1 << 6 | 24, OK, 2, 16384, 16 },           /* 64 KiB: 40 bits from level 2 */
		{ 3 << 14 | 1 << 6 | 24, ERR_INVALID, 0, 0, 0 },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		struct pt_mode mode = { .format = &pt_s2_a64, .levels = 4, .pa_bits = 48 };

		assert_int_equal(arm64_stage2(rows[i].vtcr, &mode), rows[i].err);
		if (rows[i].err != OK)
			continue;
		assert_int_equal(mode.levels, rows[i].levels);
		assert_int_equal(pt_root_bytes(&mode), rows[i].root_bytes);
		assert_int_equal(mode.format->level[0].shift, rows[i].granule);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_descriptors), cmocka_unit_test(long_descriptors), cmocka_unit_test(registers),
		cmocka_unit_test(control_registers), cmocka_unit_test(second_stages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
