/* tests/host/inspect/test_predict.c - predictions against table walks written from the manuals, over random entries.
 * SPDX-License-Identifier: MIT
 *
 * The models below read raw words and know no format: Intel SDM vol. 3A 4.3 to 4.8, ARM DDI 0406C B3.5 to B3.13,
 * DDI 0487 D8.
 */
#include "inspect/predict.h"
#include "tests/host/inspect/fixture.h"

#define ROUNDS 60000

static struct fake f;
static uint64_t seed = 0x1234567;
static unsigned allowed, coded[0x1000];   /* how often the models said what */

static uint64_t rnd64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545F4914F6CDD1D;
}

static unsigned rnd(unsigned below)
{
	return (unsigned)(rnd64() >> 33) % below;
}

static bool one_in(unsigned n)
{
	return rnd(n) == 0;
}

/* What a model says: changed[i] is the entry of step i (0 the root's) afterwards. */
struct model {
	bool allowed;
	bool later;            /* PAE: the next load of CR3 raises #GP (SDM 3A 4.4.1) */
	uint32_t code;
	uint64_t pa;
	unsigned n;
	uint64_t at[5], changed[5];
};

struct ask { bool write, fetch, user, ac; };

static struct predict_access access_of(const struct ask *a)
{
	enum access access = a->fetch ? ACCESS_EXECUTE : a->write ? ACCESS_WRITE : ACCESS_READ;

	return (struct predict_access){ access, a->user, a->ac };
}

/* ---- x86 ---- */

struct x86_shape { unsigned levels, bytes; bool pae; };

/* Bits that must be zero in entry e of SDM level (1 is the PTE), tables 4-5, 4-6, 4-8 to 4-11, 4-15 to 4-20. */
static bool x86_reserved(const struct x86_shape *s, unsigned level, uint64_t e, bool page)
{
	uint64_t above = f.mode.pa_bits < 52 ? ((1ull << 52) - 1) & ~((1ull << f.mode.pa_bits) - 1) : 0;

	if (s->bytes == 4) {
		if (level == 1 || !page)
			return false;
		return (e & 1u << 21) || (f.mode.pa_bits < 40 && (e >> 13 & 0xff) >> (f.mode.pa_bits - 32));
	}
	if (s->pae && level == 3)
		return e & (above | 0xfff00000000001c6);
	if (s->pae)
		above |= 0x7ff0000000000000;
	if (!f.mode.nx)
		above |= 1ull << 63;
	if (level >= 4 || (level == 3 && !f.mode.gib_pages))
		above |= 1u << 7;
	if (page && level > 1)
		above |= ((1ull << (12 + 9 * (level - 1))) - 1) & ~0x1fffull;
	return e & above;
}

static void x86_model(const struct x86_shape *s, uint64_t va, const struct ask *a, struct model *m)
{
	unsigned bits = s->bytes == 4 ? 10 : 9;
	uint64_t table = f.t.root.v, e = 0;
	bool us = true, rw = true, xd = false, page = false, fault, id;
	unsigned level;

	id = a->fetch && (f.mode.smep || (s->bytes == 8 && f.mode.nx));
	m->code = (uint32_t)(a->write << 1 | a->user << 2 | id << 4);
	for (level = s->levels; ; level--) {
		unsigned shift = 12 + bits * (level - 1);
		uint64_t index = va >> shift & ((1u << bits) - 1);

		if (s->pae && level == 3)
			index = va >> 30 & 3;
		m->at[m->n] = table + index * s->bytes;
		e = m->changed[m->n] = fake_get(&f, m->at[m->n], s->bytes);
		m->n++;
		if (!(e & 1))
			return;
		page = level == 1 || ((e & 0x80) && level > 1 && !(s->bytes == 4 && !f.mode.pse) &&
		                      !(s->pae && level == 3));
		if (s->pae && level == 3) {
			m->later = x86_reserved(s, level, e, page);
		} else if (x86_reserved(s, level, e, page)) {
			m->code |= 9;
			return;
		}
		if (!(s->pae && level == 3)) {
			us = us && (e & 4);
			rw = rw && (e & 2);
			xd = xd || (s->bytes == 8 && f.mode.nx && e >> 63);
			if (!page)
				m->changed[m->n - 1] |= 0x20;
		}
		if (page)
			break;
		table = e & 0x000ffffffffff000;
	}
	if (a->user)
		fault = !us || (a->write && !rw) || (a->fetch && xd);
	else if (a->fetch)
		fault = xd || (f.mode.smep && us);
	else
		fault = (f.mode.smap && us && !a->ac) || (a->write && f.mode.wp && !rw);
	if (fault) {
		m->code |= 1;
		return;
	}
	m->allowed = true;
	m->changed[m->n - 1] |= 0x20 | (a->write ? 0x40 : 0);
	if (s->bytes == 4 && level == 2)
		m->pa = (e & 0xffc00000) | (e >> 13 & 0xff) << 32 | (va & 0x3fffff);
	else
		m->pa = (e & 0x000ffffffffff000 & ~((1ull << (12 + bits * (level - 1))) - 1)) |
		        (va & ((1ull << (12 + bits * (level - 1))) - 1));
}

static uint64_t x86_entry(const struct x86_shape *s, unsigned level, uint64_t next)
{
	uint64_t e = next | 7;

	if (one_in(5))
		e ^= 1u << rnd(3);
	e |= (rnd64() & 0x160) | (level == 1 ? rnd64() & 0x80 : 0);
	if (level > 1 && one_in(4))
		e = (e & ~0xffe000ull) | 0x80;
	if (s->pae && level == 3)
		e &= one_in(6) ? ~0ull : ~0x1c6ull;
	if (one_in(8))
		e |= 1ull << (12 + rnd(10));
	if (s->bytes == 8 && one_in(4))
		e |= 1ull << 63;
	if (s->bytes == 8 && one_in(10))
		e |= 1ull << (32 + rnd(31));
	return e;
}

static void check(uint64_t va, const struct ask *a, const struct model *m)
{
	struct pt_space space = target_space(&f.t);
	struct prediction p;
	unsigned changes = 0;

	predict(&space, va, access_of(a), &p);
	assert_int_equal(p.later != NULL, m->later);
	/* The reserved bit was one of the address. */
	if (m->later && p.outcome == PREDICT_UNREADABLE)
		return;
	if (m->allowed)
		allowed++;
	else
		coded[m->code & 0xfff]++;
	if ((p.outcome == PREDICT_ALLOWED) != m->allowed || (!m->allowed && p.code != m->code) ||
	    (m->allowed && p.pa.v != m->pa)) {
		for (unsigned i = 0; i < m->n; i++)
			fprintf(stderr, "  %llx: %llx\n", (unsigned long long)m->at[i], (unsigned long long)
			        fake_get(&f, m->at[i], f.mode.format->entry_bytes));
		fail_msg("%s va %llx %s%s%s%s: got %d code %x pa %llx (%s), want %d code %x pa %llx",
		         f.mode.format->name, (unsigned long long)va, a->user ? "user " : "", a->write ? "w" : "",
		         a->fetch ? "x" : "", a->ac ? " ac" : "", p.outcome, p.code, (unsigned long long)p.pa.v,
		         p.why ? p.why : "", m->allowed, m->code, (unsigned long long)m->pa);
	}
	for (unsigned i = 0; i < m->n; i++) {
		if (m->changed[i] == fake_get(&f, m->at[i], f.mode.format->entry_bytes))
			continue;
		assert_true(changes < p.changes);
		assert_int_equal(p.change[changes].entry_pa.v, m->at[i]);
		assert_int_equal(p.change[changes].after.v, m->changed[i]);
		changes++;
	}
	assert_int_equal(changes, p.changes);
}

/* Every one of these codes, and permission, must have come up often, or the random entries test nothing. */
static void check_seen(const uint16_t *codes, size_t n)
{
	assert_true(allowed > ROUNDS / 20);
	for (size_t i = 0; i < n; i++)
		if (coded[codes[i]] < 50)
			fail_msg("code %x only %u times", codes[i], coded[codes[i]]);
	allowed = 0;
	memset(coded, 0, sizeof(coded));
}

static struct ask random_ask(void)
{
	unsigned kind = rnd(3);

	return (struct ask){ .write = kind == 1, .fetch = kind == 2, .user = one_in(2), .ac = one_in(3) };
}

static void test_x86(void **state)
{
	static const struct { const struct pt_format *format; struct x86_shape s; uint64_t va; } rows[] = {
		{ &pt_legacy, { 2, 4, false }, 0x8054099e }, { &pt_pae, { 3, 8, true }, 0xf9a10054 },
		{ &pt_x64, { 4, 8, false }, 0xfffffa8005319b30 }, { &pt_la57, { 5, 8, false }, 0xff10123456789abc },
	};
	static const uint8_t pa_bits[] = { 32, 36, 40, 52 };
	static const uint16_t codes[] = { 0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 13, 15, 16, 17, 20, 21, 25, 29 };

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned row = i & 3;
		const struct x86_shape *s = &rows[row].s;
		struct model m = { .n = 0 };
		struct ask a = random_ask();
		uint64_t path[5];

		fake_init(&f, rows[row].format, 0x1000);
		f.mode.pa_bits = s->bytes == 4 ? (uint8_t)(one_in(2) ? 40 : 36) : pa_bits[rnd(4)];
		f.mode.nx = s->bytes == 8 && !one_in(4);
		f.mode.pse = !one_in(4);
		f.mode.gib_pages = one_in(2);
		f.mode.wp = one_in(2);
		f.mode.smep = one_in(3);
		f.mode.smap = one_in(3);
		for (unsigned l = 0; l < s->levels; l++)
			path[l] = x86_entry(s, s->levels - l, 0x10000ull * (l + 2));
		fake_path(&f, s->levels, s->bytes, 0x1000, rows[row].va, path, s->levels);
		x86_model(s, rows[row].va, &a, &m);
		check(rows[row].va, &a, &m);
		fake_free(&f);
	}
	check_seen(codes, ARRAY_LEN(codes));
}

/* ---- ARM ---- */

/* Who may read and write, by AP[2:0] without the access flag (table B3-8): kernel r w, user r w. */
static const uint8_t full_ap[8] = { 0, 0xc, 0xe, 0xf, 0, 0x8, 0xa, 0xa };

static void short_model(uint64_t va, const struct ask *a, struct model *m)
{
	uint32_t d = (uint32_t)fake_get(&f, 0x4000 + (va >> 20) * 4, 4), ap, domain = d >> 5 & 15, client, rights;
	bool section = true, xn, pxn = false, may;

	m->at[0] = 0x4000 + (va >> 20) * 4;
	m->changed[m->n++] = d;
	m->code = a->write ? 0x800 : 0;
	if ((d & 3) == 0 || ((d & 3) == 3 && !f.mode.pxn)) {
		m->code |= 5;
		return;
	}
	if ((d & 3) == 1) {
		uint64_t at = (d & 0xfffffc00) + (va >> 12 & 0xff) * 4;

		section = false;
		pxn = f.mode.pxn && (d & 4);
		d = (uint32_t)fake_get(&f, at, 4);
		m->at[1] = at;
		m->changed[m->n++] = d;
		m->code |= a->fetch ? 0 : domain << 4;
		if ((d & 3) == 0) {
			m->code |= 7;
			return;
		}
		ap = (d >> 4 & 3) | (d >> 9 & 1) << 2;
		xn = d & 2 ? d & 1 : d >> 15 & 1;
		m->pa = d & 2 ? (d & 0xfffff000) | (va & 0xfff) : (d & 0xffff0000) | (va & 0xffff);
	} else {
		ap = (d >> 10 & 3) | (d >> 15 & 1) << 2;
		xn = d >> 4 & 1;
		pxn = f.mode.pxn && (d & 1);
		m->pa = (d & 0xfff00000) | (va & 0xfffff);
		if (d & 1u << 18) {
			domain = 0;
			m->pa = (d & 0xff000000) | (uint64_t)(d >> 20 & 15) << 32 | (uint64_t)(d >> 5 & 15) << 36 |
			        (va & 0xffffff);
		}
		m->code |= a->fetch ? 0 : domain << 4;
	}
	client = f.mode.dacr >> 2 * domain & 3;
	if (f.mode.afe && !(ap & 1)) {
		m->code |= section ? 3 : 6;
		return;
	}
	if (client == 0 || client == 2) {
		m->code |= section ? 9 : 11;
		return;
	}
	rights = full_ap[f.mode.afe ? ap | 1 : ap];
	rights = a->user ? rights & 3 : rights >> 2;
	may = a->write ? rights & 1 : (rights & 2) && !(a->fetch && (xn || (pxn && !a->user)));
	m->allowed = may || client == 3;
	m->code |= section ? 13 : 15;
}

static void test_arm_short(void **state)
{
	static const uint16_t codes[] = {
		3, 5, 6, 7, 9, 11, 13, 15, 0x803, 0x805, 0x806, 0x807, 0x809, 0x80b, 0x80d, 0x80f,
	};

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct model m = { .n = 0 };
		struct ask a = random_ask();
		uint32_t l1 = (uint32_t)rnd64(), l2 = (uint32_t)rnd64();
		uint64_t va = rnd64() & 0xffffffff;

		fake_init(&f, fake_format("short"), 0x4000);
		f.mode.pa_bits = 40;
		f.mode.afe = one_in(2);
		f.mode.pxn = one_in(2);
		f.mode.dacr = one_in(3) ? (uint32_t)rnd64() : 0x55555555;
		if (one_in(2))
			l1 = (l1 & 0x3ff & ~2u) | 0x20001;
		fake_put(&f, 0x4000 + (va >> 20) * 4, l1, 4);
		if ((l1 & 3) == 1)
			fake_put(&f, (l1 & 0xfffffc00) + (va >> 12 & 0xff) * 4, l2, 4);
		short_model(va, &a, &m);
		check(va, &a, &m);
		fake_free(&f);
	}
	check_seen(codes, ARRAY_LEN(codes));
}

/* Long descriptors: level is the manual's, 1 to 3 or 0 to 3. */
static void long_model(bool a64, uint64_t va, const struct ask *a, struct model *m)
{
	bool no_user = false, no_write = false, xn = false, pxn = false, user, write;
	uint64_t table = f.t.root.v, d;
	uint32_t code = a64 ? a->write * 0x40u : 0x200u + a->write * 0x800u;
	unsigned level;

	for (level = 4 - f.mode.levels; ; level++) {
		unsigned shift = 12 + 9 * (3 - level);

		m->at[m->n] = table + (va >> shift & (!a64 && level == 1 ? 3 : 511)) * 8;
		d = m->changed[m->n] = fake_get(&f, m->at[m->n], 8);
		m->n++;
		m->code = code | 4 | level;
		if (!(d & 1) || (level == 3 && !(d & 2)) || (level == 0 && !(d & 2)))
			return;
		if (a64 && (d & 0x0000fffffffff000) >> f.mode.pa_bits) {
			m->code = code | level;
			return;
		}
		if (level == 3 || !(d & 2))
			break;
		no_write = no_write || d >> 62 & 1;
		no_user = no_user || d >> 61 & 1;
		xn = xn || d >> 60 & 1;
		pxn = pxn || d >> 59 & 1;
		table = d & (a64 ? 0x0000fffffffff000 : 0xfffffff000);
	}
	m->code = code | 8 | level;
	if (!(d >> 10 & 1) && !f.mode.hw_accessed)
		return;
	m->code = code | 12 | level;
	write = !(d >> 7 & 1) && !no_write;
	user = (d >> 6 & 1) && !no_user;
	xn = xn || d >> 54 & 1;
	pxn = pxn || d >> 53 & 1 || (a64 && user && write);    /* ARMv7: with SCTLR.UWXN, which is off */
	if (a->fetch)
		m->allowed = a->user ? !xn && (user || a64) : !pxn && (a64 || !xn);
	else
		m->allowed = (user || !a->user) && (write || !a->write);
	if (m->allowed)
		m->changed[m->n - 1] |= 0x400;
	m->pa = (d & (a64 ? 0x0000fffffffff000 : 0xfffffff000) & ~((1ull << (12 + 9 * (3 - level))) - 1)) |
	        (va & ((1ull << (12 + 9 * (3 - level))) - 1));
}

static void random_long(bool a64)
{
	struct model m = { .n = 0 };
	struct ask a = random_ask();
	uint64_t va = a64 ? 0x123456789abc : 0x7e9e6c24, path[4];
	unsigned levels;

	fake_init(&f, fake_format(a64 ? "a64" : "lpae"), 0x1000);
	levels = a64 && one_in(3) ? 3 : f.mode.format->levels;
	f.mode.levels = (uint8_t)levels;
	f.mode.pa_bits = a64 && one_in(2) ? 44 : a64 ? 48 : 40;
	f.mode.hw_accessed = a64 && one_in(2);
	if (a64 && levels == 3)
		va &= 0x7fffffffff;
	for (unsigned l = 0; l < levels; l++) {
		bool last = l + 1 == levels;

		path[l] = (0x10000ull * (l + 2)) | (last ? rnd64() & 0xfff : 0) | 3 | (one_in(4) ? 0 : 0x400);
		path[l] |= rnd64() & (last ? 0x0060000000000000 : one_in(2) ? rnd64() & 0x7800000000000000 : 0);
		if (!last && one_in(6))
			path[l] = (path[l] & ~2ull) | (rnd64() & 0x00600000000004c0);
		if (one_in(8))
			path[l] ^= 1u << rnd(2);
		if (one_in(20))
			path[l] |= 1ull << (40 + rnd(8));
	}
	fake_path(&f, levels, 8, 0x1000, va, path, levels);
	long_model(a64, va, &a, &m);
	if (a64 || !(path[0] & 0xff0000000000))
		check(va, &a, &m);
	fake_free(&f);
}

static void test_arm_long(void **state)
{
	static const uint16_t codes[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 14, 15, 0x4f, 0x205, 0x206, 0x207, 0x209, 0x20a, 0x20b, 0x20d,
		0x20e, 0x20f, 0xa0f,
	};

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++)
		random_long(i & 1);
	check_seen(codes, ARRAY_LEN(codes));
}

/* ---- in words ---- */

static void test_words(void **state)
{
	static const uint64_t small[] = { 0x2001, 0x3043, 0x100121 }, user[] = { 0x2001, 0x3067, 0x8000000000100005 };

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	fake_path(&f, 3, 8, 0x1000, 0xc0100000, small, 3);
	predict_show(fake_out(&f), &f.t, 0xc0100000, (struct predict_access){ ACCESS_WRITE, false, false });
	check_text(f.text, "kernel write of c0100000: page fault, error code 0003 (P W)\n"
	           "  PTE at 3800 contains 0000000000100121: a kernel write to a read-only page, with CR0.WP on\n"
	           "  PDE at 2000 may become 0000000000003063: Accessed\n");
	f.mode.wp = false;
	predict_show(fake_out(&f), &f.t, 0xc0100123, (struct predict_access){ ACCESS_WRITE, false, false });
	check_text(f.text, "kernel write of c0100123: allowed, physical address 100123\n"
	           "  PDE at 2000 becomes 0000000000003063: Accessed\n"
	           "  PTE at 3800 becomes 0000000000100161: Dirty\n");
	predict_show(fake_out(&f), &f.t, 0x40000000, (struct predict_access){ ACCESS_READ, false, false });
	check_text(f.text, "kernel read of 40000000: page fault, error code 0000 (none set)\n"
	           "  PPE at 1008 contains 0000000000000000: not present\n");
	fake_path(&f, 3, 8, 0x1000, 0x8000, user, 3);
	predict_show(fake_out(&f), &f.t, 0x8000, (struct predict_access){ ACCESS_EXECUTE, true, false });
	check_text(f.text, "user fetch of 00008000: page fault, error code 0015 (P U I)\n"
	           "  PTE at 3040 contains 8000000000100005: a fetch from a no-execute page\n");
	fake_free(&f);
	fake_init(&f, &pt_x64, 0x1000);
	predict_show(fake_out(&f), &f.t, 0x0000800000000000, (struct predict_access){ ACCESS_READ, true, false });
	check_text(f.text, "user read of 0000800000000000: not canonical, general protection fault\n");
	fake_put(&f, 0x1000, 0x7777000067, 8);
	predict_show(fake_out(&f), &f.t, 0, (struct predict_access){ ACCESS_READ, true, false });
	check_text(f.text, "user read of 0000000000000000: unknown, the PPE table cannot be read\n");
	fake_free(&f);
	fake_init(&f, fake_format("short"), 0x4000);
	f.mode.dacr = 0x15;
	fake_put(&f, 0x4000 + 0xbf8 * 4, 0, 4);
	predict_show(fake_out(&f), &f.t, 0xbf81e020, (struct predict_access){ ACCESS_READ, false, false });
	check_text(f.text, "kernel read of bf81e020: page fault, DFSR 005 (section translation fault)\n"
	           "  L1 at 6fe0 contains 00000000: no descriptor\n");
	fake_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_x86),
		cmocka_unit_test(test_arm_short),
		cmocka_unit_test(test_arm_long),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
