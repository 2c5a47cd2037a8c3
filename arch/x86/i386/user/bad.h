/* arch/x86/i386/user/bad.h - wrong things that only this CPU can do; rows of badaccess's table.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define BAD_RETURN { 0xC3 }

static void bad_divide(void)
{
	volatile unsigned zero = 0;

	__asm__ volatile("divl %0" : : "m"(zero), "a"(1), "d"(0) : "cc");
}

static void bad_cli(void)      { __asm__ volatile("cli"); }
static void bad_port(void)     { __asm__ volatile("outb %%al, $0xF4" : : "a"(0)); }
static void bad_cr3(void)      { unsigned v; __asm__ volatile("movl %%cr3, %0" : "=r"(v)); }
static void bad_vector(void)   { __asm__ volatile("int $0x0E"); }
static void bad_segment(void)  { __asm__ volatile("movw %w0, %%ds" : : "r"(0x10)); }
/* A selector beyond the table in gs: loading it must not hurt the kernel either. */
static void bad_selector(void) { __asm__ volatile("movw %w0, %%gs" : : "r"(0xFFF8)); }
/* TF in EFLAGS: a debug trap after the next instruction. */
static void bad_trace(void)    { __asm__ volatile("pushf; orl $0x100, (%%esp); popf; nop" : : : "cc", "memory"); }
static void bad_breakpoint(void) { __asm__ volatile("int3"); }

#define ARCH_BAD_CASES \
	{ "divide", "divides by zero", bad_divide }, \
	{ "cli", "disables interrupts", bad_cli }, \
	{ "port", "writes to a port", bad_port }, \
	{ "cr3", "reads CR3", bad_cr3 }, \
	{ "vector", "raises vector E itself, as if a page had faulted", bad_vector }, \
	{ "segment", "loads the kernel's data segment", bad_segment }, \
	{ "selector", "loads a selector beyond the table", bad_selector }, \
	{ "trace", "sets the trap flag", bad_trace }, \
	{ "breakpoint", "executes a breakpoint", bad_breakpoint },
