/* isa/x86_fault.c - the accesses that x86 denies, and their error codes.
 * SPDX-License-Identifier: MIT
 *
 * Intel SDM vol. 3A 4.6 and 4.7.
 */
#include "isa/query.h"
#include "isa/x86.h"

static void check_x86_user(struct isa_query *q)
{
	if (!(q->rights & PROT_U))
		refuse_right(q, PROT_U, "a supervisor page, accessed from user mode");
	else if (q->a.access == ACCESS_WRITE && !(q->rights & PROT_W))
		refuse_right(q, PROT_W, "a write to a read-only page");
	else if (q->a.access == ACCESS_EXECUTE && !(q->rights & PROT_X))
		refuse_right(q, PROT_X, "a fetch from a no-execute page");
}

static void check_x86_kernel(struct isa_query *q)
{
	const struct pt_mode *mode = q->mode;
	bool user_page = q->rights & PROT_U, fetch = q->a.access == ACCESS_EXECUTE;

	if (fetch && !(q->rights & PROT_X))
		refuse_right(q, PROT_X, "a fetch from a no-execute page");
	else if (fetch && user_page && mode->smep)
		refuse(q, CAUSE_PERMISSION, last_step(q)->level, "a kernel fetch from a user page, with CR4.SMEP on");
	else if (!fetch && user_page && mode->smap && !q->a.ac)
		refuse(q, CAUSE_PERMISSION, last_step(q)->level,
		       "a kernel access to a user page, with CR4.SMAP on and EFLAGS.AC clear");
	else if (q->a.access == ACCESS_WRITE && mode->wp && !(q->rights & PROT_W))
		refuse_right(q, PROT_W, "a kernel write to a read-only page, with CR0.WP on");
}

void x86_check_access(struct isa_query *q)
{
	const struct pt_step *step = last_step(q);

	if (step->kind == PT_BAD)
		refuse(q, CAUSE_BAD, step->level, "a reserved bit is set");
	else if (step->kind != PT_LEAF)
		refuse(q, CAUSE_TRANSLATION, step->level, "not present");
	else if (q->a.from_user)
		check_x86_user(q);
	else
		check_x86_kernel(q);
}

void x86_encode(struct isa_query *q)
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
	q->code = code;
}

/* QEMU clears P in a code with RSVD; KVM and Bochs set both, as the SDM requires. */
bool x86_same_code(uint32_t predicted, const struct fault *fault)
{
	return predicted == fault->code || ((fault->code & PF_RSVD) && (predicted | PF_P) == (fault->code | PF_P));
}

/* Error-code bits, SDM vol. 3A 4.7. */
void x86_put_code(struct out *out, enum access access, uint32_t code)
{
	static const char *const bits[] = { "P", "W", "U", "RSVD", "I" };
	const char *space = "";

	(void)access;
	out_printf(out, "error code %04x (", (unsigned)code);
	for (unsigned i = 0; i < ARRAY_LEN(bits); i++) {
		if (!(code >> i & 1))
			continue;
		out_printf(out, "%s%s", space, bits[i]);
		space = " ";
	}
	out_puts(out, *space ? ")" : "none set)");
}
