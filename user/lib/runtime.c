/* user/lib/runtime.c - from the first instruction to main(), and what most programs need.
 * SPDX-License-Identifier: MIT
 */
#include "lib/assert.h"
#include "user/lib/user.h"

int main(int argc, char **argv);

_Noreturn void start(const struct abi_start *s);
_Noreturn void start(const struct abi_start *s)
{
	exit(main((int)s->argc, (char **)(uintptr_t)s->argv));
}

_Noreturn void exit(int status)
{
	for (;;)
		sys_exit((uintptr_t)status);
}

_Noreturn void assert_failed(const char *cond, const char *file, int line)
{
	printf("%s:%d: %s\n", file, line, cond);
	exit(1);
}

void *mmap(void *at, size_t n, int prot, int flags, uintptr_t handle)
{
	intptr_t result = sys_mmap((uintptr_t)at, n, (uintptr_t)prot, (uintptr_t)flags, handle);

	return failed(result) ? NULL : (void *)result;
}

void *pages(size_t n)
{
	void *p = mmap(NULL, n * PAGE, ABI_PROT_READ | ABI_PROT_WRITE, ABI_MAP_PRIVATE, 0);

	CHECK(p != NULL);
	return p;
}

void check(bool holds, const char *what, int line)
{
	if (holds)
		return;
	printf("pid 0n%d: line %d: %s does not hold\n", (int)getpid(), line, what);
	exit(1);
}

int32_t in_child(int (*fn)(uintptr_t arg), uintptr_t arg)
{
	int32_t status = 0;
	intptr_t pid = fork();

	if (pid == 0)
		exit(fn(arg));
	CHECK(!failed(pid));
	CHECK(wait((uintptr_t)pid, &status) == pid);
	return status;
}

uint32_t random32(uint32_t *state)
{
	uint32_t x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}
