/* arch/x86/x86_64/uaccess.S - accesses that may fault: each has a row in .fixups with the address at which execution continues.
 * SPDX-License-Identifier: MIT
 */
#include "arch/x86/uaccess.h"

	.text

/* arch_copy_from_user(void *to, uint64_t from, unsigned long n); arch_copy_to_user(uint64_t to, const void *from, n)
 * in:       rdi = to, rsi = from, rdx = n
 * out:      rax = bytes not copied
 * clobbers: rcx, rdx, rsi, rdi */
	.globl	arch_copy_from_user
	.globl	arch_copy_to_user
arch_copy_from_user:
arch_copy_to_user:
	copy_words_then_bytes
	ret

/* arch_probe(uint64_t va, enum access, uint8_t byte)
 * in:       rdi = va, esi = access: 0 read, 1 write, 2 execute, dl = the byte to write
 * out:      al = 1, or 0 when it faulted for good
 * clobbers: what a call may */
	.globl	arch_probe
arch_probe:
	push	%rbp
	mov	%rsp, %rbp
	probe_access %rdi, %esi, %dl
	leave				/* also drops the return address that a failed call leaves */
	ret
