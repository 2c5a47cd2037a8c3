/* user/calls.c - every system call, once with valid and once with invalid arguments.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"
#include "arch_layout.h"

enum { RW = ABI_PROT_READ | ABI_PROT_WRITE, FIXED = 0x30000000 };

static void *anonymous(uintptr_t at, size_t n, int flags)
{
	return mmap((void *)at, n * PAGE, RW, flags, 0);
}

static void writing(void)
{
	CHECK(write(1, "", 0) == 0 && write(7, "x", 1) == -ERR_INVALID);
	CHECK(failed(write(1, NULL, 1)) && failed(sys_write(1, DIRECT_MAP_BASE, 1)) && failed(sys_write(1, USER_END - 1, 2)));
	CHECK(failed(read(0, NULL, 0)) == false && read(3, NULL, 1) == -ERR_INVALID);
	CHECK(failed(syscall(SYS_COUNT, 0, 0, 0, 0, 0)) && failed(syscall((uintptr_t)-1, 0, 0, 0, 0, 0)));
}

static void mapping(void)
{
	volatile char *p = anonymous(FIXED, 3, ABI_MAP_FIXED);

	CHECK((uintptr_t)p == FIXED && mincore(p) == 0 && p[0] == 0 && mincore(p) == 1);
	p[0] = 1;
	CHECK(mincore(p) == 2 && mincore(p - 1) == 0 && mincore(p + PAGE) == 0 && failed(sys_mincore(USER_END)));
	CHECK(!anonymous(FIXED, 1, ABI_MAP_FIXED) && sys_mmap(FIXED + PAGE, PAGE, RW, ABI_MAP_FIXED, 0) == -ERR_EXISTS);
	CHECK(!anonymous(FIXED + 8, 1, ABI_MAP_FIXED) && !anonymous(USER_END - PAGE, 2, ABI_MAP_FIXED));
	CHECK(!anonymous(DIRECT_MAP_BASE, 1, ABI_MAP_FIXED) && !anonymous(0, 0, 0));
	CHECK(failed(sys_mmap(0, UINTPTR_MAX, RW, 0, 0)) && failed(sys_mmap(0, PAGE, 0x80, 0, 0)));
	CHECK(failed(sys_mmap(0, PAGE, RW, 0x80, 0)) && failed(sys_mmap(0, PAGE, RW, 0, 77)));
	for (unsigned i = 0; i < 3; i++)
		p[i * PAGE] = (char)(i + 1);
	/* The middle goes, its neighbours stay. */
	CHECK(munmap((void *)(uintptr_t)(p + PAGE), PAGE) == 0 && mincore(p + PAGE) == 0);
	CHECK(p[0] == 1 && p[2 * PAGE] == 3);
	CHECK(anonymous(FIXED + PAGE, 1, ABI_MAP_FIXED) && p[PAGE] == 0);
	CHECK(munmap((void *)(uintptr_t)p, 3 * PAGE) == 0 && mincore(p) == 0 && mincore(p + 2 * PAGE) == 0);
	CHECK(failed(sys_munmap(FIXED + 1, PAGE)) && failed(sys_munmap(DIRECT_MAP_BASE, PAGE)));
}

static void protecting(void)
{
	volatile char *p = anonymous(0, 2, 0);

	p[0] = p[PAGE] = 5;
	CHECK(mprotect((void *)(uintptr_t)p, PAGE, ABI_PROT_READ) == 0 && mincore(p) == 1 && mincore(p + PAGE) == 2);
	CHECK(p[0] == 5 && mprotect((void *)(uintptr_t)p, PAGE, RW) == 0);
	p[0] = 6;
	CHECK(p[0] == 6 && failed(mprotect((void *)(uintptr_t)p, 3 * PAGE, RW)));
	/* Without rights, not even a system call reads what is there; it stays for when they come back. */
	CHECK(mprotect((void *)(uintptr_t)(p + PAGE), PAGE, 0) == 0 && failed(sys_write(1, (uintptr_t)p + PAGE, 1)));
	CHECK(failed(sys_write(1, (uintptr_t)p + PAGE - 1, 2)) && failed(sys_open((uintptr_t)p + PAGE)));
	CHECK(mprotect((void *)(uintptr_t)(p + PAGE), PAGE, RW) == 0 && p[PAGE] == 5);
	CHECK(failed(sys_mprotect((uintptr_t)p + 1, PAGE, RW)) && failed(sys_mprotect(DIRECT_MAP_BASE, PAGE, RW)));
	CHECK(munmap((void *)(uintptr_t)p, 2 * PAGE) == 0);
}

static void advising(void)
{
	intptr_t file = open("lines");
	volatile char *p = anonymous(0, 4, 0), *f = mmap(NULL, PAGE, RW, ABI_MAP_PRIVATE, (uintptr_t)file);

	CHECK(p && f && f[0] == '1');
	p[0] = f[0] = 9;
	CHECK(madvise((void *)(uintptr_t)p, 4 * PAGE, ABI_ADVICE_DONTNEED) == 0 && p[0] == 0);
	CHECK(madvise((void *)(uintptr_t)f, PAGE, ABI_ADVICE_DONTNEED) == 0 && f[0] == '1');
	CHECK(madvise((void *)(uintptr_t)p, 4 * PAGE, ABI_ADVICE_WILLNEED) == 0 && mincore(p + 3 * PAGE));
	CHECK(p[3 * PAGE] == 0);
	CHECK(failed(madvise((void *)(uintptr_t)p, PAGE, 99)) && failed(sys_madvise(DIRECT_MAP_BASE, PAGE, 1)));
	CHECK(munmap((void *)(uintptr_t)p, 4 * PAGE) == 0 && munmap((void *)(uintptr_t)f, PAGE) == 0);
}

static void growing(void)
{
	intptr_t end = sys_brk(0);
	volatile char *p = (volatile char *)end;

	CHECK(!failed(end) && sys_brk((uintptr_t)end + 3 * PAGE) == end + 3 * (intptr_t)PAGE);
	p[2 * PAGE] = 1;
	CHECK(sys_brk((uintptr_t)end + PAGE) == end + (intptr_t)PAGE && mincore(p + 2 * PAGE) == 0);
	CHECK(sys_brk((uintptr_t)end + 3 * PAGE) == end + 3 * (intptr_t)PAGE && p[2 * PAGE] == 0);
	CHECK(failed(sys_brk(USER_END)) && sys_brk(0) == end + 3 * (intptr_t)PAGE);
}

static void naming(void)
{
	CHECK(open("no such file") == -ERR_NOT_FOUND && failed(sys_open(0)) && failed(sys_open(DIRECT_MAP_BASE)));
	CHECK(failed(shm_open("nothing in it", 0)) && failed(sys_shm_open(1, PAGE)));
	/* A process has a few handles; they are its own and go with it. */
	for (char name[2] = "a"; name[0] <= 'z'; name[0]++)
		if (failed(shm_open(name, PAGE)))
			return;
	CHECK(!"handles without end");
}

static int executes(uintptr_t how)
{
	static const char *const good[] = { "nothing", "42", NULL }, *const bad[] = { (const char *)8, NULL };

	CHECK(exec("no such file", good) == -ERR_NOT_FOUND && exec("lines", good) == -ERR_INVALID);
	CHECK(failed(exec("nothing", bad)) && failed(exec("nothing", (const char *const *)3)));
	CHECK(failed(exec((const char *)8, good)));
	if (how)
		exec("nothing", good);
	return 1;
}

static int sleeps(uintptr_t unused)
{
	(void)unused;
	return (int)sys_sleep(0x7FFFFFFF);
}

static void living(void)
{
	int32_t status;
	intptr_t child;

	CHECK(in_child(executes, 0) == 1 && in_child(executes, 1) == 42);
	CHECK(wait(0, &status) == -ERR_NOT_FOUND && wait(1, &status) == -ERR_NOT_FOUND);
	child = fork();
	if (child == 0)
		exit(sleeps(0));
	CHECK(child > 0 && sys_kill((uintptr_t)child) == 0 && wait((uintptr_t)child, &status) == child && status < 0);
	CHECK(failed(sys_kill((uintptr_t)child)) && failed(sys_kill(0)) && sys_yield() == 0 && sys_sleep(1) == 0);
	child = fork();
	if (child == 0)
		exit(3);
	CHECK(failed(sys_wait((uintptr_t)child, DIRECT_MAP_BASE)));
}

int main(void)
{
	static void (*const all[])(void) = { writing, mapping, protecting, advising, growing, living, naming };

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		all[i]();
	printf("every call does what it is meant to, and nothing else\n");
	return 0;
}
