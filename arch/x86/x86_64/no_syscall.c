/* arch/x86/x86_64/no_syscall.c - programs' SYSCALL on a CPU without it: taken from the invalid-opcode exception.
 * SPDX-License-Identifier: MIT
 */
#include "arch/context.h"
#include "arch/trap.h"
#include "arch/x86/x86_64/frame.h"
#include "hw/x86/regs.h"

#define SYSCALL_BYTES 2      /* 0F 05: SDM vol. 2B, SYSCALL */

void trap(struct trap_frame *f);
void syscall(struct trap_frame *f);
void x86_undefined(struct trap_frame *f);

static bool is_syscall(const struct trap_frame *f)
{
	uint8_t code[SYSCALL_BYTES];

	return arch_frame_from_user(f) && !arch_copy_from_user(code, f->rip, SYSCALL_BYTES) &&
	       code[0] == 0x0F && code[1] == 0x05;
}

/* From the stub, in place of trap(). What SYSCALL would have done to the registers is done here. */
void x86_undefined(struct trap_frame *f)
{
	if (!is_syscall(f)) {
		trap(f);
		return;
	}
	f->rip += SYSCALL_BYTES;
	f->rcx = f->rip;
	f->r11 = f->rflags;
	f->vector = VECTOR_SYSCALL;
	syscall(f);
}
