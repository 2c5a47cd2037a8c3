/* arch/context.h - contract of a port: context switch, entry to user mode, system-call arguments, user memory.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"

/* A kernel stack that does not run; all other registers are saved on it. */
struct arch_context { uintptr_t sp; };
ASM_OFFSET(0, struct arch_context, sp);

/* Prepares a fresh stack so that the first switch to it calls entry(arg) with interrupts off; entry must not return. */
void arch_context_init(struct arch_context *c, void *stack_top, void (*entry)(void *arg), void *arg);
/* Saves the callee-saved registers on this stack and continues on the other. Interrupts off. */
void arch_switch(struct arch_context *from, const struct arch_context *to);
/* The stack that traps from user mode begin on (x86: TSS.ESP0/RSP0; ARM: the SVC stack pointer does it alone). */
void arch_set_kernel_stack(void *stack_top);

/* Enters user mode at pc with sp, all other registers zero (r0/eax/rdi = arg), interrupts on. The trap that comes back
 * begins on the stack of arch_set_kernel_stack(). */
_Noreturn void arch_user_enter(uint64_t pc, uint64_t sp, uint64_t arg);
/* The same from a saved frame: fork's child, exec. */
_Noreturn void arch_user_resume(const struct trap_frame *f);

/* System call: number and arguments as the architecture's convention has them (x86: eax/rax, ebx ecx edx esi edi on
 * i386 with int 80; rdi rsi rdx r10 r8 on x86_64, int 80 or SYSCALL; ARM: r7, r0..r4). */
void arch_syscall_args(const struct trap_frame *f, uint64_t *arg, unsigned count);
static inline uintptr_t arch_syscall_number(const struct trap_frame *f);
static inline void arch_syscall_return(struct trap_frame *f, uintptr_t value);

/* Copies between user and kernel memory, allowing user access only meanwhile (SMAP, DACR, EPD0). Returns the number
 * of bytes NOT copied: 0 is success. The caller has checked that the range is below USER_END. */
unsigned long arch_copy_from_user(void *to, uint64_t from, unsigned long n);
unsigned long arch_copy_to_user(uint64_t to, const void *from, unsigned long n);

#include "arch_context.h"
