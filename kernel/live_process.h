/* kernel/live_process.h - the running machine's processes and VMAs, for struct target_system.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/system.h"

void live_processes(void *ctx, bool in_full, bool (*each)(void *arg, const struct process_view *p), void *arg);
void live_vads(void *ctx, uint64_t process, bool (*each)(void *arg, const struct vad_view *v), void *arg);
