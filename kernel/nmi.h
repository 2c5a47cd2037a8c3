/* kernel/nmi.h - non-maskable interrupts.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"

/* From assembly, on a CPU with non-maskable interrupts: registers and memory can be in the middle of a change (kernel/nmi.c). */
void nmi(struct trap_frame *f);
/* From the timer's interrupt: prints what nmi() could not print at once. */
void nmi_tick(void);
