/* arch/x86/control.h - the control registers as rows of arch_regs[], the same in both widths.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/x86/x86.h"

enum x86_control { X86_CR0, X86_CR2, X86_CR3, X86_CR4, X86_EFER };

/* "CR0: ... CR2: ... CR3: ... CR4: ...", the last line of an oops's registers. */
void x86_oops_control(struct out *out, int digits);

#define X86_CONTROL_REGS(bits) \
	{ "cr0", bits, true, x86_control, NULL, X86_CR0 }, \
	{ "cr2", bits, true, x86_control, NULL, X86_CR2 }, \
	{ "cr3", bits, true, x86_control, NULL, X86_CR3 }, \
	{ "cr4", bits, true, x86_control, x86_has_cr4, X86_CR4 }, \
	{ "efer", 64, true, x86_control, x86_has_efer, X86_EFER }
