/* isa/arm_fault.c - the accesses that ARM denies, and their fault status.
 * SPDX-License-Identifier: MIT
 *
 * ARM DDI 0406C B3.7 to B3.13 (ARMv7), DDI 0487 D8 (AArch64).
 */
#include "isa/arm.h"
#include "isa/arm_fsr.h"
#include "isa/query.h"

/* Differences between the three ARM formats. */
struct rules {
	bool domains;            /* DACR is checked, and one value of AP[2:0] lets only the kernel write */
	bool fetch_without_read; /* UXN alone decides: user mode can execute a page that it cannot read (D8.4.1) */
	bool second;             /* S2AP: reading is a right of its own (D8.4.4) */
	bool user_writable_xn;   /* the kernel never executes what user mode may write (D8.4); on ARMv7 only with
	                          * SCTLR.UWXN, which is off */
};

/* The first-level descriptor contains the domain. A supersection has no such field: domain 0. */
static unsigned domain_of(const struct isa_query *q)
{
	const struct pt_step *first = &q->walk->step[0];
	const struct pt_field *field = field_of(q, first, "Domain");

	return field ? (unsigned)field_value(field, first->entry) : 0;
}

/* True for AP = 2 with AFE off: the kernel writes, user mode only reads. struct pt_format's rights cannot express it. */
static bool only_kernel_writes(const struct isa_query *q, const struct rules *r, const struct pt_step *step)
{
	static const char *const bit[] = { "AP[0]", "AP[1]", "AP[2]" };
	unsigned ap = 0;

	if (!r->domains || q->mode->afe)
		return false;
	for (unsigned i = 0; i < ARRAY_LEN(bit); i++) {
		const struct pt_field *field = field_of(q, step, bit[i]);

		if (field && field_value(field, step->entry))
			ap |= 1u << i;
	}
	return ap == 2;
}

static bool may_execute(const struct isa_query *q, const struct rules *r)
{
	bool user_writes = (q->rights & PROT_U) && (q->rights & PROT_W);

	if (!(q->rights & PROT_X) || (q->rights & (q->a.from_user ? PROT_NO_USER_X : PROT_NO_KERNEL_X)))
		return false;
	return q->a.from_user || !r->user_writable_xn || !user_writes;
}

static void check_rights(struct isa_query *q, const struct rules *r, const struct pt_step *step)
{
	bool reads = q->a.access != ACCESS_EXECUTE || !r->fetch_without_read;

	if (!(q->rights & PROT_R) && (!r->second || q->a.access == ACCESS_READ))
		refuse_right(q, PROT_R, "no access at all");
	else if (q->a.from_user && !(q->rights & PROT_U) && reads)
		refuse_right(q, PROT_U, "a privileged page, accessed from user mode");
	else if (q->a.access == ACCESS_EXECUTE && !may_execute(q, r))
		refuse(q, CAUSE_PERMISSION, step->level, "a fetch that an execute-never bit forbids");
	else if (q->a.access == ACCESS_WRITE && !(q->rights & PROT_W) &&
	         (q->a.from_user || !only_kernel_writes(q, r, step)))
		refuse_right(q, PROT_W, "a write to a read-only page");
}

/* The manual's order: translation, access flag, domain, permission (B3.12.2). */
static void check_access(struct isa_query *q, const struct rules *r)
{
	const struct pt_step *step = last_step(q);
	unsigned dacr = r->domains ? q->mode->dacr >> 2 * domain_of(q) & 3 : 1;

	if (step->kind == PT_BAD)
		refuse(q, CAUSE_BAD, step->level, "a descriptor type that does not exist at this level");
	else if (step->kind != PT_LEAF)
		refuse(q, CAUSE_TRANSLATION, step->level, "no descriptor");
	else if (!q->mode->hw_accessed && !(q->mode->format->prot(q->mode, step->level, step->entry) & PROT_ACCESSED))
		refuse(q, CAUSE_ACCESS_FLAG, step->level, "the access flag is clear");
	else if (dacr == 0 || dacr == 2)
		refuse(q, CAUSE_DOMAIN, q->walk->step[0].level, "DACR gives this domain no access");
	else if (dacr == 1)
		check_rights(q, r, step);
}

void arm_check_access_short(struct isa_query *q)
{
	check_access(q, &(const struct rules){ .domains = true });
}

void arm_check_access_lpae(struct isa_query *q)
{
	check_access(q, &(const struct rules){ .domains = false });
}

void arm64_check_access(struct isa_query *q)
{
	check_access(q, &(const struct rules){ .fetch_without_read = true, .user_writable_xn = true });
}

void arm64_s2_check_access(struct isa_query *q)
{
	check_access(q, &(const struct rules){ .second = true });
}

void arm_encode_short(struct isa_query *q)
{
	static const uint8_t section[] = { 0, 0x5, 0x5, 0x3, 0x9, 0xD }, page[] = { 0, 0x7, 0x7, 0x6, 0xB, 0xF };
	uint32_t code = last_step(q)->level ? section[q->cause] : page[q->cause];

	/* Only DFSR has the direction, and the domain if a first-level descriptor was read. */
	if (q->a.access != ACCESS_EXECUTE && !(last_step(q)->level && (q->cause <= CAUSE_BAD)))
		code |= domain_of(q) << FSR_DOMAIN_SHIFT;
	q->code = code | (q->a.access == ACCESS_WRITE ? FSR_WRITE : 0);
}

/* Status codes of both long formats; the low two bits are the manual's level, counted from the root's side. */
static uint32_t long_status(struct isa_query *q)
{
	static const uint8_t base[] = { 0, 0x4, 0x4, 0x8, 0, 0xC };

	/* Level -1, which has no pages (DDI 0487 D19.2.40). */
	if (last_step(q)->level > 3)
		return FSR_TRANSLATION_BELOW_0;
	return base[q->cause] | (3 - last_step(q)->level);
}

void arm_encode_lpae(struct isa_query *q)
{
	q->code = long_status(q) | FSR_LPAE | (q->a.access == ACCESS_WRITE ? FSR_WRITE : 0);
}

/* An output address above the CPU's physical address size is an address size fault, status 0 to 3. */
void arm64_encode(struct isa_query *q)
{
	const struct pt_step *step = last_step(q);
	uint32_t status = long_status(q);

	if (q->cause == CAUSE_BAD) {
		const struct pt_field *frame = field_of(q, step, "PageFrameNumber");
		pte_t low = PTE(step->entry.v & ~(frame ? field_mask(frame) : 0));

		if (q->mode->format->kind(q->mode, step->level, low) != PT_BAD) {
			status = step->level > 3 ? FSR_SIZE_BELOW_0 : 3u - step->level;
			q->why = "a physical address above the CPU's physical address width";
		}
	}
	q->code = status | (q->a.access == ACCESS_WRITE ? ESR_WNR : 0);
}

void arm_put_code(struct out *out, enum access access, uint32_t code)
{
	bool fetch = access == ACCESS_EXECUTE;

	out_printf(out, "%cFSR %03x (%s)", fetch ? 'I' : 'D', (unsigned)code, fsr_name(code, fetch));
}

void arm64_put_code(struct out *out, enum access access, uint32_t code)
{
	(void)access;
	out_printf(out, "ISS %02x (%s)", (unsigned)code, fsr_long_name(code & FSR_LONG_STATUS));
}

/* PAR of a translation that failed, DDI 0406C B4.1.112 and DDI 0487 D19.2.111 */
#define PAR_STATUS_SHIFT 1
#define PAR_STATUS_MASK  0x3Fu
#define PAR_LPAE         (1u << 11)
#define PAR_STATUS_4     0x10u

const char *arm_answer_status(uint64_t par)
{
	uint32_t status = (uint32_t)(par >> PAR_STATUS_SHIFT) & PAR_STATUS_MASK;

	if (par & PAR_LPAE)
		return fsr_long_name(status);
	return fsr_name((status & FSR_STATUS) | (status & PAR_STATUS_4 ? FSR_STATUS_4 : 0), true);
}

const char *arm64_answer_status(uint64_t par)
{
	return fsr_long_name((uint32_t)(par >> PAR_STATUS_SHIFT) & PAR_STATUS_MASK);
}
