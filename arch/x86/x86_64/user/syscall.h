/* arch/x86/x86_64/user/syscall.h - system calls of a program on x86_64: SYSCALL, rax the number, rdi rsi rdx r10 r8.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdint.h>

static inline intptr_t syscall(uintptr_t number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e)
{
	register uintptr_t r10 __asm__("r10") = d;
	register uintptr_t r8 __asm__("r8") = e;
	intptr_t result;

	/* It takes rcx and r11 for the way back. */
	__asm__ volatile("syscall" : "=a"(result) : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
	                 : "rcx", "r11", "memory", "cc");
	return result;
}

/* The time-stamp counter's low word. */
static inline uint32_t user_ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return low;
}
