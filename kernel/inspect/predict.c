/* kernel/inspect/predict.c - what an access will do, from the tables and the mode alone.
 * SPDX-License-Identifier: MIT
 *
 * One walk, then a list of conditions in the manual's order: the first that holds is the fault. How a
 * fault is coded is the architecture's, one row of a table a format.
 */
#include "kernel/inspect/predict.h"
#include "kernel/inspect/fields.h"
#include "kernel/inspect/fsr.h"
#include "kernel/string.h"

/* x86 page-fault error code, SDM vol. 3A 4.7. */
enum { PF_P = 1u << 0, PF_W = 1u << 1, PF_U = 1u << 2, PF_RSVD = 1u << 3, PF_I = 1u << 4 };

/* What went wrong, before it is coded. */
enum cause { CAUSE_NONE, CAUSE_TRANSLATION, CAUSE_BAD, CAUSE_ACCESS_FLAG, CAUSE_DOMAIN, CAUSE_PERMISSION };

struct query {
	const struct pt_mode *mode;
	struct predict_access a;
	uint64_t va;
	struct prediction *p;
	prot_t rights;         /* combined from the root to the end, bans included */
	enum cause cause;
};

struct rules {
	const char *format;    /* pt_format.name; NULL: any other, x86 */
	void (*judge)(struct query *q);
	void (*encode)(struct query *q);
};

static const struct pt_step *last_step(const struct query *q)
{
	return &q->p->walk.step[q->p->walk.n - 1];
}

static void refuse(struct query *q, enum cause cause, unsigned level, const char *why)
{
	q->cause = cause;
	q->p->level = level;
	q->p->why = why;
}

/* The entry nearest to the root that takes the right away. */
static unsigned level_without(const struct query *q, prot_t right)
{
	const struct pt_walk *w = &q->p->walk;

	for (unsigned i = 0; i < w->n; i++)
		if (!(q->mode->format->prot(q->mode, w->step[i].level, w->step[i].entry) & right))
			return w->step[i].level;
	return last_step(q)->level;
}

static void refuse_right(struct query *q, prot_t right, const char *why)
{
	refuse(q, CAUSE_PERMISSION, level_without(q, right), why);
}

/* ---- x86 ---- */

static void judge_x86_user(struct query *q)
{
	if (!(q->rights & PROT_U))
		refuse_right(q, PROT_U, "a supervisor page, accessed from user mode");
	else if (q->a.access == ACCESS_WRITE && !(q->rights & PROT_W))
		refuse_right(q, PROT_W, "a write to a read-only page");
	else if (q->a.access == ACCESS_EXECUTE && !(q->rights & PROT_X))
		refuse_right(q, PROT_X, "a fetch from a page that must not be executed");
}

static void judge_x86_kernel(struct query *q)
{
	const struct pt_mode *mode = q->mode;
	bool user_page = q->rights & PROT_U, fetch = q->a.access == ACCESS_EXECUTE;

	if (fetch && !(q->rights & PROT_X))
		refuse_right(q, PROT_X, "a fetch from a page that must not be executed");
	else if (fetch && user_page && mode->smep)
		refuse(q, CAUSE_PERMISSION, last_step(q)->level, "a kernel fetch from a user page, with CR4.SMEP on");
	else if (!fetch && user_page && mode->smap && !q->a.ac)
		refuse(q, CAUSE_PERMISSION, last_step(q)->level,
		       "a kernel access to a user page, with CR4.SMAP on and EFLAGS.AC clear");
	else if (q->a.access == ACCESS_WRITE && mode->wp && !(q->rights & PROT_W))
		refuse_right(q, PROT_W, "a kernel write to a read-only page, with CR0.WP on");
}

static void judge_x86(struct query *q)
{
	const struct pt_step *step = last_step(q);

	if (step->kind == PT_BAD)
		refuse(q, CAUSE_BAD, step->level, "a reserved bit is set");
	else if (step->kind != PT_LEAF)
		refuse(q, CAUSE_TRANSLATION, step->level, "not present");
	else if (q->a.from_user)
		judge_x86_user(q);
	else
		judge_x86_kernel(q);
}

static void encode_x86(struct query *q)
{
	const struct pt_mode *mode = q->mode;
	bool fetches_are_told = mode->smep || (mode->nx && (mode->format->caps & PT_HAS_NX));
	uint32_t code = q->a.from_user ? PF_U : 0;

	if (q->a.access == ACCESS_WRITE)
		code |= PF_W;
	if (q->a.access == ACCESS_EXECUTE && fetches_are_told)
		code |= PF_I;
	if (q->cause == CAUSE_BAD)
		code |= PF_P | PF_RSVD;
	else if (q->cause == CAUSE_PERMISSION)
		code |= PF_P;
	q->p->code = code;
}

/* ---- ARM ---- */

static const struct pt_field *field_of(const struct query *q, const struct pt_step *step, const char *name)
{
	return field_find(q->mode->format, step->level, pt_form(q->mode, step->level, step->entry), name);
}

/* The domain of a short-descriptor walk stands at its first level; a supersection has none and means 0. */
static unsigned domain_of(const struct query *q)
{
	const struct pt_step *first = &q->p->walk.step[0];
	const struct pt_field *field = field_of(q, first, "Domain");

	return field ? (unsigned)field_value(field, first->entry) : 0;
}

static bool has_domains(const struct query *q)
{
	return !strcmp(q->mode->format->name, "short");
}

static bool is_a64(const struct query *q)
{
	return !strcmp(q->mode->format->name, "a64");
}

/* AP = 2 with AFE off: the kernel writes, user mode reads. The format's rights have no word for it. */
static bool only_kernel_writes(const struct query *q, const struct pt_step *step)
{
	static const char *const bit[] = { "AP[0]", "AP[1]", "AP[2]" };
	unsigned ap = 0;

	if (!has_domains(q) || q->mode->afe)
		return false;
	for (unsigned i = 0; i < ARRAY_LEN(bit); i++) {
		const struct pt_field *field = field_of(q, step, bit[i]);

		if (field && field_value(field, step->entry))
			ap |= 1u << i;
	}
	return ap == 2;
}

static bool arm_may_execute(const struct query *q)
{
	bool user_writes = (q->rights & PROT_U) && (q->rights & PROT_W);

	if (!(q->rights & PROT_X) || (q->rights & (q->a.from_user ? PROT_NO_USER_X : PROT_NO_KERNEL_X)))
		return false;
	/* AArch64: what user mode may write, the kernel never executes (D8.4); on ARMv7 only with SCTLR.UWXN, which is off. */
	return q->a.from_user || !is_a64(q) || !user_writes;
}

/* AArch64 lets user mode execute what it may not read: UXN alone decides (D8.4.1). */
static bool user_must_read(const struct query *q)
{
	return q->a.access != ACCESS_EXECUTE || !is_a64(q);
}

static void judge_arm_rights(struct query *q, const struct pt_step *step)
{
	if (!(q->rights & PROT_R))
		refuse_right(q, PROT_R, "no access at all");
	else if (q->a.from_user && !(q->rights & PROT_U) && user_must_read(q))
		refuse_right(q, PROT_U, "a privileged page, accessed from user mode");
	else if (q->a.access == ACCESS_EXECUTE && !arm_may_execute(q))
		refuse(q, CAUSE_PERMISSION, step->level, "a fetch that an execute-never bit forbids");
	else if (q->a.access == ACCESS_WRITE && !(q->rights & PROT_W) &&
	         (q->a.from_user || !only_kernel_writes(q, step)))
		refuse_right(q, PROT_W, "a write to a read-only page");
}

/* The manual's order: translation, access flag, domain, permission (B3.12.2). */
static void judge_arm(struct query *q)
{
	const struct pt_step *step = last_step(q);
	unsigned dacr = has_domains(q) ? q->mode->dacr >> 2 * domain_of(q) & 3 : 1;

	if (step->kind == PT_BAD)
		refuse(q, CAUSE_BAD, step->level, "a descriptor of a kind that does not exist here");
	else if (step->kind != PT_LEAF)
		refuse(q, CAUSE_TRANSLATION, step->level, "no descriptor");
	else if (!(q->mode->format->prot(q->mode, step->level, step->entry) & PROT_ACCESSED))
		refuse(q, CAUSE_ACCESS_FLAG, step->level, "the access flag is clear");
	else if (dacr == 0 || dacr == 2)
		refuse(q, CAUSE_DOMAIN, q->p->walk.step[0].level, "DACR gives this domain no access");
	else if (dacr == 1)
		judge_arm_rights(q, step);
}

static void encode_short(struct query *q)
{
	static const uint8_t section[] = { 0, 0x5, 0x5, 0x3, 0x9, 0xD }, page[] = { 0, 0x7, 0x7, 0x6, 0xB, 0xF };
	uint32_t code = last_step(q)->level ? section[q->cause] : page[q->cause];

	/* DFSR alone tells the direction, and the domain once a first-level descriptor named it. */
	if (q->a.access != ACCESS_EXECUTE && !(last_step(q)->level && (q->cause <= CAUSE_BAD)))
		code |= domain_of(q) << FSR_DOMAIN_SHIFT;
	q->p->code = code | (q->a.access == ACCESS_WRITE ? FSR_WRITE : 0);
}

/* Status codes of both long formats; the low two bits are the manual's level, counted from the root's side. */
static uint32_t long_status(struct query *q)
{
	static const uint8_t base[] = { 0, 0x4, 0x4, 0x8, 0, 0xC };

	return base[q->cause] | (3 - last_step(q)->level);
}

static void encode_lpae(struct query *q)
{
	q->p->code = long_status(q) | FSR_LPAE | (q->a.access == ACCESS_WRITE ? FSR_WRITE : 0);
}

/* A frame that the CPU's physical addresses cannot reach is an address size fault of its own, status 0 to 3. */
static void encode_a64(struct query *q)
{
	const struct pt_step *step = last_step(q);
	uint32_t status = long_status(q);

	if (q->cause == CAUSE_BAD) {
		const struct pt_field *frame = field_of(q, step, "PageFrameNumber");
		pte_t low = PTE(step->entry.v & ~(frame ? field_mask(frame) : 0));

		if (q->mode->format->kind(q->mode, step->level, low) != PT_BAD) {
			status = 3 - step->level;
			q->p->why = "a physical address beyond what the CPU has";
		}
	}
	q->p->code = status | (q->a.access == ACCESS_WRITE ? ESR_WNR : 0);
}

static const struct rules all_rules[] = {
	{ "short", judge_arm, encode_short },
	{ "lpae", judge_arm, encode_lpae },
	{ "a64", judge_arm, encode_a64 },
	{ NULL, judge_x86, encode_x86 },
};

static const struct rules *rules_of(const struct pt_format *format)
{
	const struct rules *r = all_rules;

	while (r->format && strcmp(r->format, format->name))
		r++;
	return r;
}

/* ---- accessed and dirty ---- */

static uint64_t bit_named(const struct query *q, const struct pt_step *step, const char *name)
{
	const struct pt_field *field = field_of(q, step, name);

	return field ? field_mask(field) : 0;
}

static void note_changes(struct query *q)
{
	struct prediction *p = q->p;
	const struct pt_format *f = q->mode->format;
	bool allowed = p->outcome == PREDICT_ALLOWED;

	if (!(f->caps & PT_HW_ACCESSED))
		return;
	for (unsigned i = 0; i < p->walk.n; i++) {
		const struct pt_step *step = &p->walk.step[i];
		uint64_t set = 0;

		/* PAE's top entries were read when CR3 was loaded and have no such bits. */
		if ((f->caps & PT_TOP_HAS_NO_RIGHTS) && step->level + 1u == q->mode->levels)
			continue;
		if (step->kind == PT_TABLE || (allowed && step->kind == PT_LEAF))
			set |= bit_named(q, step, "Accessed");
		if (allowed && step->kind == PT_LEAF && q->a.access == ACCESS_WRITE && (f->caps & PT_HW_DIRTY))
			set |= bit_named(q, step, "Dirty");
		if (set & ~step->entry.v)
			p->change[p->changes++] = (struct predict_change){
				step->level, step->entry_pa, step->entry, PTE(step->entry.v | set),
			};
	}
}

static void combine_rights(struct query *q)
{
	const struct pt_walk *w = &q->p->walk;

	q->rights = PROT_RIGHTS;
	for (unsigned i = 0; i < w->n; i++)
		q->rights = pt_combine(q->rights, q->mode->format->prot(q->mode, w->step[i].level, w->step[i].entry));
}

/* PAE: the root's entries are checked when CR3 is loaded, and a walk uses them as they were then (SDM vol. 3A 4.4.1). The
 * walk goes on below one that has a reserved bit. */
static void walk_on(const struct pt_space *space, uint64_t va, struct prediction *p)
{
	const struct pt_format *f = space->mode->format;
	struct pt_step top = p->walk.step[0];
	struct pt_mode below = *space->mode;
	struct pt_space rest = *space;

	if (!(f->caps & PT_TOP_HAS_NO_RIGHTS) || p->walk.n != 1 || top.kind != PT_BAD)
		return;
	p->later = "a reserved bit is set: general protection fault at the next load of CR3, none on a walk";
	rest.mode = &below;
	rest.root = f->target(space->mode, top.level, top.entry, va).pa;
	below.levels--;
	pt_walk(&rest, va & pt_mode_va_mask(&below), &p->walk);
	memmove(&p->walk.step[1], &p->walk.step[0], p->walk.n * sizeof(top));
	p->walk.step[0] = top;
	p->walk.n++;
	p->walk.va = va;
}

void predict(const struct pt_space *space, uint64_t va, struct predict_access a, struct prediction *p)
{
	struct query q = { .mode = space->mode, .a = a, .va = va, .p = p, .cause = CAUSE_NONE };
	const struct rules *rules = rules_of(space->mode->format);

	*p = (struct prediction){ .outcome = PREDICT_ALLOWED };
	pt_walk(space, va, &p->walk);
	walk_on(space, va, p);
	if (p->walk.err != OK) {
		p->outcome = p->walk.err == ERR_RANGE ? PREDICT_NO_ADDRESS : PREDICT_UNREADABLE;
		p->level = p->walk.n ? last_step(&q)->level : 0;
		return;
	}
	combine_rights(&q);
	rules->judge(&q);
	if (q.cause != CAUSE_NONE) {
		p->outcome = PREDICT_FAULT;
		rules->encode(&q);
	} else {
		p->pa = p->walk.pa;
	}
	note_changes(&q);
}
