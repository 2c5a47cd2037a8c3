/* arch/x86/x86_64/user/hostile.h - what a hostile program can try on x86_64; rows of hostile's table, registers of its own.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#define SP "rsp"
#define TSS "0x30"
#define FAR_RETURN "lretq"
#include "arch/x86/user/hostile.h"

/* NT, AC and DF set; the same and the trap flag; all clear again. */
#define SET_FLAGS "pushf; orq $0x44400, (%%rsp); popf; "
#define SET_TRAP  "pushf; orq $0x44500, (%%rsp); popf; "
#define CLEAR_FLAGS "; pushf; andq $~0x44500, (%%rsp); popf"
#define INT80   "mov $6, %%eax; int $0x80"
#define SYSCALL "push %%r11; mov $6, %%eax; syscall; pop %%r11"
#define HOLE    "mov $1, %%eax; shl $62, %%rax; "     /* an address that is not canonical */
#define FAR(selector) "pushq $" #selector "; lea 1f(%%rip), %%rax; push %%rax; "
#define FAR_CALL(selector) "pushq $" #selector "; pushq $0; .byte 0x48; lcall *(%%rsp)"
#define FAR_JUMP(selector) "pushq $" #selector "; pushq $0; .byte 0x48; ljmp *(%%rsp)"
#define IRET(cs) "mov %%rsp, %%rcx; pushq $0x23; push %%rcx; pushf; " FAR(cs) "iretq; 1:"

/* Below 4 GiB: IRET with 32-bit operands has 32-bit addresses in QEMU. */
static char low_stack[512] __asm__("hostile_low_stack") __attribute__((used));

#define ARCH_HOSTILE(X) \
	HOSTILE_PRIVILEGED(X) HOSTILE_FLOATING(X) HOSTILE_SEGMENTS(X) HOSTILE_HARMLESS(X) \
	X("read-cr0", DIES, "mov %%cr0, %%rax") X("read-cr2", DIES, "mov %%cr2, %%rax") X("read-cr4", DIES, "mov %%cr4, %%rax") \
	X("write-cr0", DIES, "mov %%rax, %%cr0") X("write-cr3", DIES, "mov %%rax, %%cr3") \
	X("write-cr4", DIES, "mov %%rax, %%cr4") X("write-cr8", DIES, "mov %%rax, %%cr8") \
	X("read-dr7", DIES, "mov %%dr7, %%rax") X("write-dr0", DIES, "mov %%rax, %%dr0") \
	X("write-dr7", DIES, "mov %%rax, %%dr7") X("sysret", DIES, "sysretq") X("swapgs", DIES, "swapgs") \
	X("rdfsbase", DIES, "rdfsbase %%rax") X("wrgsbase", DIES, "wrgsbase %%rax") \
	X("far-jump-kernel", DIES, FAR_JUMP(8)) X("far-jump-data", DIES, FAR_JUMP(0x23)) \
	X("far-jump-code32", DIES, FAR_JUMP(0x1B)) X("far-jump-task", DIES, FAR_JUMP(0x33)) \
	X("far-jump-beyond", DIES, FAR_JUMP(0x7FF8)) X("far-call-kernel", DIES, FAR_CALL(8)) \
	X("far-call-task", DIES, FAR_CALL(0x30)) X("far-call-ldt", DIES, FAR_CALL(7)) \
	X("far-call-ldt-page", DIES, FAR_CALL(0x1007)) X("far-jump-ldt-page", DIES, FAR_JUMP(0x100F)) \
	X("far-return-kernel", DIES, FAR(8) "lretq; 1:") X("far-return-own", EITHER, FAR(0x2B) "lretq; 1:") \
	X("iret-kernel", DIES, IRET(8)) X("iret-own", EITHER, IRET(0x2B)) \
	X("iret-hole", DIES, "mov %%rsp, %%rcx; pushq $0x23; push %%rcx; pushf; pushq $0x2B; " HOLE "push %%rax; iretq") \
	X("iret-vm86", DIES, "lea hostile_low_stack+256(%%rip), %%rsp; sub $24, %%rsp; " \
	  "movl $0, (%%rsp); movl $8, 4(%%rsp); movl $0x23202, 8(%%rsp); iretl") \
	X("iret-nested", DIES, "pushf; orq $0x4000, (%%rsp); popf; iretq") \
	X("jump-hole", DIES, HOLE "jmp *%%rax") X("return-hole", DIES, HOLE "push %%rax; ret") \
	X("popf-all", LIVES, "pushq $~0x100; popf; cld" CLEAR_FLAGS) \
	X("popf-iopl-cli", DIES, "pushq $0x3202; popf; cli") \
	X("call-with-flags", LIVES, SET_FLAGS SYSCALL "; " INT80 CLEAR_FLAGS) \
	X("syscall-with-trap", DIES, SET_TRAP SYSCALL CLEAR_FLAGS) X("int-with-trap", DIES, SET_TRAP INT80 CLEAR_FLAGS) \
	X("call-without-stack", LIVES, "push %%r12; push %%r11; mov %%rsp, %%r12; xor %%esp, %%esp; mov $6, %%eax; syscall; " \
	  INT80 "; mov %%r12, %%rsp; pop %%r11; pop %%r12") \
	X("call-with-stack-in-hole", LIVES, "push %%r12; push %%r11; mov %%rsp, %%r12; " HOLE "mov %%rax, %%rsp; " \
	  "mov $6, %%eax; syscall; " INT80 "; mov %%r12, %%rsp; pop %%r11; pop %%r12") \
	X("call-with-kernel-stack", LIVES, "push %%r12; push %%r11; mov %%rsp, %%r12; mov $-4096, %%rsp; mov $6, %%eax; " \
	  "syscall; " INT80 "; mov %%r12, %%rsp; pop %%r11; pop %%r12") \
	X("syscall-after-ss", EITHER, SET_TRAP "push %%r11; mov %%ss, %%ecx; mov $6, %%eax; mov %%ecx, %%ss; syscall; pop %%r11" \
	  CLEAR_FLAGS)

/* Bits of n choose among the selectors that a program may load; 0: what a new program has. */
static inline void own_registers_set(unsigned n)
{
	__asm__ volatile("mov %0, %%ds; mov %1, %%es; mov %2, %%fs; mov %3, %%gs"
	                 :: "r"(n & 1 ? 0x23 : 0), "r"(n & 2 ? 0x23 : 0), "r"(n & 4 ? 0x2B : 0), "r"(n & 8 ? 0x23 : 0));
}

static inline unsigned own_registers(void)
{
	static const unsigned wanted[] = { 0x23, 0x23, 0x2B, 0x23 };
	unsigned s[4], n = 0;

	__asm__ volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3"
	                 : "=r"(s[0]), "=r"(s[1]), "=r"(s[2]), "=r"(s[3]));
	for (unsigned i = 0; i < 4; i++)
		n |= s[i] == wanted[i] ? 1u << i : s[i] ? 16u << i : 0;
	return n;
}
