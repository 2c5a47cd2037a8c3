/* arch/x86/i386/uaccess.S - accesses that may fault: each has a line in .fixups that says where to go on.
 * SPDX-License-Identifier: MIT
 */

/* struct fixup */
	.macro	fixup at, resume
	.pushsection .fixups, "a"
	.long	\at, \resume
	.popsection
	.endm

#define WORD_SHIFT 2
#define WORD_REST 3

	.text

	/* AC allows supervisor accesses to user pages while SMAP is on; the instructions exist only then. */
	.macro	user_access insn
	cmpb	$0, x86_smap_on
	je	9f
	\insn
9:
	.endm

/* arch_copy_from_user(void *to, uint64_t from, unsigned long n); arch_copy_to_user(uint64_t to, const void *from, n)
 * in:       eax, edx, ecx: the pointer and the two halves of the user address, the upper one zero, in their order;
 *           4(%esp) = n
 * out:      eax = bytes not copied
 * clobbers: ecx, edx */
	.macro	copy name, to, from
	.globl	\name
\name:
	push	%esi
	push	%edi
	mov	\to, %edi
	mov	\from, %esi
	mov	12(%esp), %edx		/* above two saved registers and the return address */
	user_access stac
	mov	%edx, %ecx
	and	$WORD_REST, %edx
	shr	$WORD_SHIFT, %ecx
1:	rep movsl
	mov	%edx, %ecx
2:	rep movsb
	jmp	4f
3:	lea	(%edx, %ecx, 4), %ecx	/* whole words left, and the rest */
4:	user_access clac
	mov	%ecx, %eax
	pop	%edi
	pop	%esi
	ret
	fixup	1b, 3b
	fixup	2b, 4b
	.endm

	copy	arch_copy_from_user, %eax, %edx
	copy	arch_copy_to_user, %eax, %ecx

/* arch_probe(uint64_t va, enum access, uint8_t byte)
 * in:       edx:eax = va, ecx = access: 0 read, 1 write, 2 execute (asserted in kernel/probe.c); 4(%esp) = the byte to write
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
	cmp	$1, %ecx
	je	2f
	ja	3f
1:	mov	(%edx), %al
	jmp	5f
2:	mov	8(%ebp), %al		/* above the saved register and the return address */
4:	mov	%al, (%edx)
	jmp	5f
3:	mov	%edx, x86_probe_target
	movb	$1, x86_probe_calls
	.globl	x86_probe_call
x86_probe_call:
	call	*%edx			/* arch_frame_pc() gives this place for a fault at the target */
5:	mov	$1, %eax
6:	movb	$0, x86_probe_calls
	lea	-12(%ebp), %esp		/* a failed call leaves its return address */
	pop	%edi
	pop	%esi
	pop	%ebx
	pop	%ebp
	ret
7:	xor	%eax, %eax
	jmp	6b
	fixup	1b, 7b
	fixup	4b, 7b
	fixup	x86_probe_call, 7b
