/* arch/x86/i386/user/hostile.h - what a hostile program can try on i386; rows of hostile's table, registers of its own.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#define SP "esp"
#define TSS "0x28"
#define FAR_RETURN "lret"
#include "arch/x86/user/hostile.h"

/* NT, AC and DF set; the same and the trap flag; all clear again. */
#define SET_FLAGS "pushf; orl $0x44400, (%%esp); popf; "
#define SET_TRAP  "pushf; orl $0x44500, (%%esp); popf; "
#define CLEAR_FLAGS "; pushf; andl $~0x44500, (%%esp); popf"
#define GETPID "mov $6, %%eax; int $0x80"

/* iret-vm86-fork: at 8000 16-bit code, mov $SYS_fork, %eax; int $0x80; hlt. */
#define ARCH_HOSTILE(X) \
	HOSTILE_PRIVILEGED(X) HOSTILE_FLOATING(X) HOSTILE_SEGMENTS(X) HOSTILE_HARMLESS(X) \
	X("read-cr0", DIES, "mov %%cr0, %%eax") X("read-cr2", DIES, "mov %%cr2, %%eax") X("read-cr4", DIES, "mov %%cr4, %%eax") \
	X("write-cr0", DIES, "mov %%eax, %%cr0") X("write-cr3", DIES, "mov %%eax, %%cr3") \
	X("write-cr4", DIES, "mov %%eax, %%cr4") X("read-dr7", DIES, "mov %%dr7, %%eax") \
	X("write-dr0", DIES, "mov %%eax, %%dr0") X("write-dr7", DIES, "mov %%eax, %%dr7") \
	X("syscall", DIES, "syscall") X("sysret", DIES, "sysret") \
	X("into", DIES, "mov $0x7FFFFFFF, %%eax; inc %%eax; into") \
	X("bound", DIES, "pushl $0; pushl $0; mov $5, %%eax; bound %%eax, (%%esp)") \
	X("far-jump-null", DIES, "ljmp $0, $0") X("far-jump-kernel", DIES, "ljmp $8, $0") \
	X("far-jump-data", DIES, "ljmp $0x23, $0") X("far-jump-task", DIES, "ljmp $0x28, $0") \
	X("far-jump-other-task", DIES, "ljmp $0x30, $0") X("far-jump-beyond", DIES, "ljmp $0xFFF8, $0") \
	X("far-call-kernel", DIES, "lcall $8, $0") X("far-call-task", DIES, "lcall $0x2B, $0") \
	X("far-call-ldt", DIES, "lcall $7, $0") X("far-call-ldt-page", DIES, "lcall $0x1007, $0") \
	X("far-call-ldt-last", DIES, "lcall $0xFFE7, $0") X("far-jump-ldt-page", DIES, "ljmp $0x100F, $0") \
	X("far-return-kernel", DIES, "pushl $8; pushl $1f; lret; 1:") \
	X("far-return-own", EITHER, "pushl $0x1B; pushl $1f; lret; 1:") \
	X("far-call-own", EITHER, "lcall $0x1B, $1f; 1: add $8, %%esp") \
	X("iret-kernel", DIES, "pushf; pushl $8; pushl $1f; iret; 1:") \
	X("iret-own", EITHER, "pushf; pushl $0x1B; pushl $1f; iret; 1:") \
	X("iret-vm86", EITHER, "pushf; orl $0x20000, (%%esp); pushl $0x1B; pushl $1f; iret; 1:") \
	X("iret-vm86-cs8", EITHER, "pushf; orl $0x23000, (%%esp); pushl $8; pushl $0; iret; 1:") \
	X("iret-vm86-fork", EITHER, "movl $0x0003B866, 0x8000; movl $0x80CD0000, 0x8004; movl $0xF4, 0x8008; " \
	  "pushl $0; pushl $0; pushl $0; pushl $0; pushl $0; pushl $0x9000; pushl $0x23202; pushl $0x7FF; pushl $0x10; iret") \
	X("iret-nested", DIES, "pushf; orl $0x4000, (%%esp); popf; iret") \
	X("popf-all", LIVES, "pushl $~0x100; popf; cld" CLEAR_FLAGS) \
	X("popf-iopl-cli", DIES, "pushl $0x3202; popf; cli") \
	X("call-with-flags", LIVES, SET_FLAGS GETPID CLEAR_FLAGS) \
	X("call-with-trap", DIES, SET_TRAP GETPID CLEAR_FLAGS) \
	X("call-without-stack", LIVES, "mov %%esp, %%ecx; xor %%esp, %%esp; " GETPID "; mov %%ecx, %%esp") \
	X("call-without-segments", LIVES, "xor %%ecx, %%ecx; mov %%ecx, %%ds; mov %%ecx, %%es; mov %%ecx, %%fs; " \
	  GETPID "; mov %%ss, %%ecx; mov %%ecx, %%ds; mov %%ecx, %%es; mov %%ecx, %%fs") \
	X("call-after-ss", EITHER, SET_TRAP "mov %%ss, %%ecx; mov $6, %%eax; mov %%ecx, %%ss; int $0x80" CLEAR_FLAGS)

/* Bits of n choose among the selectors that a program may load; 0: what a new program has. ds and es stay the compiler's. */
static inline void own_registers_set(unsigned n)
{
	static const unsigned gs[] = { 0x23, 0, 0x1B, 0x22 };

	__asm__ volatile("mov %0, %%fs; mov %1, %%gs" :: "r"(n & 1 ? 0x1B : 0x23), "r"(gs[n >> 1 & 3]));
}

static inline unsigned own_registers(void)
{
	unsigned fs, gs;

	__asm__ volatile("mov %%fs, %0; mov %%gs, %1" : "=r"(fs), "=r"(gs));
	return (fs == 0x1B ? 1 : fs == 0x23 ? 0 : 16) | (gs == 0x23 ? 0 : gs == 0 ? 2 : gs == 0x1B ? 4 : gs == 0x22 ? 6 : 32);
}
