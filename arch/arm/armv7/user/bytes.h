/* arch/arm/armv7/user/bytes.h - machine code that programs write and then execute.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* The ways to make a system call; state is added to the address of a jump there: 1 for Thumb. */
static const struct call_code { const char *name; unsigned char code[4]; unsigned bytes, state; } call_codes[] = {
	{ "svc", { 0x00, 0x00, 0x00, 0xEF }, 4, 0 }, { "svc in Thumb state", { 0x00, 0xDF }, 2, 1 },
};

static inline void jump_with_number(uintptr_t at, uintptr_t number)
{
	register uintptr_t r7 __asm__("r7") = number;

	__asm__ volatile("bx %0" :: "r"(at), "r"(r7) : "memory");
}
