/* user/keeps.c - registers that no trap frame holds stay with their program: through switches, fork and exec.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

enum outcome { DIES, LIVES, EITHER };
#include "hostile.h"

enum { CHILDREN = 8, TURNS = 50 };

static int keep(uintptr_t n)
{
	CHECK(own_registers() == CHILDREN - 1);         /* the parent's */
	own_registers_set((unsigned)n);
	for (unsigned i = 0; i < TURNS; i++) {
		CHECK(sys_yield() == 0);
		CHECK(own_registers() == n);
	}
	return 0;
}

static int execute(uintptr_t unused)
{
	static const char *const argv[] = { "keeps", "first", NULL };

	(void)unused;
	own_registers_set(CHILDREN - 1);
	exec("keeps", argv);
	return 1;
}

static void together(void)
{
	int32_t status;

	own_registers_set(CHILDREN - 1);
	for (uintptr_t i = 0; i < CHILDREN; i++) {
		intptr_t pid = fork();

		CHECK(!failed(pid));
		if (pid == 0)
			exit(keep(i));
	}
	for (unsigned i = 0; i < CHILDREN; i++)
		CHECK(wait(0, &status) > 0 && status == 0);
	CHECK(own_registers() == CHILDREN - 1);
}

/* keeps: all of it. keeps first: that a program begins with none. keeps leave: ends with them in use. */
int main(int argc, char **argv)
{
	CHECK(own_registers() == 0);
	if (argc > 1) {
		if (!strcmp(argv[1], "leave"))
			own_registers_set(CHILDREN - 1);
		return 0;
	}
	together();
	CHECK(in_child(execute, 0) == 0);
	printf("every register stayed with its program\n");
	return 0;
}
