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

/* Arguments are in eax, edx and ecx (-mregparm=3). A 64-bit argument occupies two of them; the rest is on the stack. */

/* arch_switch(struct arch_context *from, const struct arch_context *to)
 * in:       eax = from, edx = to, interrupts off
 * out:      on the other stack, wherever it called this
 * clobbers: eax, ecx, edx */
	.globl	arch_switch
arch_switch:
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

/* The first return of a new context. in: esi = entry, edi = its argument. out: does not return. */
	.globl	arch_context_start
arch_context_start:
	mov	%edi, %eax
	call	*%esi
	ud2

/* arch_catch(struct arch_jump *)
 * in:       eax = where to keep the callee's registers
 * out:      eax = 0, or 1 when thrown to
 * clobbers: ecx */
	.globl	arch_catch
arch_catch:
	mov	%ebx, JUMP_EBX(%eax)
	mov	%esi, JUMP_ESI(%eax)
	mov	%edi, JUMP_EDI(%eax)
	mov	%ebp, JUMP_EBP(%eax)
	lea	4(%esp), %ecx		/* the stack as it will be after our return */
	mov	%ecx, JUMP_ESP(%eax)
	mov	(%esp), %ecx
	mov	%ecx, JUMP_EIP(%eax)
	xor	%eax, %eax
	ret

/* arch_throw(const struct arch_jump *)
 * in:       eax = what arch_catch filled
 * out:      does not return
 * clobbers: everything */
	.globl	arch_throw
arch_throw:
	mov	%eax, %edx
	mov	JUMP_EBX(%edx), %ebx
	mov	JUMP_ESI(%edx), %esi
	mov	JUMP_EDI(%edx), %edi
	mov	JUMP_EBP(%edx), %ebp
	mov	JUMP_ESP(%edx), %esp
	mov	$1, %eax
	cld
	jmp	*JUMP_EIP(%edx)
