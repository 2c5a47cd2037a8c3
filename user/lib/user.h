/* user/lib/user.h - the runtime of programs: system calls, output, strings.
 * SPDX-License-Identifier: MIT
 *
 * sys_NAME(words...) is the raw call, for every call in lib/abi.h; the functions below give it types. A
 * call's result is a number, or minus an enum err.
 */
#pragma once
#include "lib/abi.h"
#include "lib/err.h"
#include "lib/out.h"
#include "lib/string.h"
#include "syscall.h"

#define PAGE 4096u

#define CALL_0(name) static inline intptr_t sys_##name(void) { return syscall(SYS_##name, 0, 0, 0, 0, 0); }
#define CALL_1(name) static inline intptr_t sys_##name(uintptr_t a) { return syscall(SYS_##name, a, 0, 0, 0, 0); }
#define CALL_2(name) \
	static inline intptr_t sys_##name(uintptr_t a, uintptr_t b) { return syscall(SYS_##name, a, b, 0, 0, 0); }
#define CALL_3(name) \
	static inline intptr_t sys_##name(uintptr_t a, uintptr_t b, uintptr_t c) \
	{ return syscall(SYS_##name, a, b, c, 0, 0); }
#define CALL_5(name) \
	static inline intptr_t sys_##name(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e) \
	{ return syscall(SYS_##name, a, b, c, d, e); }
#define CALL(name, args) CALL_##args(name)
SYSCALLS(CALL)
#undef CALL

#define W(x) ((uintptr_t)(x))
static inline intptr_t write(int fd, const void *buf, size_t n) { return sys_write(W(fd), W(buf), n); }
static inline intptr_t read(int fd, void *buf, size_t n)        { return sys_read(W(fd), W(buf), n); }
static inline intptr_t fork(void)                               { return sys_fork(); }
static inline intptr_t getpid(void)                             { return sys_getpid(); }
static inline intptr_t wait(uintptr_t pid, int32_t *status)     { return sys_wait(pid, W(status)); }
static inline intptr_t exec(const char *name, const char *const argv[]) { return sys_exec(W(name), W(argv)); }
static inline intptr_t open(const char *name)                   { return sys_open(W(name)); }
static inline intptr_t shm_open(const char *name, size_t bytes) { return sys_shm_open(W(name), bytes); }
static inline intptr_t munmap(void *at, size_t n)               { return sys_munmap(W(at), n); }
static inline intptr_t mprotect(void *at, size_t n, int prot)   { return sys_mprotect(W(at), n, W(prot)); }
static inline intptr_t madvise(void *at, size_t n, int what)    { return sys_madvise(W(at), n, W(what)); }
static inline intptr_t mincore(const volatile void *at)         { return sys_mincore(W(at)); }
static inline intptr_t mlock(const volatile void *at, size_t n)   { return sys_mlock(W(at), n); }
static inline intptr_t munlock(const volatile void *at, size_t n) { return sys_munlock(W(at), n); }
#undef W

/* Did a call fail? Addresses may be in the upper half of a 32-bit word. */
static inline bool failed(intptr_t result) { return (uintptr_t)result > (uintptr_t)-(intptr_t)PAGE; }

/* NULL when it failed. */
void *mmap(void *at, size_t n, int prot, int flags, uintptr_t handle);
/* Anonymous, private, readable and writable; ends the program when there is none. */
void *pages(size_t n);
_Noreturn void exit(int status);

/* Whole lines go out with one call, so that programs do not write into each other's. */
int printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Decimal, or hexadecimal after 0x. False: s is no number. */
bool number(const char *s, uintptr_t *value);
/* argv[i] as a number; what is missing is otherwise, what is none ends the program. */
uintptr_t argument(int argc, char **argv, int i, uintptr_t otherwise);
/* Ends the program with status 1, saying why, unless the condition holds. */
#define CHECK(cond) check((cond), #cond, __LINE__)
void check(bool holds, const char *what, int line);
/* Forks; the child runs fn(arg) and exits with what it returns. The child's status. */
int32_t in_child(int (*fn)(uintptr_t arg), uintptr_t arg);

/* Repeatable: xorshift32 (Marsaglia 2003). */
uint32_t random32(uint32_t *state);
