/* isa/x86.h - functions that the rows of x86 refer to; for isa/ and its tests.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "isa/isa.h"

/* Page-fault error code, Intel SDM vol. 3A 4.7. */
enum {
	PF_P = 1u << 0,
	PF_W = 1u << 1,
	PF_U = 1u << 2,
	PF_RSVD = 1u << 3,
	PF_I = 1u << 4,
	PF_PK = 1u << 5,
};

void x86_check_access(struct isa_query *q);
void x86_encode(struct isa_query *q);
bool x86_same_code(uint32_t predicted, const struct fault *fault);
void x86_put_code(struct out *out, enum access access, uint32_t code);
void x86_oops(struct out *out, const struct isa_view *v, const struct isa_oops *o);
void x86_user_trap(struct out *out, const struct isa_user_trap *t);
/* "BUG: unable to handle page fault for address: ..." and the two #PF: lines. */
void linux_x86_fault_head(struct out *out, const struct isa_view *v, const struct fault *fault);
/* "Oops: 0002 [#1]" */
void linux_x86_oops_line(struct out *out, const char *what, uint64_t code, unsigned count);
