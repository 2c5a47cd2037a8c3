/* arch/x86/x86_64/uaccess.S - accesses that may fault: each has a line in .fixups that says where to go on.
 * SPDX-License-Identifier: MIT
 */

/* struct fixup */
	.macro	fixup at, resume
	.pushsection .fixups, "a"
	.quad	\at, \resume
	.popsection
	.endm

#define WORD_SHIFT 3
#define WORD_REST 7

	.text

	/* AC allows supervisor accesses to user pages while SMAP is on; the instructions exist only then. */
	.macro	user_access insn
	cmpb	$0, x86_smap_on(%rip)
	je	9f
	\insn
9:
	.endm

/* arch_copy_from_user(void *to, uint64_t from, unsigned long n); arch_copy_to_user(uint64_t to, const void *from, n)
 * in:       rdi = to, rsi = from, rdx = n
 * out:      rax = bytes not copied
 * clobbers: rcx, rdx, rsi, rdi */
	.globl	arch_copy_from_user
	.globl	arch_copy_to_user
arch_copy_from_user:
arch_copy_to_user:
	user_access stac
	mov	%rdx, %rcx
	and	$WORD_REST, %edx
	shr	$WORD_SHIFT, %rcx
1:	rep movsq
	mov	%edx, %ecx
2:	rep movsb
	jmp	4f
3:	lea	(%rdx, %rcx, 8), %rcx	/* whole words left, and the rest */
4:	user_access clac
	mov	%rcx, %rax
	ret
	fixup	1b, 3b
	fixup	2b, 4b

/* arch_probe(uint64_t va, enum access, uint8_t byte)
 * in:       rdi = va, esi: 0 read, 1 write, 2 execute, dl = the byte to write
 * out:      al = 1, or 0 when it faulted for good
 * clobbers: what a call may */
	.globl	arch_probe
arch_probe:
	push	%rbp
	mov	%rsp, %rbp
	cmp	$1, %esi
	je	2f
	ja	3f
1:	mov	(%rdi), %al
	jmp	5f
2:	mov	%dl, (%rdi)
	jmp	5f
3:	mov	%rdi, x86_probe_target(%rip)
	movb	$1, x86_probe_calls(%rip)
	.globl	x86_probe_call
x86_probe_call:
	call	*%rdi			/* arch_frame_pc() gives this place for a fault at the target */
5:	mov	$1, %eax
6:	movb	$0, x86_probe_calls(%rip)
	leave				/* also drops the return address that a failed call leaves */
	ret
7:	xor	%eax, %eax
	jmp	6b
	fixup	1b, 7b
	fixup	2b, 7b
	fixup	x86_probe_call, 7b
