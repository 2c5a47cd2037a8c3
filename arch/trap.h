/* arch/trap.h - contract of a port: trap frames, registers by name, fix-ups, device interrupts.
 * SPDX-License-Identifier: MIT
 *
 * Assembly saves a struct trap_frame (arch/<a>/frame.h) and calls trap(frame) of kernel/trap.c, or for a system call of
 * user mode syscall(frame) of kernel/syscall.c, with interrupts off; on return the frame is loaded again, as they left it.
 *
 * arch_trap.h is the architecture's own (the build adds its directory): struct trap_frame, and what is declared inline
 * here, because every trap passes there.
 */
#pragma once
#include "isa/fault.h"
#include "lib/assert.h"
#include "lib/out.h"
#include <stdbool.h>
#include <stdint.h>

struct trap_frame;

enum trap_kind {
	TRAP_IRQ,        /* a device: arch_irq_dispatch() */
	TRAP_MEMORY,     /* a memory fault: arch_decode_fault() */
	TRAP_SYSCALL,
	TRAP_BREAK,      /* an unexpected breakpoint or single step */
	TRAP_DOUBLE,     /* x86 double fault: a fault while one was being delivered; its own stack */
	TRAP_OTHER,      /* undefined instruction, general protection, divide error, alignment ... */
};

/* Installs descriptor tables or vectors, handlers and the stack of the double fault; called first in kmain(). */
void arch_trap_init(void);
static inline enum trap_kind arch_trap_kind(const struct trap_frame *f);
/* The manual's name in lower case: "general protection fault", "undefined instruction". */
const char *arch_trap_name(const struct trap_frame *f);
/* The error code or syndrome, for messages. */
uint64_t arch_trap_code(const struct trap_frame *f);
/* Only for TRAP_MEMORY, before another fault can happen: reads CR2, DFAR ... */
static inline void arch_decode_fault(const struct trap_frame *f, struct fault *fault);

static inline bool arch_frame_from_user(const struct trap_frame *f);
static inline bool arch_frame_irqs_on(const struct trap_frame *f);
static inline vaddr_t arch_frame_pc(const struct trap_frame *f);
uint64_t arch_frame_sp(const struct trap_frame *f);
uint64_t arch_frame_fp(const struct trap_frame *f);   /* frame pointer, for the back-trace */
void arch_frame_set_pc(struct trap_frame *f, uint64_t pc);
unsigned arch_frame_bytes(void);                      /* sizeof(struct trap_frame), to keep a copy of the last */

/* Position of the return address and of the next frame pointer, in words relative to a frame pointer. */
extern const struct arch_frame_link { int8_t return_address, next; } arch_frame_link;
uint64_t arch_current_fp(void);

/* ---- registers by name: `r`, `cr`, @reg ---- */

struct arch_reg {
	const char *name;          /* "eax", "cr3", "ttbr0" */
	uint8_t bits;              /* 16, 32 or 64 */
	bool control;              /* read live; else from a frame */
	/* A control register gets f == NULL. Cannot fail: it is called only if exists() returns true. */
	uint64_t (*get)(const struct trap_frame *f, const struct arch_reg *reg);
	bool (*exists)(void);      /* NULL: always; CR4 and EFER are not on every CPU */
	unsigned offset;           /* the getter's own: where in the frame */
};
/* Registers in the order of `r`; the last row has name NULL. The layout of an oops (isa/) finds registers by name; a missing one
 * is printed as zero. */
extern const struct arch_reg arch_regs[];

/* Prints the registers of an oops in the form of Linux (docs/formats.md, section 5): pc, sp, registers, flags, control. */
void arch_oops_render(struct out *out, const struct trap_frame *f);

/* ---- coming back ---- */

/* As setjmp() and longjmp(): arch_catch() returns 0, and 1 after each arch_throw(). The caller of arch_catch() must not have
 * returned. The caller of arch_throw() sets the interrupt state. */
struct arch_jump { uintptr_t word[16]; };
int arch_catch(struct arch_jump *jump) __attribute__((returns_twice));
_Noreturn void arch_throw(const struct arch_jump *jump);

/* Makes one access of one byte, or a call of the instruction at `va` (which must be a return), by an instruction that has a fix-
 * up. False: the access faulted and the fault was not resolved. A write is one plain store of `byte`: a locked instruction could
 * read first, and then the read would fault. */
bool arch_probe(uint64_t va, enum access access, uint8_t byte);

/* One load of 1 or 4 bytes from a device's register, aligned, at a mapped address: false when the bus does not answer. */
bool arch_read_device(const void *at, unsigned bytes, uint64_t *value);

/* Instructions that may fault: pairs in the linker section .fixups, written by assembly (arch/fixup.h). */
struct fixup { uintptr_t at, resume; };
ASM_OFFSET(0, struct fixup, at);
ASM_OFFSET(sizeof(uintptr_t), struct fixup, resume);
extern const struct fixup fixups_start[], fixups_end[];

/* ---- interrupts of devices ---- */

typedef void (*irq_handler_t)(void *ctx);
/* line is the platform's number (PC: 0 to 15; GIC: the interrupt id). Enables the line. On a PC devices can share a line:
 * an interrupt calls every handler. On a GIC a line has one handler. */
void arch_irq_register(unsigned line, irq_handler_t handler, void *ctx);
/* Acknowledges the interrupt and calls its handler. */
void arch_irq_dispatch(struct trap_frame *f);

#include "arch_trap.h"
