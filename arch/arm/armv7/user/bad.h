/* arch/arm/armv7/user/bad.h - wrong things that only this CPU can do; rows of badaccess's table.
 * SPDX-License-Identifier: MIT
 */
#pragma once

static char bad_room[16];

/* Several words at once must be aligned whatever SCTLR.A says (ARM ARM A3.2.1). */
static void bad_unaligned(void)
{
	__asm__ volatile("ldm %0, {r2, r3}" : : "r"(bad_room + 1) : "r2", "r3", "memory");
}

static void bad_ttbr(void)       { unsigned v; __asm__ volatile("mrc p15, 0, %0, c2, c0, 0" : "=r"(v)); }
static void bad_dacr(void)       { __asm__ volatile("mcr p15, 0, %0, c3, c0, 0" : : "r"(-1)); }
static void bad_breakpoint(void) { __asm__ volatile("bkpt #0"); }

#define ARCH_BAD_CASES \
	{ "unaligned", "loads two words from an odd address", bad_unaligned }, \
	{ "ttbr", "reads TTBR0", bad_ttbr }, \
	{ "dacr", "opens every domain", bad_dacr }, \
	{ "breakpoint", "executes a breakpoint", bad_breakpoint },
