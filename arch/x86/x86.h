/* arch/x86/x86.h - what the files of the two x86 kernels share among themselves.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/mmu.h"
#include "arch/trap.h"
#include "boot/boot_info.h"

/* Filled by the boot stage before the first instruction at a high address. */
extern struct boot_info boot_info;

/* features.c: what this CPU has beyond what the boot stage switched on; fills arch_pt_mode(). */
void x86_features_init(void);
bool x86_has_cr4(void);
bool x86_has_efer(void);
bool x86_has_syscall(void);
/* CR4.SMAP is set: assembly tests it before stac and clac, which other CPUs do not have. */
extern uint8_t x86_smap_on;

/* control.c */
uint64_t x86_control(const struct trap_frame *f, const struct arch_reg *reg);

/* The call that arch_probe() makes (<width>/uaccess.S), and where it goes (trap.c). */
extern const char x86_probe_call[];
extern uintptr_t x86_probe_target;

/* <width>/frame.c: the address of a general protection fault in the kernel that was none. i386 has no such. */
bool x86_unreachable_operand(const struct trap_frame *f, uint64_t *va);

/* pic.c: both 8259s on vectors of our own, every line masked. */
void x86_pic_init(void);

/* <width>/desc.c: GDT, TSS, IDT; loads them. */
void x86_descriptors_init(void);
/* i386: sets CR3 in the double fault's task; x86_64: nothing to do. */
void x86_double_fault_root(paddr_t root);

/* <width>/stubs.S: one entry of STUB_BYTES for each of VECTOR_STUBS vectors, then that of VECTOR_SYSCALL. */
#define STUB_BYTES 16
extern const char trap_stubs[], trap_stub_syscall[];
/* In place of VECTOR_NMI's, and on x86_64 of VECTOR_UD's where the CPU has no SYSCALL. */
extern const char trap_stub_nmi[], trap_stub_undefined[];
