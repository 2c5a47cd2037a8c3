/* hw/x86/io.h - port I/O, control registers and MSRs: one inline function per instruction.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "hw/x86/regs.h"
#include <stdbool.h>
#include <stdint.h>

static inline uint8_t inb(uint16_t port)
{
	uint8_t v;
	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
static inline void outb(uint16_t port, uint8_t v)   { __asm__ volatile("outb %0, %1" :: "a"(v), "Nd"(port)); }
static inline uint16_t inw(uint16_t port)
{
	uint16_t v;
	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
static inline uint32_t inl(uint16_t port)
{
	uint32_t v;
	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
static inline void outl(uint16_t port, uint32_t v)  { __asm__ volatile("outl %0, %1" :: "a"(v), "Nd"(port)); }
/* Copy n 16-bit words from, or to, a port. */
static inline void insw(uint16_t port, void *to, uintptr_t n)
{
	__asm__ volatile("rep insw" : "+D"(to), "+c"(n) : "d"(port) : "memory");
}
static inline void outsw(uint16_t port, const void *from, uintptr_t n)
{
	__asm__ volatile("rep outsw" : "+S"(from), "+c"(n) : "d"(port) : "memory");
}
static inline void outw(uint16_t port, uint16_t v)  { __asm__ volatile("outw %0, %1" :: "a"(v), "Nd"(port)); }

#define DEFINE_READ_REG(name, reg) \
	static inline uintptr_t name(void) \
	{ uintptr_t v; __asm__ volatile("mov %%" reg ", %0" : "=r"(v)); return v; }
#define DEFINE_WRITE_REG(name, reg) \
	static inline void name(uintptr_t v) { __asm__ volatile("mov %0, %%" reg :: "r"(v) : "memory"); }

DEFINE_READ_REG(read_cr0, "cr0")
DEFINE_READ_REG(read_cr2, "cr2")
DEFINE_READ_REG(read_cr3, "cr3")
DEFINE_READ_REG(read_cr4, "cr4")
DEFINE_WRITE_REG(write_cr0, "cr0")
DEFINE_WRITE_REG(write_cr3, "cr3")
DEFINE_WRITE_REG(write_cr4, "cr4")

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;
	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (uint64_t)hi << 32 | lo;
}
static inline void wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr" :: "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)));
}

/* The control words of struct boot_step: CR0, CR3, and CR4 and EFER where the CPU has them. */
static inline void x86_control_words(uint64_t ctl[4], bool cr4, bool efer)
{
	ctl[0] = read_cr0();
	ctl[1] = read_cr3();
	ctl[2] = cr4 ? read_cr4() : 0;
	ctl[3] = efer ? rdmsr(MSR_EFER) : 0;
}
