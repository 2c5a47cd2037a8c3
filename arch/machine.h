/* arch/machine.h - what portable code asks of the machine.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Descriptor tables and exception handlers of the kernel's own; first thing in kmain. */
void arch_init_traps(void);
/* Stores one entry of 4 or 8 bytes so that the CPU never sees a mixture of old and new as present. */
void arch_entry_store(void *at, unsigned bytes, uint64_t old, uint64_t new);
/* Loads the root table: forgets every translation that is not global. */
void arch_load_root(uint64_t pa);
/* The four control words of struct boot_step. */
void arch_control_registers(bool has_cr4, bool has_efer, uint64_t ctl[4]);
/* A control register by name; false when there is none. */
bool arch_register(const char *name, uint64_t *value);
