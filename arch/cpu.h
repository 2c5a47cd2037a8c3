/* arch/cpu.h - contract of a port: interrupts, waiting, time, power off.
 * SPDX-License-Identifier: MIT
 *
 * arch_cpu.h is the architecture's own (the build adds its directory): it defines what is declared inline here.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef uintptr_t irq_state_t;

/* Disables interrupts and returns their previous state (not 0: on) for arch_irq_restore(). Nests. */
static inline irq_state_t arch_irq_save(void);
static inline void arch_irq_restore(irq_state_t state);
static inline bool arch_irqs_on(void);
static inline void arch_irqs_enable(void);
static inline void arch_irqs_disable(void);
/* Sleeps until an interrupt was handled. Call with interrupts off; they are enabled together with the sleep, so that no wake-up is
 * lost, and are off again on return. */
void arch_wait(void);

/* Orders accesses to memory that a device reads or writes, and to device registers, before the barrier against those after it. */
static inline void arch_dma_barrier(void);

/* The time-stamp counter or a similar counter; always 0 if the CPU has none. Under QEMU's -icount
 * shift=0 one tick is one instruction (ARM: the counter's own ticks). */
uint64_t arch_ticks(void);
/* Calls fn(ctx) hz times a second from the timer's interrupt. Once, with interrupts off. */
void arch_timer_start(unsigned hz, void (*fn)(void *ctx), void *ctx);

/* Initialises the registers that user mode can use and that reset, firmware or a loader leave in any state, as docs/security.md
 * lists. Part of arch_trap_init(); interrupts off. */
void arch_user_state_init(void);

_Noreturn void arch_stop(void);       /* halts with interrupts off */
/* Powers off. `failed`: the emulator's exit status is not 0, if the machine has a device for it. If power-off is not possible,
 * prints so and halts. */
_Noreturn void arch_poweroff(bool failed);
_Noreturn void arch_reboot(void);

/* The four control words of struct boot_step, as they are. */
void arch_control_words(uint64_t ctl[4]);

#include "arch_cpu.h"
