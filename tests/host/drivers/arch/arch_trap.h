/* tests/host/drivers/arch/arch_trap.h - the inline part of arch/trap.h for the host: none.
 * SPDX-License-Identifier: MIT
 */
#pragma once
