/* arch/fixup.h - the row of an instruction that may fault; for assembly.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* struct fixup (arch/trap.h): address of the instruction, and the address at which execution continues after an unresolved
 * fault. */
	.macro	fixup at, resume
	.pushsection .fixups, "a"
#ifdef __x86_64__
	.quad	\at, \resume
#else
	.long	\at, \resume
#endif
	.popsection
	.endm
