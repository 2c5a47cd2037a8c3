/* kernel/exec.h - loads a program of the initrd into an address space: segments, stack, arguments, PEB.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "kernel/proc.h"

/* `as` is empty and not loaded. Changes only `as` and *out. ERR_NOT_FOUND: no such file;
 * ERR_INVALID: no static program for this CPU; ERR_RANGE: arguments too long. */
MUST_USE err_t exec_load(struct program *out, struct aspace *as, const char *const argv[], unsigned argc);
