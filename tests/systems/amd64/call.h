/* tests/systems/amd64/call.h - Linux's system calls on x86_64: numbers and the instruction.
 * SPDX-License-Identifier: MIT
 */
#pragma once
enum {
	CALL_READ = 0, CALL_WRITE = 1, CALL_OPEN = 2, CALL_LSEEK = 8, CALL_MMAP = 9, CALL_MPROTECT = 10, CALL_PAUSE = 34,
	CALL_MKDIR = 83, CALL_MOUNT = 165, CALL_FINIT_MODULE = 313,
};

static inline long call(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long result;

	__asm__ volatile ("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	                  : "rcx", "r11", "memory");
	return result;
}
