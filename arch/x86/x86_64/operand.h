/* arch/x86/x86_64/operand.h - the addresses that an instruction means.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Computes the addresses of the memory operands of the instruction at `insn`, from the registers in the order of their numbers
 * (rax rcx rdx rbx rsp rbp rsi rdi r8 ... r15). Returns their number; 0 for an instruction that is not decoded. Reads at most 15
 * bytes. */
unsigned x86_operands(const uint8_t *insn, const uint64_t reg[16], uint64_t va[2]);
