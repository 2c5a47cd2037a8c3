/* kernel/shortage.h - frees caches when no frame is left.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* Enables a second try for allocations that find no frame. Call it after proc_init(). */
void shortage_init(void);
