/* tests/kernel/access_arm.c - every combination of ARM's permission bits against the CPU.
 * SPDX-License-Identifier: MIT
 *
 * AP, AF, XN and PXN of pages of every size, domains, what tables take away from all below them, SCTLR.AFE.
 * The CPU sets no access flag: a page without it faults, the kernel sets it, and the access is made again. So for such
 * an entry two predictions are made, one for each try; the first must be an access flag fault.
 */
#include "arch/context.h"
#include "inspect/fields.h"
#include "isa/arm_fsr.h"
#include "lib/string.h"
#include "mm/space/fault.h"
#include "tests/kernel/access.h"

/* Domain 0: kernel, 1: user half, 2: no access, 3: manager (no checks). */
#define DOMAINS 4
#define MANAGERS 3
enum dacr { DACR_NOTHING, DACR_CLIENT, DACR_RESERVED, DACR_MANAGER };
/* Short-descriptor status (B4.1.51): the first level's, and the bit that makes it the second's. */
#define STATUS_SECTION_FLAG 0x3u
#define STATUS_PAGE_FLAG 0x6u
#define STATUS_DOMAIN 0x9u
#define STATUS_PERMISSION 0xDu
#define STATUS_SECOND_LEVEL 0x2u

/* One-bit fields of leaves and of tables; which there are is the format's, and the level's. Quick: without the last. */
#define LAST_OF_LEAVES 4
#define LAST_OF_TABLES 1
static const char *const leaf_names[] = {
	"AP[0]", "AP[1]", "AP[2]", "AF", "ExecuteNever", "XN", "PXN", "PrivilegedExecuteNever",
	"NotGlobal", "nG", "TablePage", "Valid",
};
static const char *const table_names[] = {
	"APTable[0]", "APTable[1]", "XNTable", "PXNTable", "PrivilegedExecuteNever",
	"Valid",
};

struct bit_list { unsigned count; uint64_t mask[8]; };

static struct access_world *world;
static uint64_t *cases;
static char text[240];
static bool quick;
static unsigned leaf_form;      /* PT_FORM_LEAF, or PT_FORM_REPEATED: 64 KiB and 16 MiB */

static struct bit_list list(unsigned level, unsigned form, const char *const *names, size_t n)
{
	struct bit_list b = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct pt_field *f = field_find(arch_pt_mode()->format, level, form, names[i]);

		/* The type of a short descriptor is two bits and no field of its own. */
		if (f && f->width == 1)
			b.mask[b.count++] = field_mask(f);
	}
	ASSERT(b.count <= ARRAY_LEN(b.mask));
	return b;
}

static struct bit_list leaf_bits(void)
{
	return list(world->leaf, leaf_form, leaf_names, ARRAY_LEN(leaf_names) - (quick ? LAST_OF_LEAVES : 0));
}

static struct bit_list table_bits(unsigned level)
{
	return list(level, PT_FORM_TABLE, table_names, ARRAY_LEN(table_names) - (quick ? LAST_OF_TABLES : 0));
}

static pte_t with_bits(const struct bit_list *b, unsigned set, pte_t good)
{
	for (unsigned i = 0; i < b->count; i++)
		good.v = set & 1u << i ? good.v | b->mask[i] : good.v & ~b->mask[i];
	return good;
}

/* ---- one case ---- */

static bool is_short(void)
{
	return arch_pt_mode()->format->caps & PT_REPEATS;
}

/* Of what the case has at the first level. */
static unsigned domain(void)
{
	const struct pt_mode *m = arch_pt_mode();
	const struct pt_field *f = field_find(m->format, 1, pt_form(m, 1, world->entry[1]), "Domain");

	return f && world->entry[1].v ? (unsigned)field_value(f, world->entry[1]) : 0;
}

static enum dacr dacr(void)
{
	return is_short() ? (enum dacr)(arch_pt_mode()->dacr >> 2 * domain() & 3) : DACR_CLIENT;
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

	if (world->leaf != 0 || leaf_form != PT_FORM_LEAF || m->format->kind(m, 0, *leaf) != PT_LEAF)
		return false;
	own = m->format->prot(m, 0, *leaf);
	return !(own & PROT_ACCESSED) &&
	       m->format->make_leaf(m, 0, pfn_base(world->frame), own | PROT_ACCESSED, leaf) == OK;
}

static const char *complain(struct access_case c, const char *what, const struct prediction *p,
                            const struct access_result *r)
{
	static const char *const names[] = { "read", "write", "execute" };

	str_printf(text, sizeof(text), "%s: %s by %s, AFE %u, entries %llx %llx %llx, predicted %s %x, "
	           "was %s %x", what, names[c.access], c.user ? "user" : "kernel", arch_pt_mode()->afe,
	           (unsigned long long)world->entry[2].v, (unsigned long long)world->entry[1].v,
	           (unsigned long long)world->entry[0].v,
	           p->outcome == PREDICT_ALLOWED ? "allowed" : "fault", (unsigned)p->code,
	           r->fault ? "fault" : "allowed", (unsigned)r->code);
	return text;
}

static bool is_flag_fault(const struct prediction *p)
{
	unsigned status = p->code & FSR_STATUS;

	return p->outcome == PREDICT_FAULT && is_short() &&
	       (status == STATUS_SECTION_FLAG || status == STATUS_PAGE_FLAG);
}

static bool never_executes(struct access_case c)
{
	const struct pt_mode *m = arch_pt_mode();
	prot_t bans = 0;

	for (unsigned l = world->leaf; l < world->levels; l++)
		bans |= m->format->prot(m, l, world->entry[l]);
	return bans & (c.user ? PROT_NO_USER_X : PROT_NO_KERNEL_X);
}

/* Bits of the status that an early check changes. */
static uint32_t early_check(struct access_case c, const struct prediction *p, uint32_t seen)
{
	unsigned status = p->code & FSR_STATUS, status_seen = seen & FSR_STATUS;
	unsigned second = p->walk.last.level ? 0 : STATUS_SECOND_LEVEL;
	unsigned domain_fault = STATUS_DOMAIN | second, permission_fault = STATUS_PERMISSION | second;

	if (dacr() != DACR_CLIENT && dacr() != DACR_MANAGER && status != domain_fault)
		return access_deviates(DOMAIN_BEFORE_SECOND_LEVEL, status_seen == domain_fault) ? FSR_STATUS : 0;
	if (c.access == ACCESS_EXECUTE && is_flag_fault(p) && dacr() == DACR_CLIENT && never_executes(c))
		return access_deviates(NO_EXECUTE_BEFORE_ACCESS_FLAG, status_seen == permission_fault) ? FSR_STATUS : 0;
	return 0;
}

static bool same_code(struct access_case c, const struct prediction *p, uint64_t code)
{
	uint32_t seen = (uint32_t)code, differs = p->code ^ seen, told = domain() << FSR_DOMAIN_SHIFT;

	if (!is_short())
		return !differs;
	if (c.access == ACCESS_EXECUTE && told && access_deviates(FETCH_TELLS_DOMAIN, (differs & told) == told))
		differs ^= told;
	return !(differs & ~early_check(c, p, seen));
}

/* Among the last few faults, for other processes may run and fault as well. Both tries end alike where QEMU looked at
 * something else first. */
static bool flag_fault_was_seen(struct access_case c, const struct prediction *first, const struct access_result *r)
{
	const struct fault_record *f;

	for (unsigned i = 0; i < FAULT_RING && (f = fault_recent(i)) != NULL; i++)
		if (f->action == ACT_ACCESSED && f->fault.va == access_address(world, c))
			return first->outcome == PREDICT_FAULT && (same_code(c, first, f->fault.code) ||
			                                           (r->fault && f->fault.code == r->code));
	return false;
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
	twice = first.walk.outcome == PT_LEAF && flag_is_missing(&leaf);
	if (twice) {
		world->entry[0] = leaf;
		access_write_entries(world);
	}
	foresee(c, &p);
	world->entry[0] = kept;
	access_write_entries(world);
	access_do(world, c, &r);
	if (is_flag_fault(&first) && dacr() == DACR_MANAGER &&
	    access_deviates(MANAGER_IGNORES_ACCESS_FLAG, !r.fault && access_read_entry(world, 0).v == kept.v))
		return NULL;
	if (r.fault != (p.outcome == PREDICT_FAULT) || (r.fault && !same_code(c, &p, r.code)))
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
	struct access_case write = { ACCESS_WRITE, true, false }, read = { ACCESS_READ, true, false };
	const struct access_result unknown = { false, 0 };
	pte_t leaf = world->entry[0];
	struct prediction p;
	unsigned char byte = 0x5A;

	foresee(write, &p);
	if (flag_is_missing(&leaf) || is_flag_fault(&p))
		return NULL;        /* tried above */
	*cases += 2;
	access_write_entries(world);
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
			const char *why = try((struct access_case){ (enum access)access, user, false });

			if (why)
				return why;
		}
	return copies();
}

/* ---- the product ---- */

/* The kernel makes no 64 KiB pages and would set the flag in one of sixteen entries. */
static bool is_not_accessed(pte_t leaf)
{
	const struct pt_mode *m = arch_pt_mode();

	return world->leaf == 0 && !(m->format->prot(m, 0, leaf) & PROT_ACCESSED);
}

static const char *leaves(void)
{
	pte_t good = world->good[world->leaf];
	struct bit_list b = leaf_bits();

	for (unsigned set = 0; set < 1u << b.count; set++) {
		const char *why;

		world->entry[world->leaf] = with_bits(&b, set, good);
		if (leaf_form == PT_FORM_REPEATED && is_not_accessed(world->entry[world->leaf]))
			continue;
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
	struct bit_list b = table_bits(level);
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
		struct bit_list b = table_bits(level);

		for (unsigned i = 0; i < b.count && !why; i++) {
			world->entry[level] = PTE(world->good[level].v ^ b.mask[i]);
			why = leaves();
		}
		world->entry[level] = world->good[level];
	}
	return why;
}

/* Short descriptors: the first level names a domain, whether it is a section or a table; a supersection does not. */
static const char *domains(void)
{
	unsigned form = world->leaf == 1 ? leaf_form : PT_FORM_TABLE;
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

static uint64_t field_word(unsigned form, const char *name, uint64_t value)
{
	const struct pt_field *f = field_find(arch_pt_mode()->format, world->leaf, form, name);

	return f ? value << f->lsb & field_mask(f) : 0;
}

/* The format reads such entries and makes none. One of the sixteen is all that the walk to one address meets. */
static bool choose_repeated_leaf(unsigned level)
{
	static const struct { const char *name; uint64_t value; } common[] = {
		{ "B", 1 }, { "C", 1 }, { "TEX", 1 }, { "Shareable", 1 }, { "NotGlobal", 1 },
	};
	unsigned form = PT_FORM_REPEATED;
	uint64_t pa = pfn_base(world->frame).v, v;

	if (level > 1 || !is_short())
		return false;
	access_choose_leaf(world, level);
	v = level ? field_word(form, "Section", 1) | field_word(form, "Supersection", 1) : field_word(form, "Valid", 1);
	v |= field_word(form, "LargePageFrame", pa >> 16) | field_word(form, "SupersectionFrame", pa >> 24);
	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		v |= field_word(form, common[i].name, common[i].value);
	world->good[level] = world->entry[level] = PTE(v);
	return true;
}

static const char *sizes(void)
{
	const char *why = NULL;

	for (unsigned leaf = 0; leaf < world->levels && !why; leaf++) {
		leaf_form = PT_FORM_LEAF;
		if (access_choose_leaf(world, leaf))
			why = domains();
		leaf_form = PT_FORM_REPEATED;
		if (!why && choose_repeated_leaf(leaf))
			why = domains();
	}
	return why;
}

const char *access_product_arm(struct access_world *w, bool quickly, uint64_t *counter)
{
	struct pt_mode before = *arch_pt_mode(), m = before;
	const char *why;

	world = w;
	quick = quickly;
	cases = counter;
	if (is_short())
		m.dacr |= (uint32_t)DACR_MANAGER << 2 * MANAGERS;
	if (arch_set_mode(&m) != OK)
		return "no domain could be made a manager's";
	why = sizes();
	m.afe = false;
	if (!why && !quick && arch_set_mode(&m) == OK)
		why = sizes();
	return arch_set_mode(&before) == OK ? why : "the mode could not be set back";
}
