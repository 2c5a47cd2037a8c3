/* lib/abi.h - what user programs and the kernel agree on: call numbers, flags, the PEB; constants and plain structs.
 * SPDX-License-Identifier: MIT
 *
 * A call returns its result, or minus an enum err (lib/err.h) as a negative word. How number and arguments travel is
 * arch/<a>/user/syscall.h's business.
 */
#pragma once
#include <stdint.h>

/* A row per call: name, number of arguments. kernel/syscall.c makes its table of these and sys_NAME(); the runtime
 * its stubs. */
#define SYSCALLS(X) \
	X(exit, 1)      /* status; does not return */ \
	X(write, 3)     /* fd (1, 2: the console), buffer, bytes: bytes written */ \
	X(read, 3)      /* fd 0: the console, while the shell waits for the program; bytes read, at least 1 */ \
	X(fork, 0)      /* the child's pid, 0 in the child */ \
	X(exec, 2)      /* name of a file in the initrd, argv (NULL at the end) */ \
	X(wait, 2)      /* pid or 0 for any child, int32_t *status or NULL: the pid */ \
	X(getpid, 0) \
	X(yield, 0) \
	X(sleep, 1)     /* milliseconds */ \
	X(mmap, 5)      /* address or 0, bytes, ABI_PROT_*, ABI_MAP_*, handle or 0: the address */ \
	X(munmap, 2)    /* address, bytes */ \
	X(mprotect, 3)  /* address, bytes, ABI_PROT_*; WRITE with EXEC is error ACCESS without an executable stack */ \
	X(madvise, 3)   /* address, bytes, ABI_ADVICE_* */ \
	X(open, 1)      /* name of a file in the initrd: a handle for mmap */ \
	X(shm_open, 2)  /* name, bytes: a handle for mmap; made when there is none of that name */ \
	X(brk, 1)       /* new end of the heap; 0 returns the current end */ \
	X(kill, 1)      /* pid of the caller or of one below it: a child, a child's child ... */ \
	X(ticks, 0)     /* the time-stamp counter's low word */ \
	X(mincore, 1)   /* address: 0 nothing mapped, 1 mapped read-only, 2 mapped writable */ \
	X(mlock, 2)     /* address, bytes: the pages are brought in and stay in memory; a child of fork has no lock */ \
	X(munlock, 2)   /* address, bytes */

enum syscall_number {
#define SYSCALL_NUMBER(name, args) SYS_##name,
	SYSCALLS(SYSCALL_NUMBER)
#undef SYSCALL_NUMBER
	SYS_COUNT
};

enum { ABI_PROT_READ = 1, ABI_PROT_WRITE = 2, ABI_PROT_EXEC = 4 };
enum {
	ABI_MAP_PRIVATE = 0, ABI_MAP_SHARED = 1,
	ABI_MAP_FIXED = 2,      /* only at this address; if a range is there: error EXISTS */
	ABI_MAP_GROWSDOWN = 4,
};
enum { ABI_ADVICE_DONTNEED = 1, ABI_ADVICE_WILLNEED = 2 };

/* Statuses that wait() reports and exit() cannot produce. */
#define ABI_STATUS_KILLED  (-1000)
#define ABI_STATUS_FAULTED (-1001)   /* an invalid access; Linux: SIGSEGV */
#define ABI_STATUS_OOPSED  (-1002)
#define ABI_STATUS_BUS     (-1003)   /* a page that could not be read; Linux: SIGBUS */

#define ABI_NAME_MAX 64
#define ABI_ARGS_MAX 16

/* On entry a program finds sp pointing at this, and its address in the first argument register. Words are the
 * program's. */
struct abi_start {
	uintptr_t argc;
	uintptr_t argv[ABI_ARGS_MAX + 1];   /* addresses of strings above; 0 at the end */
};

/* The process environment block, a page of every process at USER_PEB (arch_layout.h), user read-only. Fields as
 * WinDbg's !peb shows them; all 64 bits wide, so that one reader serves every architecture. */
#define ABI_PEB_MAGIC 0x00424550   /* "PEB" */
#define ABI_PEB_MODULES 4
struct abi_peb {
	uint64_t magic;
	uint64_t reserved;           /* so that Ldr is at offset 18, as in 64-bit Windows */
	uint64_t image_base;
	uint64_t ldr_initialized;
	uint64_t module_count;
	struct abi_module { uint64_t base, size, timestamp; char name[48]; } module[ABI_PEB_MODULES];
	char command_line[256];
};
