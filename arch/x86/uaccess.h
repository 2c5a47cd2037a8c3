/* arch/x86/uaccess.h - the parts of uaccess.S that both widths have, in registers of the width that is built.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/fixup.h"

#ifdef __x86_64__
#define REG(name)  r##name
#define AT(symbol) symbol(%rip)
#define MOVE_WORDS movsq
#define WORD_BYTES 8
#define WORD_SHIFT 3
#else
#define REG(name)  e##name
#define AT(symbol) symbol
#define MOVE_WORDS movsl
#define WORD_BYTES 4
#define WORD_SHIFT 2
#endif

/* AC allows supervisor accesses to user pages while SMAP is on; the instructions exist only then. */
	.macro	user_access insn
	cmpb	$0, AT(x86_smap_on)
	je	9f
	\insn
9:
	.endm

/* in:       di = to, si = from, dx = bytes
 * out:      ax = bytes not copied
 * clobbers: cx, dx, si, di */
	.macro	copy_words_then_bytes
	user_access stac
	mov	%REG(dx), %REG(cx)
	and	$(WORD_BYTES - 1), %edx
	shr	$WORD_SHIFT, %REG(cx)
1:	rep MOVE_WORDS
	mov	%edx, %ecx
2:	rep movsb
	jmp	4f
3:	lea	(%REG(dx), %REG(cx), WORD_BYTES), %REG(cx)	/* whole words left, and the rest */
4:	user_access clac
	mov	%REG(cx), %REG(ax)
	fixup	1b, 3b
	fixup	2b, 4b
	.endm

/* arch_probe() after its moves: the access by access (asserted in arch/x86/trap.c), then al = 1, or 0 after a fault.
 * in:       at = where, kind = the access, byte = the byte to write; bp names the frame
 * clobbers: al, and what a call may */
	.macro	probe_access at, kind, byte
	cmp	$1, \kind
	je	2f
	ja	3f
1:	mov	(\at), %al
	jmp	5f
2:	mov	\byte, (\at)
	jmp	5f
3:	mov	\at, AT(x86_probe_target)
	movb	$1, AT(x86_probe_calls)
	.globl	x86_probe_call
x86_probe_call:
	call	*\at			/* arch_frame_pc() gives this place for a fault at the target */
5:	mov	$1, %eax
6:	movb	$0, AT(x86_probe_calls)
	fixup	1b, 7f
	fixup	2b, 7f
	fixup	x86_probe_call, 7f
	.subsection 1
7:	xor	%eax, %eax
	jmp	6b
	.previous
	.endm
