/* arch/x86/user/hostile.h - what only the kernel may do, instruction by instruction: the rows that both widths have.
 * SPDX-License-Identifier: MIT
 *
 * X(name, outcome, instructions); SP is the stack pointer's name. Outcomes are those of SDM vol. 2 at CPL 3. The
 * instructions may change eax, ecx and edx; a row that leaves another stack pointer must not return.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define HOSTILE_CLOBBERS "eax", "ecx", "edx", "memory", "cc"

/* CPL 3, and interrupts on. */
static inline bool user_state_is_sane(void)
{
	uintptr_t cs, flags;

	__asm__ volatile("mov %%cs, %0; pushf; pop %1" : "=r"(cs), "=r"(flags));
	return (cs & 3) == 3 && (flags & 0x3200) == 0x200;
}

/* A series beside the rows: INT with each vector. Those of DPL 3 are 3, 4 and 80; in none of them does eax matter. */
#define HOSTILE_SERIES 256
#define HOSTILE_SERIES_NAME "int"

static inline enum outcome hostile_series(unsigned n, unsigned char *code)
{
	code[0] = 0xB8;         /* mov $SYS_getpid, %eax */
	code[1] = SYS_getpid;
	code[2] = code[3] = code[4] = 0;
	code[5] = 0xCD;         /* int $n; ret */
	code[6] = (unsigned char)n;
	code[7] = 0xC3;
	return n == 0x80 ? LIVES : DIES;
}

/* Where the gates below lead: back, which is no row's outcome. */
__asm__(".pushsection .text; hostile_landing: " FAR_RETURN "; .popsection");
extern const char hostile_landing[];

/* Address of the LDT with base 0, as after reset. At each multiple of 32 it has a call gate of DPL 3 to the kernel's code
 * segment (SDM vol. 3A 5.8.3), in the size of either width, and two data segments of DPL 3. */
static inline void arch_hostile_prepare(void)
{
	enum { FIRST_PAGE = 1, PAGES = 15 };
	uint32_t at = (uint32_t)(uintptr_t)hostile_landing;
	const uint32_t entry[8] = {
		0x00080000 | (at & 0xFFFF), (at & 0xFFFF0000) | 0xEC00, 0, 0, 0x0000FFFF, 0x00CFF300, 0x0000FFFF, 0x00CFF300,
	};
	uint32_t *table = mmap((void *)(FIRST_PAGE * PAGE), PAGES * PAGE, ABI_PROT_READ | ABI_PROT_WRITE, ABI_MAP_FIXED, 0);

	CHECK(table != NULL);
	for (uintptr_t i = 0; i < PAGES * PAGE / sizeof(*table); i++)
		table[i] = entry[i % 8];
}

#define HOSTILE_PRIVILEGED(X) \
	X("hlt", DIES, "hlt") X("cli", DIES, "cli") X("sti", DIES, "sti") X("clts", DIES, "clts") \
	X("invd", DIES, "invd") X("wbinvd", DIES, "wbinvd") X("rsm", DIES, "rsm") X("in", DIES, "in $0x60, %%al") \
	X("in-dx", DIES, "mov $0x3F8, %%edx; in %%dx, %%eax") X("out", DIES, "out %%al, $0x64") \
	X("out-dx", DIES, "mov $0xCF9, %%edx; mov $6, %%al; out %%al, %%dx") X("outsb", DIES, "mov $0x3F8, %%edx; outsb") \
	X("rdmsr", DIES, "mov $0xC0000080, %%ecx; rdmsr") X("wrmsr", DIES, "mov $0x176, %%ecx; wrmsr") \
	X("rdpmc", DIES, "xor %%ecx, %%ecx; rdpmc") X("invlpg", DIES, "invlpg (%%" SP ")") \
	X("lgdt", DIES, "lgdt (%%" SP ")") X("lidt", DIES, "lidt (%%" SP ")") X("lmsw", DIES, "lmsw %%ax") \
	X("lldt", DIES, "xor %%eax, %%eax; lldt %%ax") X("ltr", DIES, "mov $" TSS ", %%eax; ltr %%ax") \
	X("sysenter", DIES, "sysenter") X("sysexit", DIES, ".byte 0x0F, 0x35") \
	X("xgetbv", DIES, "xor %%ecx, %%ecx; .byte 0x0F, 0x01, 0xD0") X("xsetbv", DIES, ".byte 0x0F, 0x01, 0xD1") \
	X("rdpkru", DIES, "xor %%ecx, %%ecx; .byte 0x0F, 0x01, 0xEE") \
	X("wrpkru", DIES, "xor %%ecx, %%ecx; xor %%edx, %%edx; .byte 0x0F, 0x01, 0xEF") \
	X("vmcall", DIES, ".byte 0x0F, 0x01, 0xC1") X("vmlaunch", DIES, ".byte 0x0F, 0x01, 0xC2") \
	X("vmrun", DIES, ".byte 0x0F, 0x01, 0xD8") X("vmmcall", DIES, ".byte 0x0F, 0x01, 0xD9") \
	X("vmload", DIES, ".byte 0x0F, 0x01, 0xDA") X("vmsave", DIES, ".byte 0x0F, 0x01, 0xDB") \
	X("stgi", DIES, ".byte 0x0F, 0x01, 0xDC") X("clgi", DIES, ".byte 0x0F, 0x01, 0xDD") \
	X("skinit", DIES, ".byte 0x0F, 0x01, 0xDE") X("invlpga", DIES, ".byte 0x0F, 0x01, 0xDF") \
	X("monitor", DIES, ".byte 0x0F, 0x01, 0xC8") X("mwait", DIES, ".byte 0x0F, 0x01, 0xC9") \
	X("ud2", DIES, "ud2") X("int3", DIES, "int3") X("int1", DIES, ".byte 0xF1")

/* CR0.EM: there are no floating-point, MMX and SSE registers that could leak; CR4.OSXSAVE is 0, so no AVX either.
 * EMMS, which reads and writes no register's value, is not stopped by QEMU. */
#define HOSTILE_FLOATING(X) \
	X("fninit", DIES, "fninit") X("fld1", DIES, "fld1") X("fnstsw", DIES, "fnstsw %%ax") \
	X("fxsave", DIES, "sub $1024, %%" SP "; and $-16, %%" SP "; fxsave (%%" SP ")") \
	X("emms", EITHER, "emms") X("mmx", DIES, ".byte 0x0F, 0xFC, 0xC0") X("sse", DIES, ".byte 0x0F, 0x57, 0xC0") \
	X("sse2", DIES, ".byte 0x66, 0x0F, 0xEF, 0xC0") X("stmxcsr", DIES, ".byte 0x0F, 0xAE, 0x1C, 0x24") \
	X("avx", DIES, ".byte 0xC5, 0xF8, 0x57, 0xC0") X("vzeroupper", DIES, ".byte 0xC5, 0xF8, 0x77") \
	X("xsave", DIES, "sub $4096, %%" SP "; and $-64, %%" SP "; .byte 0x0F, 0xAE, 0x24, 0x24")

/* Selectors: 0x10 and 8 are the kernel's segments, 0xFFF8 is beyond the table, 7 and what follows look into an LDT. */
#define HOSTILE_SEGMENTS(X) \
	X("ds-kernel", DIES, "mov $0x10, %%eax; mov %%eax, %%ds") X("es-tss", DIES, "mov $" TSS ", %%eax; mov %%eax, %%es") \
	X("fs-beyond", DIES, "mov $0xFFF8, %%eax; mov %%eax, %%fs") X("gs-ldt", DIES, "mov $7, %%eax; mov %%eax, %%gs") \
	X("ds-ldt-page", DIES, "mov $0x1017, %%eax; mov %%eax, %%ds") \
	X("es-ldt-last", DIES, "mov $0xFFF7, %%eax; mov %%eax, %%es") \
	X("ss-null", DIES, "xor %%eax, %%eax; mov %%eax, %%ss") X("ss-kernel", DIES, "mov $0x10, %%eax; mov %%eax, %%ss") \
	X("ss-ldt", DIES, "mov $0x1017, %%eax; mov %%eax, %%ss") \
	X("lar-ldt", LIVES, "mov $0x1007, %%eax; lar %%ax, %%ecx") X("lsl-ldt", LIVES, "mov $0x1007, %%eax; lsl %%ax, %%ecx") \
	X("verr-ldt", LIVES, "mov $0x1007, %%eax; verr %%ax") X("verw-kernel", LIVES, "mov $0x10, %%eax; verw %%ax") \
	X("sgdt", EITHER, "sub $16, %%" SP "; sgdt (%%" SP "); add $16, %%" SP) \
	X("sidt", EITHER, "sub $16, %%" SP "; sidt (%%" SP "); add $16, %%" SP) \
	X("sldt", EITHER, "sldt %%ax") X("str", EITHER, "str %%ax") X("smsw", EITHER, "smsw %%ax")

#define HOSTILE_HARMLESS(X) \
	X("pause", LIVES, "pause") X("fwait", EITHER, "fwait") X("rdtsc", EITHER, "rdtsc") \
	X("rdtscp", EITHER, ".byte 0x0F, 0x01, 0xF9") X("xend", EITHER, ".byte 0x0F, 0x01, 0xD5")
