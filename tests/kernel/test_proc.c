/* tests/kernel/test_proc.c - processes from inside the kernel: started, waited for, ended, and nothing left of them.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/fsck.h"
#include "kernel/initrd.h"
#include "kernel/proc.h"
#include "kernel/uaccess.h"
#include "lib/string.h"
#include "mm/space/rmap.h"
#include "tests/kernel/kernel_test.h"

#define MANY 12

static void nowhere(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	(void)bytes;
	(void)n;
}

static struct out silent = { .put = nowhere };

/* The status of a program with one argument; a negative number that no program gives when it did not start. */
static int32_t run(const char *name, const char *argument)
{
	const char *argv[] = { name, argument };
	uint32_t pid;
	int32_t status;
	struct proc *p;

	if (proc_run(argv, argument ? 2 : 1, &p) != OK || proc_wait(p->pid, &pid, &status) != OK)
		return INT32_MIN;
	return status;
}

static const char *programs(void)
{
	const char *const missing[] = { "no such thing" }, *const data[] = { "lines" };
	struct test_balance balance;
	struct proc *p = NULL;
	uint32_t pid;
	int32_t status;

	if (!initrd_find("nothing"))
		return KERNEL_TEST_SKIP "there is no initrd";
	/* What is looked into stays in the page cache. */
	EXPECT(run("nothing", "99") == 99 && proc_run(data, 1, &p) == ERR_INVALID);
	test_balance_take(&balance);
	EXPECT(run("nothing", NULL) == 0 && run("nothing", "99") == 99);
	EXPECT(proc_run(missing, 1, &p) == ERR_NOT_FOUND && proc_run(data, 1, &p) == ERR_INVALID && !p);
	EXPECT(proc_wait(0, &pid, &status) == ERR_NOT_FOUND);
	return test_balance_check(&balance);
}
KERNEL_TEST(programs) = { "programs", "started, their status fetched, what is none refused", programs, false };

/* All of them live at once: their roots and stacks differ, the pages of their file do not. */
static const char *together(void)
{
	static const char *const argv[] = { "spin" };
	struct proc *p[MANY];
	struct test_balance balance;
	uint32_t pid;
	int32_t status;

	if (!initrd_find("spin"))
		return KERNEL_TEST_SKIP "there is no initrd";
	/* The first one brings pages of its file, which stay: it must have run. */
	EXPECT(proc_run(argv, 1, &p[0]) == OK);
	for (unsigned round = 0; round < 10 && p[0]->slices < 2; round++)
		sched_yield();
	proc_kill(p[0]);
	EXPECT(proc_wait(0, &pid, &status) == OK && status == PROC_KILLED);
	test_balance_take(&balance);
	for (unsigned i = 0; i < MANY; i++)
		EXPECT(proc_run(argv, 1, &p[i]) == OK);
	for (unsigned round = 0; round < 3 * MANY; round++)
		sched_yield();
	EXPECT(fsck(&silent, NULL) == 0);
	for (unsigned i = 0; i < MANY; i++) {
		EXPECT(p[i]->slices > 0 && proc_by_pid(p[i]->pid) == p[i] && proc_by_any((uintptr_t)p[i]) == p[i]);
		EXPECT(i == 0 || p[i]->as->space.half[0].root.v != p[0]->as->space.half[0].root.v);
		EXPECT(i == 0 || p[i]->kstack != p[0]->kstack);
	}
	for (unsigned i = 0; i < MANY; i++) {
		uint32_t wanted = p[i]->pid;

		proc_kill(p[i]);
		EXPECT(proc_wait(wanted, &pid, &status) == OK && pid == wanted && status == PROC_KILLED);
		EXPECT(!proc_by_pid(wanted));
	}
	EXPECT(fsck(&silent, NULL) == 0);
	return test_balance_check(&balance);
}
KERNEL_TEST(together) = { "together", "many processes at once, preempted, killed, reaped", together, false };

/* The kernel's own addresses are no user memory, and what is not mapped is an error, no oops. */
static const char *user_copies(void)
{
	char here[16];

	EXPECT(copy_from_user(here, 0, sizeof(here)) == ERR_RANGE);
	EXPECT(copy_to_user(0, here, sizeof(here)) == ERR_RANGE);
	EXPECT(copy_from_user(here, (uintptr_t)here, sizeof(here)) == ERR_RANGE);
	EXPECT(copy_to_user((uintptr_t)here, here, sizeof(here)) == ERR_RANGE);
	EXPECT(copy_from_user(here, USER_END - 4, sizeof(here)) == ERR_RANGE);
	EXPECT(copy_to_user(UINT64_MAX - 4, here, sizeof(here)) == ERR_RANGE);
	EXPECT(copy_string_from_user(here, (uintptr_t)here, sizeof(here)) != OK);
	EXPECT(copy_string_from_user(here, USER_END - 1, sizeof(here)) != OK);
	EXPECT(copy_from_user(here, USER_PEB, 0) == OK);
	return NULL;
}
KERNEL_TEST(user_copies) = { "user_copies", "copies from and to what is no user memory fail", user_copies, false };
