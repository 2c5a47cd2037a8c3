/* arch/x86/i386/user/syscall.h - system calls of a program on i386: int 80, eax the number, ebx ecx edx esi edi.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdint.h>

static inline intptr_t syscall(uintptr_t number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e)
{
	intptr_t result;

	__asm__ volatile("int $0x80" : "=a"(result) : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
	                 : "memory", "cc");
	return result;
}

/* The time-stamp counter's low word. */
static inline uint32_t user_ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return low;
}
