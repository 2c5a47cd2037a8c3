/* isa/riscv.h - functions that the rows of RISC-V refer to; for the files of isa/ only.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "isa/isa.h"

void riscv_check_access(struct isa_query *q);
void riscv_encode(struct isa_query *q);
void riscv_g_check_access(struct isa_query *q);
void riscv_g_encode(struct isa_query *q);
void riscv_put_code(struct out *out, enum access access, uint32_t code);
