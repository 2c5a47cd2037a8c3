/* mm/phys/task.c - the mm_task of the code that runs before the first process.
 * SPDX-License-Identifier: MIT
 */
#include "mm/phys/task.h"

static struct mm_task boot_task;
struct mm_task *mm_task = &boot_task;
