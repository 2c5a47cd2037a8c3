/* isa/second.h - which second stage a guest of a CPU family has, by its root register.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/err.h"
#include "paging/format.h"

struct isa_second {
	const struct pt_format *first;    /* the guest's tables */
	const struct pt_format *format;   /* the second stage's, if it is given; NULL: chosen by `first` and `root` */
	uint64_t root;                    /* value of EPTP, nCR3, VTTBR_EL2 or hgatp, or the address of the root */
	bool has_control;
	uint64_t control;                 /* value of VTCR_EL2 */
};

/* The format of the second stage, and the address in its root register. ERR_UNSUPPORTED: the family has none. */
MUST_USE err_t isa_second_format(const struct isa_second *q, const struct pt_format **format, uint64_t *root);
/* Sets what the registers say of a mode with that format: VA bits, levels, granule, access flags. ERR_INVALID: the value of the
 * control register is reserved. */
MUST_USE err_t isa_second_mode(const struct isa_second *q, struct pt_mode *mode);
