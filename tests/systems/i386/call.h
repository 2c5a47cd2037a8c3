/* tests/systems/i386/call.h - Linux's system calls on i386: numbers and the instruction.
 * SPDX-License-Identifier: MIT
 */
#pragma once
/* mmap is mmap2: the offset is in pages. */
enum {
	CALL_READ = 3, CALL_WRITE = 4, CALL_OPEN = 5, CALL_LSEEK = 19, CALL_MMAP = 192, CALL_MPROTECT = 125, CALL_PAUSE = 29,
	CALL_MKDIR = 39, CALL_MOUNT = 21, CALL_FINIT_MODULE = 350,
};

/* The sixth argument is EBP, which the compiler may use for its own: it is zero in every call of six. */
static inline long call(long number, long a, long b, long c, long d, long e, long f)
{
	long result;

	(void)f;
	__asm__ volatile ("push %%ebp; xor %%ebp, %%ebp; int $0x80; pop %%ebp"
	                  : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
	return result;
}
