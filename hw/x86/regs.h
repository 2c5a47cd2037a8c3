/* hw/x86/regs.h - register bits, ports and selectors of both x86 widths; constants only.
 * SPDX-License-Identifier: MIT
 *
 * For C, for assembly and for the boot stage. Names are the Intel SDM's.
 */
#pragma once

/* CR0, SDM vol. 3A 2.5 */
#define CR0_PE 0x00000001
#define CR0_EM 0x00000004
#define CR0_ET 0x00000010
#define CR0_NE 0x00000020
#define CR0_WP 0x00010000
#define CR0_PG 0x80000000

/* CR4 */
#define CR4_PSE  0x00000010
#define CR4_PAE  0x00000020
#define CR4_PGE  0x00000080
#define CR4_UMIP 0x00000800
#define CR4_LA57 0x00001000
#define CR4_SMEP 0x00100000
#define CR4_SMAP 0x00200000
/* All bits that this kernel uses. The others are cleared: one that firmware has set could permit user mode an instruction. */
#define CR4_USED (CR4_PSE | CR4_PAE | CR4_PGE | CR4_UMIP | CR4_LA57 | CR4_SMEP | CR4_SMAP)

/* DR6 and DR7 without a breakpoint, SDM vol. 3A 10.1.1 */
#define DR6_RESET 0xFFFF0FF0
#define DR7_RESET 0x00000400

/* EFER, an MSR that exists if CPUID 80000001 reports NX or long mode */
#define MSR_EFER 0xC0000080
#define EFER_SCE 0x00000001
#define EFER_LME 0x00000100
#define EFER_LMA 0x00000400
#define EFER_NXE 0x00000800
#define MSR_STAR  0xC0000081    /* SYSCALL: segments, entry, flags to clear */
#define MSR_LSTAR 0xC0000082
#define MSR_CSTAR 0xC0000083    /* SYSCALL in compatibility mode */
#define MSR_FMASK 0xC0000084
#define MSR_FS_BASE 0xC0000100
#define MSR_GS_BASE 0xC0000101
#define MSR_KERNEL_GS_BASE 0xC0000102
#define MSR_SYSENTER_CS  0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176

/* 8259 (PIC): the line of the first chip to which the second chip is connected. No device uses it. */
#define PIC_CASCADE      2
/* Local APIC, SDM vol. 3A 10.4 and 10.5; in x2APIC mode a register is an MSR at a sixteenth of its offset. */
#define MSR_APIC_BASE    0x1B
#define APIC_BASE_X2APIC (1u << 10)
#define APIC_BASE_ENABLE (1u << 11)
#define MSR_X2APIC       0x800
#define APIC_SVR         0x0F0
#define APIC_SVR_ENABLE  0x100
#define APIC_LVT0        0x350
#define APIC_LVT1        0x360
#define APIC_LVT_EXTINT  0x700
#define APIC_LVT_NMI     0x400

#define EFLAGS_ONE 0x00000002   /* bit 1 reads as one */
#define EFLAGS_TF  0x00000100
#define EFLAGS_IF  0x00000200
#define EFLAGS_DF  0x00000400
#define EFLAGS_NT  0x00004000
#define EFLAGS_VM  0x00020000   /* virtual-8086 mode */
#define EFLAGS_AC  0x00040000
#define EFLAGS_ID  0x00200000   /* writable if the CPU has CPUID; EFLAGS.AC is writable from the 486 on */

#define CPUID_FEATURES          7
#define CPUID_EXTENDED          0x80000000u
#define CPUID_EXTENDED_FEATURES 0x80000001u
#define CPUID_ADDRESS_SIZES     0x80000008u
#define CPUID_EXTENDED_LAST     0x8000FFFFu   /* a larger value of leaf 80000000 means that there are no extended leaves */

/* CPUID.1:EDX: VME DE PSE TSD PAE MCE PGE. A CPU with any of them has CR4; a late 486 has CPUID but no CR4. */
#define CPUID1_NEEDS_CR4 0x000020DEu
#define CPUID1_PSE (1u << 3)
#define CPUID1_TSC (1u << 4)
#define CPUID1_MSR (1u << 5)
#define CPUID1_PAE (1u << 6)
#define CPUID1_APIC (1u << 9)
#define CPUID1_SEP (1u << 11)
#define CPUID1_PGE (1u << 13)
/* With CPUID.1:EAX below this, the CPU reports SEP but lacks it: the first Pentium Pro (SDM vol. 2B, SYSENTER). */
#define CPUID1_FIRST_SEP 0x633
#define CPUID1_SIGNATURE 0xFFF
/* CPUID.80000001:EDX */
#define CPUID81_SYSCALL (1u << 11)  /* set in 64-bit mode only (Intel) */
#define CPUID81_NX (1u << 20)
#define CPUID81_GIB (1u << 26)
#define CPUID81_LM (1u << 29)
/* CPUID.7.0:EBX and ECX */
#define CPUID7B_SMEP (1u << 7)
#define CPUID7B_SMAP (1u << 20)
#define CPUID7C_UMIP (1u << 2)
#define CPUID7C_LA57 (1u << 16)

/* Page-fault error code, SDM vol. 3A 4.7 */
#define PF_P    0x01
#define PF_W    0x02
#define PF_U    0x04
#define PF_RSVD 0x08
#define PF_I    0x10

/* Vectors of exceptions (SDM vol. 3A 6.15), interrupts and system calls */
#define VECTOR_DB      1
#define VECTOR_NMI     2
#define VECTOR_BP      3
#define VECTOR_OF      4
#define VECTOR_UD      6
#define VECTOR_DF      8
#define VECTOR_GP      13
#define VECTOR_PF      14
#define VECTOR_IRQ     32      /* the 8259s' sixteen lines */
#define IRQ_LINES      16
#define VECTOR_STUBS   48      /* exceptions and lines */
#define VECTOR_SYSCALL 0x80
/* Vectors whose exceptions push an error code: 8, 10 to 14, 17, 21, 29, 30. */
#define VECTORS_WITH_CODE 0x60227D00

/* Flat segments; the order is that of the GDT in arch/x86/<width>/desc.c and boot/x86/entry.S. */
#define SEL_RPL_MASK    3
#define SEL_KERNEL_CODE 0x08
#define SEL_KERNEL_DATA 0x10
#define SEL_USER_CODE   0x1B
#define SEL_USER_DATA   0x23
#define SEL_TSS         0x28
#define SEL_TSS_DF      0x30
/* 64 bits: SYSRET requires user data below user code; the TSS descriptor occupies two entries. */
#define SEL_USER_CODE64 0x2B
#define SEL_TSS64       0x30
/* GDT of the boot stage: the code segment with which it enters 64-bit mode. */
#define SEL_BOOT_CODE64 0x18

#define COM1_PORT 0x3F8
#define COM1_IRQ  4

/* Flat 4 GiB ring-0 descriptors, SDM vol. 3A 3.4.5, with the accessed bit set: the table is read-only. */
#define GDT_FLAT_CODE 0x00CF9B000000FFFF
#define GDT_FLAT_DATA 0x00CF93000000FFFF
#define GDT_CODE64    0x00AF9B000000FFFF
#define GDT_DPL3      0x0000600000000000
