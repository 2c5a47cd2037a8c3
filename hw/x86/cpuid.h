/* hw/x86/cpuid.h - the CPUID instruction.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdint.h>

struct cpuid { uint32_t a, b, c, d; };

static inline struct cpuid cpuid(uint32_t leaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(0));
	return r;
}
