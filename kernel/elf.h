/* kernel/elf.h - what exec reads of an ELF file (System V ABI, chapter 4 and 5); both classes through one view.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/err.h"
#include <stdbool.h>
#include <stdint.h>

#define ELF_SEGMENTS_MAX 8

struct elf_segment {
	uint64_t offset, va, file_size, mem_size;   /* in bytes; mem_size - file_size bytes after the file's are zero */
	bool r, w, x;           /* PF_R, PF_W, PF_X */
};
struct elf_view {
	uint64_t entry;         /* first instruction, in an executable segment */
	bool executable_stack;      /* PT_GNU_STACK with X: the program may have memory that it writes and executes */
	unsigned count;
	struct elf_segment segment[ELF_SEGMENTS_MAX];   /* PT_LOAD only */
};

struct file;
/* ERR_INVALID: not a static executable of this machine and class, or broken. */
MUST_USE err_t elf_read(struct file *f, struct elf_view *out);
