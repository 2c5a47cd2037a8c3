/* tests/kernel/access_arm.c - every combination of ARM's permission bits against the CPU.
 * SPDX-License-Identifier: MIT
 *
 * AP, AF, XN and PXN of pages and of large pages, domains, what tables take away from all below them.
 * The CPU sets no access flag: a page without it faults, the kernel sets it, and the access is made again. So for such
 * an entry two predictions are made, one for each try; the first must be an access flag fault.
 */
#include "tests/kernel/access.h"
#include "arch/context.h"
#include "kernel/inspect/fields.h"
#include "kernel/inspect/fsr.h"
#include "kernel/string.h"
#include "mm/fault.h"

#define DOMAINS 3         /* 0 the kernel's, 1 the user part's, 2 nobody's */
#define NOBODYS 2
/* Short-descriptor status of the first level, and the bit that makes it the second's. */
#define STATUS_DOMAIN 0x9u
#define STATUS_PERMISSION 0xDu
#define STATUS_SECOND_LEVEL 0x2u

/* One-bit fields of leaves and of tables; which there are is the format's, and the level's. */
static const char *const leaf_names[] = {
	"AP[0]", "AP[1]", "AP[2]", "AF", "ExecuteNever", "XN", "PXN", "PrivilegedExecuteNever",
};
static const char *const table_names[] = {
	"APTable[0]", "APTable[1]", "XNTable", "PXNTable", "PrivilegedExecuteNever",
};

struct bit_list { unsigned count; uint64_t mask[8]; };

static struct access_world *world;
static uint64_t *cases;
static char text[200];

static struct bit_list list(unsigned level, unsigned form, const char *const *names, size_t n)
{
	struct bit_list b = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct pt_field *f = field_find(arch_pt_mode()->format, level, form, names[i]);

		if (f)
			b.mask[b.count++] = field_mask(f);
	}
	return b;
}

static pte_t with_bits(const struct bit_list *b, unsigned set, pte_t good)
{
	for (unsigned i = 0; i < b->count; i++)
		good.v = set & 1u << i ? good.v | b->mask[i] : good.v & ~b->mask[i];
	return good;
}

/* ---- one case ---- */

static bool in_nobodys_domain(void)
{
	unsigned form = world->leaf == 1 ? PT_FORM_LEAF : PT_FORM_TABLE;
	const struct pt_field *f = field_find(arch_pt_mode()->format, 1, form, "Domain");

	return f && field_value(f, world->entry[1]) == NOBODYS;
}

static void foresee(struct access_case c, struct prediction *p)
{
	predict(&world->as->space, access_address(world, c), (struct predict_access){ c.access, c.user, false }, p);
}

/* Sets what the kernel sets after an access flag fault of a small page; false when there is none to be expected. */
static bool flag_is_missing(pte_t *leaf)
{
	const struct pt_mode *m = arch_pt_mode();
	prot_t own;

	if (world->leaf != 0 || m->format->kind(m, 0, *leaf) != PT_LEAF)
		return false;
	own = m->format->prot(m, 0, *leaf);
	return !(own & PROT_ACCESSED) &&
	       m->format->make_leaf(m, 0, pfn_base(world->frame), own | PROT_ACCESSED, leaf) == OK;
}

static const char *complain(struct access_case c, const char *what, const struct prediction *p,
                            const struct access_result *r)
{
	static const char *const names[] = { "read", "write", "execute" };

	str_printf(text, sizeof(text), "%s: %s by %s, entries %llx %llx %llx, predicted %s %x, was %s %x", what,
	           names[c.access], c.user ? "user" : "kernel", (unsigned long long)world->entry[2].v,
	           (unsigned long long)world->entry[1].v, (unsigned long long)world->entry[0].v,
	           p->outcome == PREDICT_ALLOWED ? "allowed" : "fault", (unsigned)p->code,
	           r->fault ? "fault" : "allowed", (unsigned)r->code);
	return text;
}

static bool flag_is_clear(void)
{
	const struct pt_mode *m = arch_pt_mode();

	return !(m->format->prot(m, world->leaf, world->entry[world->leaf]) & PROT_ACCESSED);
}

/* The manual's order is translation, access flag, domain, permission (B3.12.2). QEMU, for short descriptors, looks at
 * the domain before it reads the second level, and at XN before the access flag. It also puts the domain into IFSR,
 * where the manual has no such field (B4.1.96). */
static bool same_code(struct access_case c, uint64_t predicted, uint64_t seen)
{
	unsigned status = seen & FSR_STATUS & ~STATUS_SECOND_LEVEL;
	bool fetch = c.access == ACCESS_EXECUTE, early;
	uint64_t ignored = fetch ? 0xFu << FSR_DOMAIN_SHIFT : 0;

	early = (in_nobodys_domain() && status == STATUS_DOMAIN &&
	         (predicted & FSR_STATUS & ~STATUS_SECOND_LEVEL) != STATUS_PERMISSION) ||
	        (fetch && status == STATUS_PERMISSION && flag_is_clear());
	if (early && !(seen & FSR_LPAE))
		ignored |= FSR_STATUS;
	return !((predicted ^ seen) & ~ignored);
}

/* Among the last few faults, for other processes may run and fault as well. Both tries end alike where QEMU looked at
 * something else first. */
static bool flag_fault_was_seen(struct access_case c, const struct prediction *first, const struct access_result *r)
{
	const struct fault_record *f;

	for (unsigned i = 0; i < FAULT_RING && (f = fault_recent(i)) != NULL; i++)
		if (f->action == ACT_ACCESSED && f->fault.va == access_address(world, c))
			return first->outcome == PREDICT_FAULT && (same_code(c, first->code, f->fault.code) ||
			                                           (r->fault && f->fault.code == r->code));
	return false;
}

/* A kernel's write is a probe: where it may not even read, it is the read that faults. */
static void as_probed(struct access_case c, struct prediction *p)
{
	struct prediction read;

	if (c.user || c.access != ACCESS_WRITE)
		return;
	foresee((struct access_case){ ACCESS_READ, false }, &read);
	if (read.outcome == PREDICT_FAULT)
		*p = read;
}

static const char *try(struct access_case c)
{
	struct prediction first, p;
	struct access_result r;
	pte_t leaf = world->entry[0], kept = leaf;
	bool twice;

	++*cases;
	access_write_entries(world);
	foresee(c, &first);
	as_probed(c, &first);
	twice = first.walk.outcome == PT_LEAF && flag_is_missing(&leaf);
	if (twice) {
		world->entry[0] = leaf;
		access_write_entries(world);
	}
	foresee(c, &p);
	as_probed(c, &p);
	world->entry[0] = kept;
	access_write_entries(world);
	access_do(world, c, &r);
	if (r.fault != (p.outcome == PREDICT_FAULT) || (r.fault && !same_code(c, p.code, r.code)))
		return complain(c, "outcome", &p, &r);
	if (twice && !flag_fault_was_seen(c, &first, &r))
		return complain(c, "no access flag fault", &first, &r);
	if (access_read_entry(world, 0).v != (twice ? leaf.v : kept.v))
		return complain(c, "access flag", &p, &r);
	return NULL;
}

/* STRT and LDRT: the kernel's copies, with user mode's rights. */
static const char *copies(void)
{
	struct access_case write = { ACCESS_WRITE, true }, read = { ACCESS_READ, true };
	const struct access_result unknown = { false, 0 };
	pte_t leaf = world->entry[0];
	struct prediction p;
	unsigned char byte = 0x5A;

	if (flag_is_missing(&leaf))
		return NULL;        /* tried above */
	access_write_entries(world);
	foresee(write, &p);
	if ((arch_copy_to_user(access_address(world, write), &byte, 1) == 0) != (p.outcome == PREDICT_ALLOWED))
		return complain(write, "copy to user", &p, &unknown);
	foresee(read, &p);
	if ((arch_copy_from_user(&byte, access_address(world, read), 1) == 0) != (p.outcome == PREDICT_ALLOWED))
		return complain(read, "copy from user", &p, &unknown);
	return NULL;
}

static const char *all_accesses(void)
{
	for (unsigned access = ACCESS_READ; access <= ACCESS_EXECUTE; access++)
		for (unsigned user = 0; user < 2; user++) {
			const char *why = try((struct access_case){ (enum access)access, user });

			if (why)
				return why;
		}
	return copies();
}

/* ---- the product ---- */

static const char *leaves(void)
{
	pte_t good = world->good[world->leaf];
	struct bit_list b = list(world->leaf, PT_FORM_LEAF, leaf_names, ARRAY_LEN(leaf_names));

	for (unsigned set = 0; set < 1u << b.count; set++) {
		const char *why;

		world->entry[world->leaf] = with_bits(&b, set, good);
		why = all_accesses();
		if (why)
			return why;
	}
	world->entry[world->leaf] = PTE(0);
	return all_accesses();
}

static const char *parents(unsigned level)
{
	pte_t good = world->good[level];
	struct bit_list b = list(level, PT_FORM_TABLE, table_names, ARRAY_LEN(table_names));
	const char *why = NULL;

	if (level >= world->levels)
		return leaves();
	for (unsigned set = 0; set < 1u << b.count && !why; set++) {
		world->entry[level] = with_bits(&b, set, good);
		why = leaves();
	}
	/* And no table at all. */
	world->entry[level] = PTE(0);
	world->entry[world->leaf] = world->good[world->leaf];
	if (!why)
		why = all_accesses();
	world->entry[level] = good;
	return why;
}

/* One bit at a time on the tables further up. */
static const char *ancestors(void)
{
	const char *why = NULL;

	for (unsigned level = world->leaf + 2; level < world->levels && !why; level++) {
		struct bit_list b = list(level, PT_FORM_TABLE, table_names, ARRAY_LEN(table_names));

		for (unsigned i = 0; i < b.count && !why; i++) {
			world->entry[level] = PTE(world->good[level].v ^ b.mask[i]);
			why = leaves();
		}
		world->entry[level] = world->good[level];
	}
	return why;
}

/* Short descriptors: the first level names a domain, whether it is a section or a table. */
static const char *domains(void)
{
	unsigned form = world->leaf == 1 ? PT_FORM_LEAF : PT_FORM_TABLE;
	const struct pt_field *f = field_find(arch_pt_mode()->format, 1, form, "Domain");
	pte_t good = world->good[1];
	const char *why = NULL;

	if (!f) {
		why = parents(world->leaf + 1);
		return why ? why : ancestors();
	}
	for (uint64_t d = 0; d < DOMAINS && !why; d++) {
		world->good[1] = PTE((good.v & ~field_mask(f)) | d << f->lsb);
		world->entry[1] = world->good[1];
		why = parents(world->leaf + 1);
	}
	world->good[1] = world->entry[1] = good;
	return why;
}

const char *access_product_arm(struct access_world *w, uint64_t *counter)
{
	const char *why = NULL;

	world = w;
	cases = counter;
	for (unsigned leaf = 0; leaf < 2 && !why; leaf++) {
		access_choose_leaf(world, leaf);
		why = domains();
	}
	return why;
}
