/* arch/arm/armv7/user/syscall.h - system calls of a program on ARM: svc 0, r7 the number, r0 to r4 the arguments.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdint.h>

static inline intptr_t syscall(uintptr_t number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e)
{
	register uintptr_t r7 __asm__("r7") = number;
	register uintptr_t r0 __asm__("r0") = a;
	register uintptr_t r1 __asm__("r1") = b;
	register uintptr_t r2 __asm__("r2") = c;
	register uintptr_t r3 __asm__("r3") = d;
	register uintptr_t r4 __asm__("r4") = e;

	__asm__ volatile("svc #0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4) : "memory", "cc");
	return (intptr_t)r0;
}

/* The virtual counter's low word; the kernel lets user mode read it. */
static inline uint32_t user_ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("isb\n\tmrrc p15, 1, %0, %1, c14" : "=r"(low), "=r"(high));
	return low;
}
