/* tests/systems/arm/call.h - Linux's system calls on ARM: numbers and the instruction.
 * SPDX-License-Identifier: MIT
 */
#pragma once
/* mmap is mmap2: the offset is in pages. */
enum {
	CALL_READ = 3, CALL_WRITE = 4, CALL_OPEN = 5, CALL_LSEEK = 19, CALL_MMAP = 192, CALL_MPROTECT = 125, CALL_PAUSE = 29,
	CALL_MKDIR = 39, CALL_MOUNT = 21, CALL_FINIT_MODULE = 379,
};

static inline long call(long number, long a, long b, long c, long d, long e, long f)
{
	register long r7 __asm__("r7") = number, r0 __asm__("r0") = a, r1 __asm__("r1") = b, r2 __asm__("r2") = c;
	register long r3 __asm__("r3") = d, r4 __asm__("r4") = e, r5 __asm__("r5") = f;

	__asm__ volatile ("svc 0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5) : "memory");
	return r0;
}
