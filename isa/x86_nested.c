/* isa/x86_nested.c - the rows of x86's second stages: Intel's EPT and AMD's nested paging.
 * SPDX-License-Identifier: MIT
 *
 * Intel SDM vol. 3C 25.6.11 (EPTP), 28.2.1 (exit qualification, table 28-7), 29.3.3 (violations and misconfigurations); AMD APM
 * vol. 2 15.25.6 (nested page faults).
 */
#include "isa/creg.h"
#include "isa/query.h"
#include "isa/x86.h"

/* The exit reason above the qualification. */
enum { REASON_SHIFT = 16, EPT_VIOLATION = 48, EPT_MISCONFIGURATION = 49 };
enum { QUALIFICATION_RIGHTS = 3 };

static bool is_translated(struct isa_query *q, const char *bad)
{
	const struct pt_step *step = last_step(q);

	if (step->kind == PT_BAD)
		refuse(q, CAUSE_BAD, step->level, bad);
	else if (step->kind != PT_LEAF)
		refuse(q, CAUSE_TRANSLATION, step->level, "not present");
	return step->kind == PT_LEAF;
}

static void check_right(struct isa_query *q)
{
	static const struct { prot_t right; const char *why; } rules[] = {
		[ACCESS_READ] = { PROT_R, "a read of a page that is not readable" },
		[ACCESS_WRITE] = { PROT_W, "a write to a read-only page" },
		[ACCESS_EXECUTE] = { PROT_X, "a fetch from a no-execute page" },
	};

	if (!(q->rights & rules[q->a.access].right))
		refuse_right(q, rules[q->a.access].right, rules[q->a.access].why);
}

static void ept_check_access(struct isa_query *q)
{
	if (is_translated(q, "a combination of rights, a memory type or a bit that is reserved"))
		check_right(q);
}

/* Bits 2:0: the access; 5:3: the rights of all levels. */
static void ept_encode(struct isa_query *q)
{
	static const uint8_t access[] = { [ACCESS_READ] = 1, [ACCESS_WRITE] = 2, [ACCESS_EXECUTE] = 4 };
	unsigned rights = 0;

	if (q->cause == CAUSE_BAD) {
		q->code = EPT_MISCONFIGURATION << REASON_SHIFT;
		return;
	}
	if (q->cause == CAUSE_PERMISSION)
		rights = (q->rights & PROT_R ? 1 : 0) | (q->rights & PROT_W ? 2 : 0) | (q->rights & PROT_X ? 4 : 0);
	q->code = EPT_VIOLATION << REASON_SHIFT | rights << QUALIFICATION_RIGHTS | access[q->a.access];
}

static void ept_put_code(struct out *out, enum access access, uint32_t code)
{
	(void)access;
	if (code >> REASON_SHIFT == EPT_MISCONFIGURATION)
		out_puts(out, "exit reason 49 (EPT misconfiguration)");
	else
		out_printf(out, "exit reason 48 (EPT violation), qualification %x", (unsigned)(code & 0xFFFF));
}

/* The tables must let user mode in for every access (15.25.5). */
static void npt_check_access(struct isa_query *q)
{
	if (!is_translated(q, "a reserved bit is set"))
		return;
	if (!(q->rights & PROT_U))
		refuse_right(q, PROT_U, "U is clear: every access of the guest is one of user mode");
	else
		check_right(q);
}

/* EXITINFO1 has the bits of a page fault's error code; U is always set. */
static void npt_encode(struct isa_query *q)
{
	q->a.from_user = true;
	x86_encode(q);
}

static void npt_put_code(struct out *out, enum access access, uint32_t code)
{
	out_puts(out, "nested page fault, ");
	x86_put_code(out, access, code);
}

static const struct creg_bit eptp[] = {
	ADDRESS("BASE", 12, 40), FLAG("SSS", 7), FLAG("AD", 6), NUMBER("LEVELS-1", 3, 3), NUMBER("TYPE", 0, 3),
};
static const struct creg_bit ncr3[] = { ADDRESS("BASE", 12, 40), FLAG("PCD", 4), FLAG("PWT", 3) };
static const struct creg ept_registers[] = { REG("EPTP", 16, eptp), { 0 } };
static const struct creg npt_registers[] = { REG("NCR3", 16, ncr3), { 0 } };

#define ENTRIES \
	.entries = { \
		.equals = " ", .join = " ", .digits = 1, .pointer_align = 1, .bad = " BAD", \
		.name = { "PTE", "PMD", "PUD", "P4D", "PGD" }, \
	}, .pc = "rip", .sp = "rsp"

const struct isa isa_ept = {
	.check_access = ept_check_access, .encode = ept_encode, .put_code = ept_put_code, .registers = ept_registers,
	.root = "eptp", .control = "eptp", .mode_words = { "X", "W", "XU", "XU" }, ENTRIES,
	.vtop = { "EptGtoP: ", "", true, false, { "PTE", "PDE", "PDPE", "PML4E", "PML5E" }, true },
	.ptov = { "EptPtoG", "" },
};
const struct isa isa_npt = {
	.check_access = npt_check_access, .encode = npt_encode, .put_code = npt_put_code, .registers = npt_registers,
	.root = "ncr3", .control = "ncr3", .mode_words = { "NX", "W", "U", "U" }, ENTRIES,
	.vtop = { "NptGtoP: ", "", true, false, { "PTE", "PDE", "PDPE", "PML4E", "PML5E" }, true },
	.ptov = { "NptPtoG", "" },
};
