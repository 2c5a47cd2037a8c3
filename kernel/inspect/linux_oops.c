/* kernel/inspect/linux_oops.c - the lines of an oops that differ between Linux's architectures (FACTS D4, D5).
 * SPDX-License-Identifier: MIT
 */
#include "kernel/inspect/linux.h"

static bool is_arm(const struct target *t)
{
	const struct pt_format *f = t->mode->format;

	return f == &pt_short || f == &pt_lpae || f == &pt_a64;
}

static void arm_fault_head(struct out *out, const struct target *t, const struct fault *fault)
{
	out_printf(out, "Unable to handle kernel %s at virtual address %0*llx\n",
	           fault->va < PAGE_SIZE ? "NULL pointer dereference" : "paging request",
	           (int)target_va_digits(t), (unsigned long long)fault->va);
}

void linux_fault_head(struct out *out, const struct target *t, const struct fault *fault)
{
	(is_arm(t) ? arm_fault_head : linux_x86_fault_head)(out, t, fault);
}

void linux_oops_line(struct out *out, const struct target *t, const char *what, uint64_t code, unsigned count)
{
	if (is_arm(t))
		out_printf(out, "Internal error: %s: %llx [#%u] ARM\n", what, (unsigned long long)code, count);
	else
		out_printf(out, "%s: %04llx [#%u]\n", what, (unsigned long long)code, count);
}
