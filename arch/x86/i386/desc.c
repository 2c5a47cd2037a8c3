/* arch/x86/i386/desc.c - GDT, the two TSSs, IDT; and the task that reports a double fault.
 * SPDX-License-Identifier: MIT
 *
 * A double fault usually means that the kernel stack is not mapped: no interrupt gate could push its frame. Vector 8 is a
 * task gate (SDM vol. 3A 7.3): the CPU saves every register in the interrupted task's TSS and takes stack and CR3 from
 * the other. Nothing ever returns from there through the gate; trap() throws.
 */
#include "arch/context.h"
#include "arch/cpu.h"
#include "arch/x86/frame.h"
#include "arch/x86/x86.h"
#include "hw/x86/io.h"
#include "hw/x86/regs.h"
#include "lib/string.h"

#define GATE_INTERRUPT 0x8E00u   /* present, 32-bit interrupt gate: SDM vol. 3A 6.11 */
#define GATE_TASK      0x8500u
#define GATE_DPL3      0x6000u
#define DESC_TSS       0x89u     /* present, available 32-bit TSS: SDM vol. 3A 7.2.2 */
#define DF_STACK_BYTES 8192      /* enough for an oops with its back-trace */

/* SDM vol. 3A 7.2.1 */
struct tss {
	uint16_t link, r0;
	uint32_t esp0; uint16_t ss0, r1;
	uint32_t esp1; uint16_t ss1, r2;
	uint32_t esp2; uint16_t ss2, r3;
	uint32_t cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs, ldt;
	uint16_t trace, io_map;
};
STATIC_ASSERT(tss_has_the_size_of_the_manual, sizeof(struct tss) == 104);

enum { GDT_TSS = SEL_TSS / 8, GDT_TSS_DF = SEL_TSS_DF / 8, GDT_ENTRIES };

static uint64_t gdt[GDT_ENTRIES] = {
	[SEL_KERNEL_CODE / 8] = GDT_FLAT_CODE, [SEL_KERNEL_DATA / 8] = GDT_FLAT_DATA,
	[SEL_USER_CODE / 8] = GDT_FLAT_CODE | GDT_DPL3, [SEL_USER_DATA / 8] = GDT_FLAT_DATA | GDT_DPL3,
};
static uint64_t idt[VECTOR_SYSCALL + 1];
static struct tss tss, tss_df;
static uint8_t df_stack[DF_STACK_BYTES] __attribute__((aligned(16)));

static uint64_t gate(const void *at, uint32_t type)
{
	uint32_t offset = (uint32_t)(uintptr_t)at;

	return (uint64_t)((offset & 0xFFFF0000u) | type) << 32 | SEL_KERNEL_CODE << 16 | (offset & 0xFFFF);
}

static uint64_t tss_descriptor(const struct tss *t)
{
	uint64_t base = (uintptr_t)t;

	return (base >> 24) << 56 | (uint64_t)DESC_TSS << 40 | (base & 0xFFFFFF) << 16 | (sizeof(*t) - 1);
}

static void fill_idt(void)
{
	for (unsigned v = 0; v < VECTOR_STUBS; v++)
		idt[v] = gate(trap_stubs + v * STUB_BYTES,
		              GATE_INTERRUPT | (v == VECTOR_BP || v == VECTOR_OF ? GATE_DPL3 : 0));
	idt[VECTOR_DF] = (uint64_t)GATE_TASK << 32 | SEL_TSS_DF << 16;
	idt[VECTOR_NMI] = gate(trap_stub_nmi, GATE_INTERRUPT);
	idt[VECTOR_SYSCALL] = gate(trap_stub_syscall, GATE_INTERRUPT | GATE_DPL3);
}

/* Converts the outer task's state to a trap frame. `pushed` is what PUSHA would have saved: FRAME_TO_ESP below the real esp. */
static struct trap_frame outer_frame(void)
{
	return (struct trap_frame){
		.gs = tss.gs, .fs = tss.fs, .es = tss.es, .ds = tss.ds, .edi = tss.edi, .esi = tss.esi, .ebp = tss.ebp,
		.pushed = tss.esp - FRAME_TO_ESP, .ebx = tss.ebx, .edx = tss.edx, .ecx = tss.ecx, .eax = tss.eax,
		.vector = VECTOR_DF, .eip = tss.eip, .cs = tss.cs, .eflags = tss.eflags, .esp = tss.esp, .ss = tss.ss,
	};
}

/* Makes the interrupted task current again without a switch to it: no nested task, both TSSs available, so that the next double
 * fault finds this task in its initial state. */
static void leave_task(void)
{
	__asm__ volatile("pushf; andl %0, (%%esp); popf; clts" :: "i"(~EFLAGS_NT) : "memory", "cc");
	gdt[GDT_TSS] = tss_descriptor(&tss);
	gdt[GDT_TSS_DF] = tss_descriptor(&tss_df);
	__asm__ volatile("ltr %w0" :: "r"(SEL_TSS) : "memory");
}

void trap(struct trap_frame *f);

static _Noreturn void double_fault(void)
{
	struct trap_frame f;

	leave_task();
	f = outer_frame();
	trap(&f);
	arch_stop();
}

static void fill_tss(void)
{
	tss.ss0 = SEL_KERNEL_DATA;
	tss.io_map = sizeof(tss);
	tss_df = (struct tss){
		.io_map = sizeof(tss_df), .cr3 = (uint32_t)read_cr3(), .eip = (uint32_t)(uintptr_t)double_fault,
		.eflags = EFLAGS_ONE, .esp = (uint32_t)(uintptr_t)(df_stack + DF_STACK_BYTES),
		.es = SEL_KERNEL_DATA, .cs = SEL_KERNEL_CODE, .ss = SEL_KERNEL_DATA, .ds = SEL_KERNEL_DATA,
		.fs = SEL_KERNEL_DATA, .gs = SEL_KERNEL_DATA,
	};
	gdt[GDT_TSS] = tss_descriptor(&tss);
	gdt[GDT_TSS_DF] = tss_descriptor(&tss_df);
}

void x86_descriptors_init(void)
{
	const struct { uint16_t limit; uint32_t base; } __attribute__((packed))
		g = { sizeof(gdt) - 1, (uint32_t)(uintptr_t)gdt }, i = { sizeof(idt) - 1, (uint32_t)(uintptr_t)idt };

	fill_tss();
	fill_idt();
	/* The boot stage's GDT will be unmapped. The descriptors are the same, so the segment registers keep their values. */
	__asm__ volatile("lgdt %0; lidt %1; ltr %w2" :: "m"(g), "m"(i), "r"(SEL_TSS) : "memory");
}

void x86_double_fault_root(paddr_t root)
{
	tss_df.cr3 = (uint32_t)root.v;
}

void arch_set_kernel_stack(void *stack_top)
{
	tss.esp0 = (uint32_t)(uintptr_t)stack_top;
}
