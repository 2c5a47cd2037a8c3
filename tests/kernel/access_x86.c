/* tests/kernel/access_x86.c - every combination of x86's entry bits, accesses, modes and control bits against the CPU.
 * SPDX-License-Identifier: MIT
 *
 * The leaf's bits in full, for pages of every size that the format and the CPU have; times the bits of the table above
 * it; the tables further up with one deficiency at a time; times the three accesses in user mode, in the kernel, and in
 * the kernel with EFLAGS.AC set; times CR0.WP, CR4.SMEP and CR4.SMAP, where the CPU has them.
 */
#include "inspect/fields.h"
#include "lib/string.h"
#include "tests/kernel/access.h"

/* What one entry can be made to have; a format without the field has no such bit. */
enum { BIT_P, BIT_W, BIT_U, BIT_A, BIT_NX, BIT_D, BIT_RESERVED, BIT_G, BITS };
#define TABLE_BITS BIT_D     /* of a table: those before */
/* The letters of `pte` say which field is which: names differ between formats, columns do not (docs/formats.md, section 4). */
static const uint8_t columns[BITS] = { 11, 9, 8, 5, 10, 4, 0, 2 };

/* Page-fault error code. */
#define CODE_P    1u
#define CODE_W    2u
#define CODE_RSVD 8u

struct bits { uint64_t mask[BITS]; };

static struct access_world *world;
static char text[240];
static uint64_t *cases;
static bool quick;

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

	for (unsigned i = 0; i < BITS; i++)
		b.mask[i] = columns[i] ? field_bit(level, form, columns[i]) : 0;
	if (!arch_pt_mode()->nx)
		b.mask[BIT_NX] = 0;
	if (quick)
		b.mask[BIT_G] = 0;
	b.mask[BIT_RESERVED] = reserved_bit(level, good);
	return b;
}

/* The good entry with exactly these of its bits; false when one of them does not exist: no case is tried twice. */
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

static bool same_code(const struct prediction *p, uint32_t seen)
{
	uint32_t differs = p->code ^ seen;

	if (p->code & CODE_RSVD && access_deviates(RESERVED_WITHOUT_PRESENT, differs & CODE_P))
		differs ^= CODE_P;
	return !differs;
}

static pte_t as_predicted(const struct prediction *p, unsigned level, pte_t was)
{
	for (unsigned i = 0; i < p->changes; i++)
		if (p->change[i].level == level)
			return p->change[i].after;
	return was;
}

/* PAE's top entries are read when CR3 is loaded, not in every walk. */
static bool is_cached_top(unsigned level)
{
	return (arch_pt_mode()->format->caps & PT_RELOAD_ROOT) && level + 1u == world->levels;
}

/* The top entry is not checked when the walk ended there. */
static bool same_top(const struct prediction *p, unsigned level, pte_t now)
{
	uint64_t accessed = field_bit(level - 1, PT_FORM_TABLE, columns[BIT_A]);
	uint64_t differs = now.v ^ world->entry[level].v;

	if (p->outcome == PREDICT_ALLOWED && access_deviates(TOP_ENTRY_ACCESSED, differs & accessed))
		differs ^= accessed;
	return p->outcome == PREDICT_ALLOWED ? !differs : !(differs & ~accessed);
}

/* A 1 GiB page that faults for its rights, or for an address bit below its size. Emulators look at such an entry first
 * as at a table's: they set A, and only then check what is a page's alone. A bit that is reserved in a table, too, stops
 * them before that. */
static bool is_gib_page_refused(const struct prediction *p, unsigned level, pte_t was)
{
	uint64_t inside = pt_level_size(arch_pt_mode()->format, level) - PAGE_SIZE;
	bool after_accessed = !(p->code & CODE_RSVD) || ((was.v ^ world->good[level].v) & inside);

	return level == 2 && world->leaf == level && p->outcome == PREDICT_FAULT && (p->code & CODE_P) &&
	       after_accessed && !(was.v & field_bit(level, PT_FORM_LEAF, columns[BIT_A]));
}

/* The leaf after a fault, when the CPU did set A where the manual lets it be. */
static pte_t leaf_after(const struct prediction *p, pte_t was, pte_t now)
{
	if (is_gib_page_refused(p, world->leaf, was) && access_deviates(FAULT_SETS_ACCESSED, now.v != was.v))
		return PTE(was.v | field_bit(world->leaf, PT_FORM_LEAF, columns[BIT_A]));
	return as_predicted(p, world->leaf, was);
}

/* Each entry as predicted; after a fault those above the one that decided may also be as they were. */
static bool same_entries(const struct prediction *p)
{
	for (unsigned l = 0; l < world->levels; l++) {
		pte_t was = world->entry[l], now = access_read_entry(world, l), want;

		if (is_cached_top(l)) {
			if (!same_top(p, l, now))
				return false;
			continue;
		}
		want = l == world->leaf ? leaf_after(p, was, now) : as_predicted(p, l, was);
		if (now.v != want.v && !(p->outcome == PREDICT_FAULT && now.v == was.v))
			return false;
	}
	return true;
}

static const char *complain(const char *what, struct access_case c, const struct prediction *p,
                            const struct access_result *r)
{
	static const char *const names[] = { "read", "write", "execute" };
	const struct pt_mode *m = arch_pt_mode();

	str_printf(text, sizeof(text), "%s: %s by %s%s, WP %u SMEP %u SMAP %u, entries %llx %llx %llx, "
	           "predicted %s %x, was %s %x", what, names[c.access], c.user ? "user" : "kernel",
	           c.open ? " with AC" : "", m->wp, m->smep, m->smap,
	           (unsigned long long)world->entry[2].v, (unsigned long long)world->entry[1].v,
	           (unsigned long long)world->entry[0].v, p->outcome == PREDICT_ALLOWED ? "allowed" : "fault",
	           (unsigned)p->code, r->fault ? "fault" : "allowed", (unsigned)r->code);
	return text;
}

static const char *try(struct access_case c)
{
	struct prediction p;
	struct access_result r;

	++*cases;
	access_write_entries(world);
	predict(&world->as->space, access_address(world, c), (struct predict_access){ c.access, c.user, c.open }, &p);
	access_do(world, c, &r);
	if (r.fault != (p.outcome == PREDICT_FAULT))
		return complain("outcome", c, &p, &r);
	if (r.fault && !same_code(&p, r.code))
		return complain("error code", c, &p, &r);
	return same_entries(&p) ? NULL : complain("accessed and dirty", c, &p, &r);
}

static const char *all_accesses(void)
{
	static const struct access_case all[] = {
		{ ACCESS_READ, true, false }, { ACCESS_WRITE, true, false }, { ACCESS_EXECUTE, true, false },
		{ ACCESS_READ, false, false }, { ACCESS_WRITE, false, false }, { ACCESS_EXECUTE, false, false },
		{ ACCESS_READ, false, true }, { ACCESS_WRITE, false, true },
	};
	const char *why = NULL;

	for (unsigned i = 0; i < ARRAY_LEN(all) && !why; i++)
		why = try(all[i]);
	return why;
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

	for (unsigned level = world->leaf + 1; level < world->levels && !is_cached_top(level) && !why; level++) {
		struct bits b = bits_of(level, PT_FORM_TABLE, world->good[level]);

		for (unsigned i = 0; i < BITS && !why; i++) {
			world->entry[level].v = world->good[level].v ^ b.mask[i];
			world->entry[world->leaf] = world->good[world->leaf];
			if (b.mask[i] && i != BIT_D && i != BIT_G)
				why = all_accesses();
		}
		world->entry[level] = world->good[level];
	}
	return why;
}

/* Above a large page of two levels there is nothing, of PAE nothing with rights. */
static bool parents_are_tried(unsigned leaf)
{
	bool exist = leaf + 1 < world->levels && !is_cached_top(leaf + 1);

	return exist && !(quick && (leaf > 0 || !arch_pt_mode()->wp));
}

static const char *sizes(void)
{
	const char *why = NULL;

	for (unsigned leaf = 0; leaf < world->levels && !why; leaf++) {
		if (!access_choose_leaf(world, leaf))
			continue;
		why = parents_are_tried(leaf) ? leaves_and_parents() : leaves();
		if (!why)
			why = one_deficiency();
	}
	return why;
}

/* Which control bits are tried; quick: WP alone. */
#define MODE_WP 1u
#define MODE_SMEP 2u
#define MODE_SMAP 4u
#define MODES 8u

static const char *modes(const struct pt_mode *before)
{
	const char *why = NULL;

	for (unsigned set = 0; set < MODES && !why; set++) {
		struct pt_mode m = *before;

		m.wp = set & MODE_WP;
		m.smep = set & MODE_SMEP;
		m.smap = set & MODE_SMAP;
		if ((quick && (m.smep != before->smep || m.smap != before->smap)) || arch_set_mode(&m) != OK)
			continue;
		why = sizes();
	}
	return why;
}

const char *access_product_x86(struct access_world *w, bool quickly, uint64_t *counter)
{
	struct pt_mode before = *arch_pt_mode();
	const char *why;

	world = w;
	quick = quickly;
	cases = counter;
	why = modes(&before);
	return arch_set_mode(&before) == OK ? why : "the mode could not be set back";
}
