/* isa/arm.h - functions that the rows of ARM refer to; for the files of isa/ only.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "isa/isa.h"

err_t arm_divide_short(const struct pt_mode *mode, uint64_t ttbcr, struct pt_mode half[2]);
err_t arm_divide_lpae(const struct pt_mode *mode, uint64_t ttbcr, struct pt_mode half[2]);
err_t arm64_divide(const struct pt_mode *mode, uint64_t tcr, struct pt_mode half[2]);
void arm_check_access_short(struct isa_query *q);
void arm_check_access_lpae(struct isa_query *q);
void arm64_check_access(struct isa_query *q);
void arm64_s2_check_access(struct isa_query *q);
/* The format of TTBR0's half by TCR_EL1, or of TTBR1's if that one is switched off. NULL: the granule is reserved. */
const struct pt_format *arm64_format(uint64_t tcr);
/* The format and the mode of a second stage by VTCR_EL2. ERR_INVALID: the register's value is reserved. */
err_t arm64_stage2(uint64_t vtcr, struct pt_mode *mode);
void arm_encode_short(struct isa_query *q);
void arm_encode_lpae(struct isa_query *q);
void arm64_encode(struct isa_query *q);
void arm_put_code(struct out *out, enum access access, uint32_t code);
void arm64_put_code(struct out *out, enum access access, uint32_t code);
const char *arm_answer_status(uint64_t par);
const char *arm64_answer_status(uint64_t par);
void arm_user_trap(struct out *out, const struct isa_user_trap *t);
void arm64_oops(struct out *out, const struct isa_view *v, const struct isa_oops *o);
void arm64_user_trap(struct out *out, const struct isa_user_trap *t);
void arm_oops(struct out *out, const struct isa_view *v, const struct isa_oops *o);
