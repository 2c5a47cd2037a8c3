/* arch/x86/i386/context.S - switching stacks, catch and throw.
 * SPDX-License-Identifier: MIT
 */

#define JUMP_EBX 0
#define JUMP_ESI 4
#define JUMP_EDI 8
#define JUMP_EBP 12
#define JUMP_ESP 16
#define JUMP_EIP 20

	.text

/* arch_switch(struct arch_context *from, const struct arch_context *to)
 * in:       4(%esp) = from, 8(%esp) = to, interrupts off
 * out:      on the other stack, wherever it called this
 * clobbers: eax, ecx, edx */
	.globl	arch_switch
arch_switch:
	mov	4(%esp), %eax
	mov	8(%esp), %edx
	push	%ebp
	push	%ebx
	push	%esi
	push	%edi
	mov	%esp, (%eax)
	mov	(%edx), %esp
	pop	%edi
	pop	%esi
	pop	%ebx
	pop	%ebp
	ret

/* arch_catch(struct arch_jump *)
 * in:       4(%esp) = where to keep the callee's registers
 * out:      eax = 0, or 1 when thrown to
 * clobbers: ecx, edx */
	.globl	arch_catch
arch_catch:
	mov	4(%esp), %edx
	mov	%ebx, JUMP_EBX(%edx)
	mov	%esi, JUMP_ESI(%edx)
	mov	%edi, JUMP_EDI(%edx)
	mov	%ebp, JUMP_EBP(%edx)
	lea	4(%esp), %ecx		/* the stack as it will be after our return */
	mov	%ecx, JUMP_ESP(%edx)
	mov	(%esp), %ecx
	mov	%ecx, JUMP_EIP(%edx)
	xor	%eax, %eax
	ret

/* arch_throw(const struct arch_jump *)
 * in:       4(%esp) = what arch_catch filled
 * out:      does not return
 * clobbers: everything */
	.globl	arch_throw
arch_throw:
	mov	4(%esp), %edx
	mov	JUMP_EBX(%edx), %ebx
	mov	JUMP_ESI(%edx), %esi
	mov	JUMP_EDI(%edx), %edi
	mov	JUMP_EBP(%edx), %ebp
	mov	JUMP_ESP(%edx), %esp
	mov	$1, %eax
	cld
	jmp	*JUMP_EIP(%edx)
