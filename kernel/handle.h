/* kernel/handle.h - handles: small numbers for the open files and sections of a process.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "kernel/proc.h"
#include "mm/backing/file.h"

/* Allocates a handle, from 1. The section's reference passes to the handle. ERR_NO_MEMORY: all are in use. */
MUST_USE err_t handle_file(struct proc *p, struct file *f, uint32_t *handle);
MUST_USE err_t handle_section(struct proc *p, struct section *s, uint32_t *handle);
/* Returns the backing and the object of a handle for vma_add(), and the object's size. NULL: no such handle. */
const struct backing *handle_backing(struct proc *p, uint64_t handle, void **object, uint64_t *size);
void handle_copy_all(struct proc *to, const struct proc *from);   /* for fork; `to` has no handles yet */
void handle_close_all(struct proc *p);   /* drops the references; calling it again is harmless */
