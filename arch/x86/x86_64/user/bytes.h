/* arch/x86/x86_64/user/bytes.h - machine code that programs write and then execute.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* The ways to make a system call; state is added to the address of a jump there. */
static const struct call_code { const char *name; unsigned char code[4]; unsigned bytes, state; } call_codes[] = {
	{ "int", { 0xCD, 0x80 }, 2, 0 }, { "syscall", { 0x0F, 0x05 }, 2, 0 },
};

static inline void jump_with_number(uintptr_t at, uintptr_t number)
{
	__asm__ volatile("jmp *%0" :: "r"(at), "a"(number) : "memory");
}
