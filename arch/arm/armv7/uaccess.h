/* arch/arm/armv7/uaccess.h - letting the kernel at user memory and shutting it out again; for assembly.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/arm/frame.h"

/* Writes value to the register that decides; table = arm_access, tmp is clobbered, flags too.
 * The ISB: accesses that follow are to be made under the new value (B3.7.3, B3.15.5). */
	.macro	access_write value, table, tmp
	ldr	\tmp, [\table, #ACCESS_LONG]
	cmp	\tmp, #0
	mcreq	p15, 0, \value, c3, c0, 0	/* DACR */
	mcrne	p15, 0, \value, c2, c0, 2	/* TTBCR */
	isb
	.endm

	.macro	access_read value, table, tmp
	ldr	\tmp, [\table, #ACCESS_LONG]
	cmp	\tmp, #0
	mrceq	p15, 0, \value, c3, c0, 0
	mrcne	p15, 0, \value, c2, c0, 2
	.endm

	.macro	access_set which, tmp, tmp2, tmp3
	ldr	\tmp, =arm_access
	ldr	\tmp2, [\tmp, #\which]
	access_write \tmp2, \tmp, \tmp3
	.endm
