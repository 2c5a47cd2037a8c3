/* arch/arm/armv7/uaccess.S - accesses that may fault: each has a row in .fixups with the address at which execution continues.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/armv7/uaccess.h"
#include "arch/fixup.h"
#include "arch_layout.h"
#include "hw/arm/regs.h"

	.syntax unified

#define NOWHERE -1      /* no instruction is being called to see whether it can be */
#define HIGH_WORD 4     /* of a uint64_t */

	.text

/* The user's side is accessed with user mode's rights (LDRT, STRT), so that a kernel page below USER_END would not be
 * copied either. When one of them aborts, its base and the count are still those from before it.
 *
 * arch_copy_from_user(void *to, uint64_t from, unsigned long n)
 * in:       r0 = to, r2 = from, n on the stack
 * out:      r0 = bytes not copied
 * clobbers: r1-r3, r12 */
	.globl	arch_copy_from_user
arch_copy_from_user:
	ldr	r3, [sp]
	push	{r4, lr}
	access_set ACCESS_OPEN, r1, r4, r12
	orr	r1, r0, r2
	tst	r1, #3
	bne	2f			/* bytes: an unaligned word may be an alignment fault */
1:	cmp	r3, #4
	blo	2f
from_word:
	ldrt	r1, [r2], #4
	str	r1, [r0], #4
	sub	r3, r3, #4
	b	1b
2:	cmp	r3, #0
	beq	copy_done
from_byte:
	ldrbt	r1, [r2], #1
	strb	r1, [r0], #1
	sub	r3, r3, #1
	b	2b
	fixup	from_word, copy_done
	fixup	from_byte, copy_done

copy_done:
	access_set ACCESS_CLOSED, r1, r4, r12
	mov	r0, r3
	pop	{r4, pc}

/* arch_copy_to_user(uint64_t to, const void *from, unsigned long n)
 * in:       r0 = to, r2 = from, r3 = n
 * out:      r0 = bytes not copied
 * clobbers: r1-r3, r12 */
	.globl	arch_copy_to_user
arch_copy_to_user:
	push	{r4, lr}
	access_set ACCESS_OPEN, r1, r4, r12
	orr	r1, r0, r2
	tst	r1, #3
	bne	2f
1:	cmp	r3, #4
	blo	2f
	ldr	r1, [r2], #4
to_word:
	strt	r1, [r0], #4
	sub	r3, r3, #4
	b	1b
2:	cmp	r3, #0
	beq	copy_done
	ldrb	r1, [r2], #1
to_byte:
	strbt	r1, [r0], #1
	sub	r3, r3, #1
	b	2b
	fixup	to_word, copy_done
	fixup	to_byte, copy_done

/* arch_probe(uint64_t va, enum access, uint8_t byte)
 * User memory is opened for a user address only: QEMU flushes the TLB when the register is written, and a probe of the kernel must
 * show what the TLB has.
 * in:       r0 = va, r2 = access: 0 read, 1 write, 2 execute (asserted in arch/arm/context.c), r3 = the byte to write
 * out:      r0 = 1, or 0 when it faulted for good
 * clobbers: r1-r3, r12 */
	.globl	arch_probe
arch_probe:
	push	{r4-r11, r12, lr}	/* the target should be a return instruction; another one can do damage */
	mov	r6, r3
	mov	r3, r0
	mov	r5, r2
	mov	r7, r0
	cmp	r7, #USER_END
	bhs	1f
	access_set ACCESS_OPEN, r1, r4, r12
1:	cmp	r5, #1
	bhi	probe_execute
	beq	probe_write
probe_read:
	ldrb	r1, [r3]
	b	probe_good
probe_write:
	strb	r6, [r3]
	b	probe_good
probe_execute:
	bic	r3, r3, #3		/* ARM state has no instruction between words */
	ldr	r1, =arm_probe_target
	str	r3, [r1]
	.globl	arm_probe_call
arm_probe_call:
	blx	r3			/* arch_frame_pc() gives this place for an abort at the target */
probe_good:
	mov	r5, #1
	b	probe_end
probe_failed:
	mov	r5, #0
probe_end:
	mvn	r3, #0			/* NOWHERE */
	ldr	r1, =arm_probe_target
	str	r3, [r1]
	cmp	r7, #USER_END
	bhs	1f
	access_set ACCESS_CLOSED, r1, r4, r12
1:	mov	r0, r5
	pop	{r4-r11, r12, pc}
	fixup	probe_read, probe_failed
	fixup	probe_write, probe_failed
	fixup	arm_probe_call, probe_failed

/* arch_read_device(const void *at, unsigned bytes, uint64_t *value)
 * in:       r0 = at, r1 = bytes: 1 or 4, r2 = value
 * out:      r0 = 1, or 0 after an external abort
 * clobbers: r3 */
	.globl	arch_read_device
arch_read_device:
	mov	r3, #0
	str	r3, [r2, #HIGH_WORD]
	cmp	r1, #4
	beq	device_word
device_byte:
	ldrb	r3, [r0]
	b	device_good
device_word:
	ldr	r3, [r0]
device_good:
	str	r3, [r2]
	mov	r0, #1
	bx	lr
device_failed:
	mov	r0, #0
	bx	lr
	fixup	device_byte, device_failed
	fixup	device_word, device_failed

	.data
	.balign	4
	.globl	arm_probe_target
arm_probe_target:
	.long	NOWHERE
