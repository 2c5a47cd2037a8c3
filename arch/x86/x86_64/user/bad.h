/* arch/x86/x86_64/user/bad.h - wrong things that only this CPU can do; rows of badaccess's table.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define BAD_RETURN { 0xC3 }

static void bad_divide(void)
{
	volatile unsigned zero = 0;

	__asm__ volatile("divl %0" : : "m"(zero), "a"(1), "d"(0) : "cc");
}

static void bad_canonical(void)
{
	volatile uintptr_t hole = (uintptr_t)1 << 62;

	(void)*(volatile char *)hole;
}

static void bad_cli(void)      { __asm__ volatile("cli"); }
static void bad_port(void)     { __asm__ volatile("outb %%al, $0xF4" : : "a"(0)); }
static void bad_cr3(void)      { unsigned long v; __asm__ volatile("movq %%cr3, %0" : "=r"(v)); }
static void bad_vector(void)   { __asm__ volatile("int $0x0E"); }
static void bad_selector(void) { __asm__ volatile("movw %w0, %%gs" : : "r"(0xFFF8)); }
/* TF in RFLAGS: a debug trap after the next instruction. The red zone is stepped over first. */
static void bad_trace(void)
{
	__asm__ volatile("subq $128, %%rsp; pushf; orq $0x100, (%%rsp); popf; nop; addq $128, %%rsp"
	                 : : : "cc", "memory");
}

static void bad_breakpoint(void) { __asm__ volatile("int3"); }

#define ARCH_BAD_CASES \
	{ "divide", "divides by zero", bad_divide }, \
	{ "canonical", "reads an address that is not canonical", bad_canonical }, \
	{ "cli", "disables interrupts", bad_cli }, \
	{ "port", "writes to a port", bad_port }, \
	{ "cr3", "reads CR3", bad_cr3 }, \
	{ "vector", "raises vector E itself, as if a page had faulted", bad_vector }, \
	{ "selector", "loads a selector beyond the table", bad_selector }, \
	{ "trace", "sets the trap flag", bad_trace }, \
	{ "breakpoint", "executes a breakpoint", bad_breakpoint },
