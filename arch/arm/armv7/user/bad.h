/* arch/arm/armv7/user/bad.h - wrong things that only this CPU can do; rows of badaccess's table.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define BAD_RETURN { 0x1E, 0xFF, 0x2F, 0xE1 }   /* bx lr */

static void bad_ttbr(void)     { unsigned v; __asm__ volatile("mrc p15, 0, %0, c2, c0, 0" : "=r"(v)); }
static void bad_dacr(void)     { __asm__ volatile("mcr p15, 0, %0, c3, c0, 0" : : "r"(0xFFFFFFFF)); }
static void bad_hvc(void)      { __asm__ volatile(".arch_extension virt\n\thvc #0"); }
static void bad_vbar(void)     { unsigned v; __asm__ volatile("mrc p15, 0, %0, c12, c0, 0" : "=r"(v)); }
static void bad_vfp(void)      { __asm__ volatile(".inst 0xEE300A00"); }    /* vadd.f32 s0, s0, s0 */
static void bad_breakpoint(void) { __asm__ volatile("bkpt #0"); }

static void bad_exclusive(void)
{
	static unsigned words[2];
	unsigned v;

	__asm__ volatile("ldrex %0, [%1]" : "=r"(v) : "r"((char *)words + 1));
}

/* Where ARM's vectors may stand, and a bit 0 that means Thumb. */
static void bad_high_vector(void) { ((void (*)(void))0xFFFF0000)(); }
static void bad_thumb(void)       { ((void (*)(void))(DIRECT_MAP_BASE + 1))(); }

#define ARCH_BAD_CASES \
	{ "ttbr", "reads TTBR0", bad_ttbr }, \
	{ "dacr", "makes itself manager of all domains", bad_dacr }, \
	{ "hvc", "calls the firmware", bad_hvc }, \
	{ "vbar", "reads VBAR", bad_vbar }, \
	{ "vfp", "uses the floating-point unit, which is off", bad_vfp }, \
	{ "breakpoint", "executes a breakpoint", bad_breakpoint }, \
	{ "exclusive", "loads exclusively from an odd address", bad_exclusive }, \
	{ "high-vector", "jumps to where vectors may stand", bad_high_vector }, \
	{ "thumb", "jumps into the kernel in Thumb state", bad_thumb },
