/* isa/riscv_fault.c - the accesses that RISC-V denies, and their cause codes.
 * SPDX-License-Identifier: MIT
 *
 * RISC-V Privileged Architecture 4.3.2 (steps 3 to 7), 4.1.9 (scause), 8.5.1 and 8.6.1 (guest-page faults).
 */
#include "isa/query.h"
#include "isa/riscv.h"

/* Cause codes, by access. The base of a kind of fault is that of a fetch. */
enum { CODE_ACCESS = 1, CODE_PAGE = 12, CODE_GUEST = 20 };

/* Step 7: A of every access, D of a write; a CPU with Svadu sets them (menvcfg.ADUE). */
static void check_accessed(struct isa_query *q, const struct pt_step *step)
{
	prot_t own = q->mode->format->prot(q->mode, step->level, step->entry);

	if (q->mode->hw_accessed)
		return;
	if (!(own & PROT_ACCESSED))
		refuse(q, CAUSE_ACCESS_FLAG, step->level, "A is clear, and the CPU does not set it (Svade)");
	else if (q->a.access == ACCESS_WRITE && !(own & PROT_DIRTY))
		refuse(q, CAUSE_ACCESS_FLAG, step->level, "a write with D clear, and the CPU does not set it (Svade)");
}

static void check_right(struct isa_query *q)
{
	static const struct { prot_t right; const char *why; } rules[] = {
		[ACCESS_READ] = { PROT_R, "a read of a page without R" },
		[ACCESS_WRITE] = { PROT_W, "a write to a page without W" },
		[ACCESS_EXECUTE] = { PROT_X, "a fetch from a page without X" },
	};

	if (!(q->rights & rules[q->a.access].right))
		refuse_right(q, rules[q->a.access].right, rules[q->a.access].why);
	else
		check_accessed(q, last_step(q));
}

static bool is_translated(struct isa_query *q)
{
	const struct pt_step *step = last_step(q);

	if (step->kind == PT_BAD)
		refuse(q, CAUSE_BAD, step->level, "a bit or a combination that is reserved");
	else if (step->kind != PT_LEAF)
		refuse(q, CAUSE_TRANSLATION, step->level, "V is clear");
	return step->kind == PT_LEAF;
}

/* smap: SUM is clear. */
void riscv_check_access(struct isa_query *q)
{
	const struct pt_step *step = last_step(q);
	bool user_page = q->rights & PROT_U, fetch = q->a.access == ACCESS_EXECUTE;

	if (!is_translated(q))
		return;
	if (q->a.from_user && !user_page)
		refuse(q, CAUSE_PERMISSION, step->level, "a supervisor page, accessed from user mode");
	else if (!q->a.from_user && user_page && fetch)
		refuse(q, CAUSE_PERMISSION, step->level, "a supervisor fetch from a user page");
	else if (!q->a.from_user && user_page && q->mode->smap)
		refuse(q, CAUSE_PERMISSION, step->level, "a supervisor access to a user page, with sstatus.SUM clear");
	else
		check_right(q);
}

void riscv_g_check_access(struct isa_query *q)
{
	if (!is_translated(q))
		return;
	if (!(q->rights & PROT_U))
		refuse(q, CAUSE_PERMISSION, last_step(q)->level,
		       "U is clear: every access of the second stage is one of user mode");
	else
		check_right(q);
}

/* A frame above the physical address width alone is an access fault. */
static bool is_address_fault(const struct isa_query *q)
{
	const struct pt_step *step = last_step(q);
	pte_t low;

	if (q->cause != CAUSE_BAD)
		return false;
	low = q->mode->format->with_output(q->mode, step->level, step->entry, PADDR(0));
	return q->mode->format->kind(q->mode, step->level, low) != PT_BAD &&
	       pt_output(q->mode, step->level, step->entry, 0).pa.v >> q->mode->pa_bits;
}

static void encode(struct isa_query *q, uint32_t base)
{
	static const uint8_t of_access[] = { [ACCESS_READ] = 1, [ACCESS_WRITE] = 3, [ACCESS_EXECUTE] = 0 };
	static const uint8_t access_faults[] = { [ACCESS_READ] = 5, [ACCESS_WRITE] = 7, [ACCESS_EXECUTE] = CODE_ACCESS };

	q->code = base + of_access[q->a.access];
	if (is_address_fault(q)) {
		q->code = access_faults[q->a.access];
		q->why = "a physical address above the CPU's physical address width";
	}
}

void riscv_encode(struct isa_query *q)
{
	encode(q, CODE_PAGE);
}

void riscv_g_encode(struct isa_query *q)
{
	encode(q, CODE_GUEST);
}

void riscv_put_code(struct out *out, enum access access, uint32_t code)
{
	static const char *const text[] = {
		[1] = "instruction access fault", [5] = "load access fault", [7] = "store access fault",
		[12] = "instruction page fault", [13] = "load page fault", [15] = "store page fault",
		[20] = "instruction guest-page fault", [21] = "load guest-page fault", [23] = "store guest-page fault",
	};
	const char *name = code < ARRAY_LEN(text) ? text[code] : NULL;

	(void)access;
	out_printf(out, "scause %u (%s)", (unsigned)code, name ? name : "reserved");
}
