/* arch/arm/armv7/user/syscall.h - how a program asks the kernel on ARMv7: svc 0, r7 the number, r0 to r4.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdint.h>
#include "kernel/abi.h"

static inline intptr_t syscall(uintptr_t number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e)
{
	register uintptr_t r0 __asm__("r0") = a;
	register uintptr_t r1 __asm__("r1") = b;
	register uintptr_t r2 __asm__("r2") = c;
	register uintptr_t r3 __asm__("r3") = d;
	register uintptr_t r4 __asm__("r4") = e;
	register uintptr_t r7 __asm__("r7") = number;

	__asm__ volatile("svc #0" : "+r"(r0) : "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r7) : "memory", "cc");
	return (intptr_t)r0;
}

/* User mode may not read the counter unless the kernel lets it: it is asked. */
static inline uint32_t user_ticks(void)
{
	return (uint32_t)syscall(SYS_ticks, 0, 0, 0, 0, 0);
}
