/* arch/x86/i386/uaccess.S - accesses that may fault: each has a row in .fixups with the address at which execution continues.
 * SPDX-License-Identifier: MIT
 */
#include "arch/x86/uaccess.h"

	.text

/* arch_copy_to_user(uint64_t to, const void *from, unsigned long n); arch_copy_from_user(void *to, uint64_t from, n)
 * in:       eax, edx, ecx: the pointer and the two halves of the user address, the upper one zero, in their order;
 *           4(%esp) = n
 * out:      eax = bytes not copied
 * clobbers: ecx, edx */
	.globl	arch_copy_to_user
arch_copy_to_user:
	mov	%ecx, %edx
	.globl	arch_copy_from_user
arch_copy_from_user:
	push	%esi
	push	%edi
	mov	%eax, %edi
	mov	%edx, %esi
	mov	12(%esp), %edx		/* above two saved registers and the return address */
	copy_words_then_bytes
	pop	%edi
	pop	%esi
	ret

/* arch_probe(uint64_t va, enum access, uint8_t byte)
 * in:       edx:eax = va, ecx = access: 0 read, 1 write, 2 execute; 4(%esp) = the byte to write
 * out:      al = 1, or 0 when it faulted for good
 * clobbers: ecx, edx */
	.globl	arch_probe
arch_probe:
	push	%ebp
	mov	%esp, %ebp
	push	%ebx
	push	%esi
	push	%edi
	mov	%eax, %edx
	mov	8(%ebp), %bl		/* above the saved register and the return address */
	probe_access %edx, %ecx, %bl
	lea	-12(%ebp), %esp		/* a failed call leaves its return address */
	pop	%edi
	pop	%esi
	pop	%ebx
	pop	%ebp
	ret
