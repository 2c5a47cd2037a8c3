/* kernel/shortage.h - what happens when frames run out.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* From now on allocations that find no frame get a second try. After proc_init(). */
void shortage_init(void);
