/* tests/kernel/test_access.c - every combination of entry bits against the CPU: does what happens agree with predict()?
 * SPDX-License-Identifier: MIT
 *
 * One page of a root of its own, reached by real tables. For each combination of the leaf's bits, the bits of the table above
 * it, the kind of access, the mode and CR0.WP the entries are written, the translation is flushed, the access is predicted,
 * then done, and outcome, error code and accessed and dirty bits are held against the prediction. The levels further up get
 * one deficiency at a time. The kernel reads and executes with arch_probe(), and writes as it does for a
 * program, with EFLAGS.AC set where SMAP is on; user mode runs three instructions of its own.
 */
#include "tests/kernel/access.h"
#include "arch/cpu.h"
#include "kernel/inspect/fields.h"
#include "kernel/string.h"
#include "mm/direct.h"

/* What one entry can be made to have; a format without the field has no such bit. */
enum { BIT_P, BIT_W, BIT_U, BIT_A, BIT_NX, BIT_D, BIT_RESERVED, BITS };
#define TABLE_BITS BIT_D     /* of a table: those before */
/* The letters of `pte` say which field is which: names differ between formats, columns do not (FACTS D1). */
static const uint8_t columns[] = { 11, 9, 8, 5, 10, 4 };

/* Two-level tables have the fewest bits: 16 parents, 32 leaves, 6 accesses, and large pages. */
#define FEWEST 5000
#define FEWEST_ARM 1000

struct bits { uint64_t mask[BITS]; };

static struct access_world *world;
static char text[160];
static uint64_t cases;

static uint64_t field_bit(unsigned level, unsigned form, unsigned column)
{
	const struct pt_format *f = arch_pt_mode()->format;

	for (unsigned i = 0; i < f->field_count; i++)
		if (f->fields[i].column == column && field_applies(&f->fields[i], level, form))
			return field_mask(&f->fields[i]);
	return 0;
}

/* A bit that makes a good entry bad: an address that the CPU has not, or NX where that means nothing. */
static uint64_t reserved_bit(unsigned level, pte_t good)
{
	const struct pt_mode *m = arch_pt_mode();

	for (unsigned bit = 8u * m->format->entry_bytes; bit-- > 12; )
		if (m->format->kind(m, level, PTE(good.v ^ (uint64_t)1 << bit)) == PT_BAD)
			return (uint64_t)1 << bit;
	return 0;
}

static struct bits bits_of(unsigned level, unsigned form, pte_t good)
{
	struct bits b = { .mask = { 0 } };

	for (unsigned i = 0; i < ARRAY_LEN(columns); i++)
		b.mask[i] = field_bit(level, form, columns[i]);
	if (!arch_pt_mode()->nx)
		b.mask[BIT_NX] = 0;
	b.mask[BIT_RESERVED] = reserved_bit(level, good);
	return b;
}

/* The good entry with exactly these of its bits; false when one of them does not exist, so that no case is tried twice. */
static bool compose(const struct bits *b, unsigned set, unsigned count, pte_t good, pte_t *out)
{
	*out = good;
	for (unsigned i = 0; i < count; i++) {
		if (!b->mask[i] && (set & 1u << i))
			return false;
		if (i == BIT_RESERVED ? set & 1u << i : 0)
			out->v ^= b->mask[i];
		else if (i != BIT_RESERVED)
			out->v = set & 1u << i ? out->v | b->mask[i] : out->v & ~b->mask[i];
	}
	return true;
}

/* ---- one case ---- */

static bool same_code(const struct prediction *p, const struct access_result *r)
{
	/* QEMU leaves bit 0 out of a reserved-bit fault's code; the architecture and Bochs have it. */
	return p->code == r->code || ((p->code & ACCESS_CODE_RESERVED) && (p->code ^ r->code) == ACCESS_CODE_PRESENT);
}

/* The levels whose entries the CPU reads in every walk: not the top of PAE, which it keeps in registers (QEMU reads it all the
 * same, and sets A there, where the manual reserves it). */
static unsigned walked_levels(void)
{
	return world->levels - (arch_pt_mode()->format->caps & PT_RELOAD_ROOT ? 1 : 0);
}

/* Each entry as it was, or as predicted; after an allowed access only as predicted. */
static bool same_entries(const struct prediction *p)
{
	for (unsigned l = 0; l < walked_levels(); l++) {
		pte_t was = world->entry[l], now = access_read_entry(world, l), want = was;

		for (unsigned i = 0; i < p->changes; i++)
			if (p->change[i].level == l)
				want = p->change[i].after;
		if (now.v != want.v && !(p->outcome == PREDICT_FAULT && now.v == was.v))
			return false;
	}
	return true;
}

static const char *complain(const char *what, struct access_case c, const struct prediction *p,
                            const struct access_result *r)
{
	static const char *const names[] = { "read", "write", "execute" };

	str_printf(text, sizeof(text), "%s: %s by %s, WP %u, entries %llx %llx, predicted %s %x, was %s %x", what,
	           names[c.access], c.user ? "user" : "kernel", arch_pt_mode()->wp,
	           (unsigned long long)world->entry[1].v, (unsigned long long)world->entry[0].v,
	           p->outcome == PREDICT_ALLOWED ? "allowed" : "fault", (unsigned)p->code,
	           r->fault ? "fault" : "allowed", (unsigned)r->code);
	return text;
}

static const char *try(struct access_case c)
{
	struct access_result r;
	struct prediction p;

	cases++;
	access_write_entries(world);
	predict(&world->as->space, access_address(world, c),
	        (struct predict_access){ c.access, c.user, !c.user && c.access == ACCESS_WRITE }, &p);
	access_do(world, c, &r);
	if (r.fault != (p.outcome == PREDICT_FAULT))
		return complain("outcome", c, &p, &r);
	if (r.fault && !same_code(&p, &r))
		return complain("error code", c, &p, &r);
	return same_entries(&p) ? NULL : complain("accessed and dirty", c, &p, &r);
}

static const char *all_accesses(void)
{
	for (unsigned access = ACCESS_READ; access <= ACCESS_EXECUTE; access++)
		for (unsigned user = 0; user < 2; user++) {
			const char *why = try((struct access_case){ (enum access)access, user });

			if (why)
				return why;
		}
	return NULL;
}

/* ---- the product ---- */

static const char *leaves(void)
{
	pte_t good = world->good[world->leaf];
	struct bits b = bits_of(world->leaf, PT_FORM_LEAF, good);

	for (unsigned set = 0; set < 1u << BITS; set++) {
		const char *why = NULL;

		if (compose(&b, set, BITS, good, &world->entry[world->leaf]))
			why = all_accesses();
		if (why)
			return why;
	}
	return NULL;
}

static const char *leaves_and_parents(void)
{
	unsigned parent = world->leaf + 1;
	struct bits b = bits_of(parent, PT_FORM_TABLE, world->good[parent]);
	const char *why = NULL;

	for (unsigned set = 0; set < 1u << TABLE_BITS && !why; set++)
		if (compose(&b, set, TABLE_BITS, world->good[parent], &world->entry[parent]))
			why = leaves();
	world->entry[parent] = world->good[parent];
	return why;
}

/* One wrong bit at a time on each table. */
static const char *one_deficiency(void)
{
	const char *why = NULL;

	for (unsigned level = world->leaf + 1; level < walked_levels() && !why; level++) {
		struct bits b = bits_of(level, PT_FORM_TABLE, world->good[level]);

		for (unsigned i = 0; i < BITS && !why; i++) {
			world->entry[level].v = world->good[level].v ^ b.mask[i];
			world->entry[world->leaf] = world->good[world->leaf];
			if (b.mask[i] && i != BIT_D)
				why = all_accesses();
		}
		world->entry[level] = world->good[level];
	}
	return why;
}

static const char *sizes(void)
{
	const struct pt_format *f = arch_pt_mode()->format;
	const char *why = NULL;

	for (unsigned leaf = 0; leaf < 2 && !why; leaf++) {
		if (leaf > 0 && (!f->level[leaf].leaf || !arch_pt_mode()->pse))
			continue;
		access_choose_leaf(world, leaf);
		/* Above a large page of two levels there is nothing, of PAE nothing with rights. */
		why = leaf + 1 < walked_levels() ? leaves_and_parents() : leaves();
		if (!why)
			why = one_deficiency();
	}
	return why;
}

static const char *product(void)
{
	const char *why;

	if (access_copies_as_user())
		return access_product_arm(world, &cases);
	why = sizes();
	if (!why && arch_set_write_protect(false) == OK) {
		why = sizes();
		if (arch_set_write_protect(true) != OK)
			return "write protection could not be switched on again";
	}
	return why;
}

static const char *access_test(void)
{
	struct test_balance balance;
	const char *why;

	if (!access_code_exists())
		return KERNEL_TEST_SKIP "no instructions for this CPU's user mode are known to the test";
	test_balance_take(&balance);
	why = access_create(&world);
	if (why)
		return why;
	cases = 0;
	why = product();
	access_destroy(world);
	if (!why && cases < (access_copies_as_user() ? FEWEST_ARM : FEWEST)) {
		str_printf(text, sizeof(text), "only %llu cases were tried", (unsigned long long)cases);
		return text;
	}
	return why ? why : test_balance_check(&balance);
}
KERNEL_TEST(access) = { "access", "all entry bits, accesses and modes: prediction and CPU agree", access_test, false };
