/* user/hostile.c - what only the kernel may do, tried instruction by instruction, each in a child.
 * SPDX-License-Identifier: MIT
 *
 * A row says whether the manual ends the program or lets it go on as what it was. `hostile NAME` tries one, in this
 * process; `hostile series FIRST END` tries those of a family, as INT with each vector;
 * `hostile noise FIRST END` executes random bytes.
 */
#include "user/lib/user.h"
#include "arch_layout.h"

enum outcome { DIES, LIVES, EITHER };
#include "hostile.h"

enum { SURVIVED = 99, PRIVILEGED = 98 };

#define NAME(name, outcome, instructions) { name, outcome },
static const struct { const char *name; enum outcome outcome; } rows[] = { ARCH_HOSTILE(NAME) };
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* The list once more, as the cases of a switch. */
enum { FIRST = __COUNTER__ + 1 };
#define CASE(name, outcome, instructions) \
	case __COUNTER__ - FIRST: \
		__asm__ volatile(instructions ::: HOSTILE_CLOBBERS); \
		break;

static __attribute__((noinline)) void execute(uintptr_t row)
{
	switch (row) {
	ARCH_HOSTILE(CASE)
	}
}

static int try_one(uintptr_t row)
{
	execute(row);
	return user_state_is_sane() ? SURVIVED : PRIVILEGED;
}

/* 0 when it went as it should. */
static unsigned check_outcome(const char *name, enum outcome outcome, int32_t status)
{
	bool lived = status == SURVIVED, died = status < 0;

	printf("hostile %-22s %s\n", name, lived ? "lived" : died ? "died" : "HAS MORE RIGHTS THAN BEFORE");
	if (outcome == EITHER)
		return !lived && !died;
	return outcome == LIVES ? !lived : !died;
}

/* ---- a series: code made at run time ---- */

static unsigned char *code;

static int call_code(uintptr_t n)
{
	hostile_series((unsigned)n, code);
	CHECK(mprotect(code, PAGE, ABI_PROT_READ | ABI_PROT_EXEC) == 0);
	((void (*)(void))(uintptr_t)code)();
	return user_state_is_sane() ? SURVIVED : PRIVILEGED;
}

static unsigned series(uintptr_t first, uintptr_t end)
{
	unsigned wrong = 0;

	code = pages(1);
	for (uintptr_t n = first; n < end && n < HOSTILE_SERIES; n++) {
		enum outcome outcome = hostile_series((unsigned)n, code);
		int32_t status = in_child(call_code, n);
		char name[24];

		str_printf(name, sizeof(name), "%s-%x", HOSTILE_SERIES_NAME, (unsigned)n);
		/* The dead are many; the kernel has a line for each. */
		wrong += status < 0 && outcome != LIVES ? 0 : check_outcome(name, outcome, status);
	}
	return wrong;
}

/* ---- noise ---- */

enum { NOISE = 64 };

static int call_noise(uintptr_t seed)
{
	uint32_t state = (uint32_t)seed * 2654435761u | 1;

	for (unsigned i = 0; i < NOISE; i++)
		code[i] = (unsigned char)(random32(&state) >> 13);
	CHECK(mprotect(code, PAGE, ABI_PROT_READ | ABI_PROT_EXEC) == 0);
	((void (*)(void))(uintptr_t)code)();
	return SURVIVED;
}

/* Random bytes as instructions; what runs longer than a tick or two is killed. */
static void noise(uintptr_t first, uintptr_t end)
{
	code = pages(1);
	for (uintptr_t n = first; n < end; n++) {
		intptr_t pid = fork();

		CHECK(!failed(pid));
		if (pid == 0)
			exit(call_noise(n));
		sys_sleep(1);
		(void)sys_kill((uintptr_t)pid);
		CHECK(wait((uintptr_t)pid, NULL) == pid);
	}
	printf("hostile: random code %u to %u\n", (unsigned)first, (unsigned)end);
}

static int by_name(const char *name)
{
	for (uintptr_t i = 0; i < ROWS; i++)
		if (!strcmp(name, rows[i].name))
			return try_one(i);
	printf("hostile: there is no %s\n", name);
	return 1;
}

int main(int argc, char **argv)
{
	uintptr_t first = argument(argc, argv, 2, 0), end = argument(argc, argv, 3, HOSTILE_SERIES);
	bool family = argc > 1 && !strcmp(argv[1], "series");
	unsigned wrong = 0;

	arch_hostile_prepare();
	if (argc > 1 && !strcmp(argv[1], "noise")) {
		noise(first, argc > 3 ? end : first + 100);
		return 0;
	}
	if (argc > 1 && !family)
		return by_name(argv[1]);
	if (family)
		wrong = series(first, end);
	for (uintptr_t i = 0; !family && i < ROWS; i++)
		wrong += check_outcome(rows[i].name, rows[i].outcome, in_child(try_one, i));
	printf("hostile: %u tried, %u not as the manual says\n", (unsigned)(family ? end - first : ROWS), wrong);
	return wrong != 0;
}
