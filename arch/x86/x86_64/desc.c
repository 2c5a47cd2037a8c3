/* arch/x86/x86_64/desc.c - GDT, TSS with the double fault's stack, IDT, and where SYSCALL goes.
 * SPDX-License-Identifier: MIT
 *
 * A double fault usually means that the kernel stack is not mapped, and NMI may come before SYSCALL's entry has loaded one:
 * vectors 8 and 2 take stacks of their own through the TSS's interrupt stack table (SDM vol. 3A 6.14.5).
 */
#include "arch/context.h"
#include "arch/x86/frame.h"
#include "arch/x86/x86.h"
#include "hw/x86/io.h"
#include "hw/x86/regs.h"

#define GATE_INTERRUPT 0x8E00u   /* present, 64-bit interrupt gate: SDM vol. 3A 6.14.1 */
#define GATE_DPL3      0x6000u
#define DESC_TSS       0x89u     /* present, available 64-bit TSS */
#define DF_IST         1u
#define NMI_IST        2u
#define DF_STACK_BYTES 8192      /* printing an oops and its back-trace is all it must hold */
#define NMI_STACK_BYTES 4096

/* SDM vol. 3A 7.7 */
struct tss {
	uint32_t r0;
	uint64_t rsp[3], r1, ist[7], r2;
	uint16_t r3, io_map;
} __attribute__((packed));
STATIC_ASSERT(tss_has_the_size_of_the_manual, sizeof(struct tss) == 104);

struct gate { uint64_t low, high; };

enum { GDT_TSS = SEL_TSS64 / 8, GDT_ENTRIES = GDT_TSS + 2 };

static uint64_t gdt[GDT_ENTRIES] = {
	[SEL_KERNEL_CODE / 8] = GDT_CODE64, [SEL_KERNEL_DATA / 8] = GDT_FLAT_DATA,
	[SEL_USER_DATA / 8] = GDT_FLAT_DATA | GDT_DPL3, [SEL_USER_CODE64 / 8] = GDT_CODE64 | GDT_DPL3,
};
static struct gate idt[VECTOR_SYSCALL + 1];
static struct tss tss;
static uint8_t df_stack[DF_STACK_BYTES] __attribute__((aligned(16)));
static uint8_t nmi_stack[NMI_STACK_BYTES] __attribute__((aligned(16)));
extern struct out console;
extern uintptr_t x86_kernel_stack;
extern const char x86_syscall_entry[];

static struct gate gate(const void *at, uint32_t type)
{
	uint64_t offset = (uintptr_t)at;

	return (struct gate){
		((offset >> 16 & 0xFFFF) << 16 | type) << 32 | SEL_KERNEL_CODE << 16 | (offset & 0xFFFF), offset >> 32,
	};
}

static void fill_idt(void)
{
	for (unsigned v = 0; v < VECTOR_STUBS; v++)
		idt[v] = gate(trap_stubs + (size_t)v * STUB_BYTES,
		              GATE_INTERRUPT | (v == VECTOR_BP || v == VECTOR_OF ? GATE_DPL3 : 0) |
		              (v == VECTOR_DF ? DF_IST : 0));
	idt[VECTOR_NMI] = gate(trap_stub_nmi, GATE_INTERRUPT | NMI_IST);
	idt[VECTOR_SYSCALL] = gate(trap_stub_syscall, GATE_INTERRUPT | GATE_DPL3);
}

static void fill_tss(void)
{
	uint64_t base = (uintptr_t)&tss;

	tss.io_map = sizeof(tss);
	tss.ist[DF_IST - 1] = (uintptr_t)(df_stack + DF_STACK_BYTES);
	tss.ist[NMI_IST - 1] = (uintptr_t)(nmi_stack + NMI_STACK_BYTES);
	gdt[GDT_TSS] = (base >> 24 & 0xFF) << 56 | (uint64_t)DESC_TSS << 40 | (base & 0xFFFFFF) << 16 |
	               (sizeof(tss) - 1);
	gdt[GDT_TSS + 1] = base >> 32;
}

/* SYSCALL takes kernel code and data from STAR, and clears what it finds in FMASK. */
static void enable_syscall(void)
{
	if (!x86_has_syscall()) {
		idt[VECTOR_UD] = gate(trap_stub_undefined, GATE_INTERRUPT);
		out_puts(&console, "This CPU has no SYSCALL: system calls raise invalid-opcode exceptions, which is slower.\n");
		return;
	}
	wrmsr(MSR_STAR, (uint64_t)SEL_KERNEL_CODE << 32);
	wrmsr(MSR_LSTAR, (uintptr_t)x86_syscall_entry);
	/* No descriptor leads to compatibility mode; this would come back to 64-bit code. */
	wrmsr(MSR_CSTAR, (uintptr_t)x86_syscall_entry);
	wrmsr(MSR_FMASK, EFLAGS_IF | EFLAGS_TF | EFLAGS_DF | EFLAGS_NT | EFLAGS_AC);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
}

void x86_descriptors_init(void)
{
	const struct { uint16_t limit; uint64_t base; } __attribute__((packed))
		g = { sizeof(gdt) - 1, (uintptr_t)gdt }, i = { sizeof(idt) - 1, (uintptr_t)idt };

	fill_tss();
	fill_idt();
	/* The boot stage's GDT will be unmapped. Its first selector is 32-bit code, so CS is reloaded by a far return. Bases and
	 * limits of data segments have no effect in 64-bit mode; their selectors are null, except SS. */
	__asm__ volatile("lgdt %0; lidt %1; ltr %w2\n\t"
	                 "pushq %3; lea 1f(%%rip), %%rax; push %%rax; lretq\n1:\t"
	                 "mov %w4, %%ss; xor %%eax, %%eax; mov %%eax, %%ds; mov %%eax, %%es; mov %%eax, %%fs\n\t"
	                 "mov %%eax, %%gs"
	                 :: "m"(g), "m"(i), "r"(SEL_TSS64), "i"(SEL_KERNEL_CODE), "r"(SEL_KERNEL_DATA)
	                 : "rax", "memory");
	enable_syscall();
}

void x86_double_fault_root(paddr_t root)
{
	(void)root;
}

void arch_set_kernel_stack(void *stack_top)
{
	tss.rsp[0] = x86_kernel_stack = (uintptr_t)stack_top;
}
