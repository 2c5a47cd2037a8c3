/* tests/host/paging/test_soft.c - entries that are not present, against the structures that the debugger publishes.
 * SPDX-License-Identifier: MIT
 */
#include "paging/soft.h"
#include "tests/host/paging/sim.h"

/* Windows' structures (_MMPTE_SOFTWARE, _MMPTE_TRANSITION, _MMPTE_PROTOTYPE) and what ARM leaves free, by hand. */
static struct pt_soft software_says(const struct variant *v, uint64_t e)
{
	bool narrow = v->format->entry_bytes == 4, arm = v->cpu.tables == HW_ARM_SHORT;
	bool addresses_of_64 = v->cpu.tables == HW_IA32E || v->cpu.tables == HW_AARCH64;
	uint64_t offset = narrow ? e >> 12 : e >> 32;
	struct pt_soft says = { .kind = SOFT_ZERO };

	if (e == 0)
		return says;
	says.protect = e >> 5 & 31;
	if (e & 0x400) {
		says.kind = SOFT_PROTOTYPE;
		says.vad = offset == (narrow ? 0xFFFFF : 0xFFFFFFFF);
		if (says.vad)
			return says;
		if (!narrow && !addresses_of_64) {
			says.proto = offset;
			return says;
		}
		says.protect = 0;
		if (addresses_of_64)
			says.proto = (uint64_t)((int64_t)e >> 16);
		else if (arm)
			says.proto = 0x80000000 + ((e >> 2 & 0xFF) * 4 + (e >> 11) * 1024);
		else
			says.proto = (e >> 1 & 0x7F) * 4 + (e >> 11) * 512;
	} else if (e & 0x800) {
		says.kind = SOFT_TRANSITION;
		says.pfn = PFN((narrow ? e : e & ((1ull << v->cpu.maxphyaddr) - 1)) >> 12);
	} else {
		says.kind = offset ? SOFT_PAGEFILE : SOFT_DEMAND_ZERO;
		says.offset = offset;
		says.file = offset ? arm ? e >> 2 & 7 : e >> 1 & 15 : 0;
	}
	return says;
}

static void check_soft(const struct pt_soft *got, const struct pt_soft *want)
{
	assert_int_equal(got->kind, want->kind);
	assert_int_equal(got->protect, want->protect);
	assert_int_equal(got->file, want->file);
	assert_int_equal(got->offset, want->offset);
	assert_int_equal(got->pfn.v, want->pfn.v);
	assert_int_equal(got->vad, want->vad);
	assert_int_equal(got->proto, want->proto);
}

/* Entries decode as the structures say, and encode again to an entry that says the same. */
static void soft_words(const struct variant *v)
{
	const struct pt_format *f = v->format;
	struct pt_mode mode = v->mode;
	bool narrow = f->entry_bytes == 4;

	mode.format = f;
	for (unsigned i = 0; i < 40000; i++) {
		uint64_t e = rnd64() >> rnd(64) & ~3ull;
		struct pt_soft want, got;
		pte_t again;

		e |= rnd(4) ? 0 : ~0ull << (narrow ? 12 : 32);
		e = (e & ~0xC00ull) | (uint64_t)rnd(4) << 10;
		e = narrow ? (uint32_t)e : e;
		want = software_says(v, e);
		pt_soft_decode(&mode, PTE(e), &got);
		check_soft(&got, &want);
		if (got.kind == SOFT_DEMAND_ZERO && !got.protect)
			continue;
		assert_int_equal(pt_soft_encode(&mode, &got, &again), OK);
		assert_int_equal(f->kind(&mode, 0, again), e ? PT_SOFT : PT_EMPTY);
		got = software_says(v, again.v);
		check_soft(&got, &want);
	}
}

/* What an entry has no room for is refused; what is not comes back. */
static void soft_entries(const struct variant *v)
{
	const struct pt_format *f = v->format;
	struct pt_mode mode = v->mode;
	bool wide = f->entry_bytes == 8;
	unsigned files = v->cpu.tables == HW_ARM_SHORT ? 8 : 16;
	uint64_t offsets = wide ? 1ull << 32 : 1ull << 20;

	mode.format = f;
	for (unsigned i = 0; i < 20000; i++) {
		struct pt_soft in = { .kind = (enum pt_soft_kind)rnd(4), .protect = (uint8_t)rnd(34) }, out;
		bool fits = in.protect < 32;
		pte_t pte;
		err_t err;

		if (in.kind == SOFT_PAGEFILE) {
			in.file = (uint8_t)rnd(18);
			in.offset = rnd64() >> (28 + rnd(36));
			fits = fits && in.file < files && in.offset && in.offset < offsets;
		} else if (in.kind == SOFT_TRANSITION) {
			in.pfn = PFN(rnd64() >> (12 + rnd(52)));
			fits = fits && in.pfn.v < 1ull << (wide ? mode.pa_bits - 12 : 20);
		} else if (in.kind == SOFT_DEMAND_ZERO) {
			fits = fits && in.protect;
		} else {
			in.protect = fits ? 0 : in.protect;
		}
		err = pt_soft_encode(&mode, &in, &pte);
		assert_int_equal(err == OK, fits);
		if (err != OK)
			continue;
		assert_true(wide || !(pte.v >> 32));
		out = software_says(v, pte.v);
		check_soft(&out, &in);
	}
}

/* Addresses of prototypes: what each layout can say, and its neighbours that it cannot. */
static void prototype_addresses(const struct variant *v)
{
	static const struct { uint64_t address; unsigned tables; } rows[] = {
		{ 0, 1u << HW_32BIT | 1u << HW_PAE | 1u << HW_IA32E | 1u << HW_ARM_LONG | 1u << HW_AARCH64 },
		{ 0xE1B0D3B8, 1u << HW_PAE | 1u << HW_ARM_LONG | 1u << HW_ARM_SHORT | 1u << HW_IA32E | 1u << HW_AARCH64 },
		{ 0xE1B0D3B9, 1u << HW_PAE | 1u << HW_ARM_LONG | 1u << HW_IA32E | 1u << HW_AARCH64 },
		{ 0x01B0D3BC, 1u << HW_32BIT | 1u << HW_PAE | 1u << HW_ARM_LONG | 1u << HW_IA32E | 1u << HW_AARCH64 },
		{ 0x7FFFFFFC, 1u << HW_PAE | 1u << HW_ARM_LONG | 1u << HW_IA32E | 1u << HW_AARCH64 },
		{ 0xFFFF8E00D8C69A68, 1u << HW_IA32E | 1u << HW_AARCH64 },
		{ 0x00007FFFFFFFFFF8, 1u << HW_IA32E | 1u << HW_AARCH64 },
		{ 0x0000800000000000, 0 }, { 0xFFFF7FFFFFFFFFF8, 0 }, { 0xFFFFFFFFFFFF1238, 0 },
		{ 0x1E1B0D3B8, 1u << HW_IA32E | 1u << HW_AARCH64 },
	};
	struct pt_mode mode = v->mode;

	if (v->cpu.tables >= HW_SV)
		return;
	mode.format = v->format;
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		struct pt_soft in = { .kind = SOFT_PROTOTYPE, .proto = rows[i].address }, out;
		pte_t pte;
		err_t err = pt_soft_encode(&mode, &in, &pte);

		assert_int_equal(err, rows[i].tables >> v->cpu.tables & 1 ? OK : ERR_RANGE);
		if (err != OK)
			continue;
		out = software_says(v, pte.v);
		check_soft(&out, &in);
	}
}

static const struct named_test tests[] = {
	{ "words of soft entries", soft_words },
	{ "soft entries", soft_entries },
	{ "prototype addresses", prototype_addresses },
};

int main(void)
{
	return run_for_all(tests, ARRAY_LEN(tests));
}
