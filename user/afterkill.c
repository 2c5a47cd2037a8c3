/* user/afterkill.c - a child counts what it does once it has been killed: nothing.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

enum { RW = ABI_PROT_READ | ABI_PROT_WRITE, ROUNDS = 20 };

static volatile struct { uint32_t dead, ran; } *board;

static void count(void)
{
	if (board->dead)
		board->ran++;
}

static void spins(void)   { for (;;) count(); }
static void sleeps(void)  { for (;;) { sys_sleep(1); count(); } }

static void waits(void)
{
	if (fork() == 0) {
		sys_sleep(20);
		exit(0);
	}
	for (;;) {
		wait(0, NULL);
		count();
	}
}

static void yields(void)  { for (;;) { sys_yield(); count(); } }
static void forks(void)   { for (;;) { if (fork() == 0) { count(); exit(0); } wait(0, NULL); count(); } }

static void execs(void)
{
	static const char *const argv[] = { "nothing", NULL };

	for (;;) {
		if (fork() == 0) {
			exec("nothing", argv);
			exit(1);
		}
		wait(0, NULL);
		count();
	}
}

static void (*const lives[])(void) = { spins, sleeps, waits, yields, forks, execs };

/* early: it is killed before it has run; else after a while. Nothing of it runs after kill() has returned. */
static void round(void (*life)(void), bool early)
{
	int32_t status;
	intptr_t child;

	board->dead = 0;
	child = fork();
	if (child == 0) {
		count();
		life();
	}
	CHECK(!failed(child));
	if (!early)
		sys_sleep(15);
	board->dead = 1;
	CHECK(sys_kill((uintptr_t)child) == 0);
	sys_yield();
	CHECK(wait((uintptr_t)child, &status) == child && status < 0);
}

static __attribute__((noinline)) void end_first(intptr_t child)
{
	int32_t status;

	CHECK(!failed(child));
	board->dead = 1;
	CHECK(sys_kill((uintptr_t)child) == 0);
	CHECK(wait((uintptr_t)child, &status) == child);
	/* 0: its turn came before kill(). */
	CHECK(status <= 0);
}

/* The child would exit with 1 if it ran. A store to its own pages faults, as they are shared with its parent, and a fault
 * ends a killed process, too: therefore it stores nothing, and the functions are kept apart. */
static __attribute__((noinline)) void is_ended_first(void)
{
	intptr_t child;

	board->dead = 0;
	child = sys_fork();
	if (child == 0)
		for (;;)
			(void)sys_exit(board->dead);
	end_first(child);
}

int main(void)
{
	board = mmap(NULL, PAGE, RW, ABI_MAP_SHARED, 0);
	CHECK(board != NULL);
	for (unsigned i = 0; i < ROUNDS; i++) {
		round(spins, true);
		is_ended_first();
	}
	CHECK(board->ran == 0);
	for (unsigned i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		/* A child of the killed one lives on; it is not what was killed. */
		round(lives[i], false);
		CHECK(lives[i] == forks || board->ran == 0);
		board->ran = 0;
	}
	printf("the killed did nothing more\n");
	return 0;
}
