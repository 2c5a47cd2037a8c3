/* kernel/handle.h - what open() and shm_open() gave a process: small numbers for files and sections.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "kernel/proc.h"
#include "mm/backing/file.h"

/* From 1. A section's reference goes with it. ERR_NO_MEMORY: all are taken. */
MUST_USE err_t handle_file(struct proc *p, struct file *f, uint32_t *handle);
MUST_USE err_t handle_section(struct proc *p, struct section *s, uint32_t *handle);
/* The backing and object of a handle: NULL, or what vma_add() wants; *size is the object's. */
const struct backing *handle_backing(struct proc *p, uint64_t handle, void **object, uint64_t *size);
void handle_copy_all(struct proc *to, const struct proc *from);
void handle_close_all(struct proc *p);
