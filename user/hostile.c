/* user/hostile.c - what only the kernel may do, tried instruction by instruction, each in a child.
 * SPDX-License-Identifier: MIT
 *
 * A row says whether the manual ends the program or lets it go on as what it was. `hostile NAME` tries one, in this
 * process.
 */
#include "user/lib/user.h"
#include "arch_layout.h"
#include "hostile.h"

enum outcome { DIES, LIVES, EITHER };
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

/* 0 when it went as the row says. */
static unsigned judge(uintptr_t row)
{
	int32_t status = in_child(try_one, row);
	bool lived = status == SURVIVED, died = status < 0;

	printf("hostile %-22s %s\n", rows[row].name, lived ? "lived" : died ? "died" : "HAS MORE RIGHTS THAN BEFORE");
	if (rows[row].outcome == EITHER)
		return !lived && !died;
	return rows[row].outcome == LIVES ? !lived : !died;
}

int main(int argc, char **argv)
{
	unsigned wrong = 0;

	if (argc > 1) {
		for (uintptr_t i = 0; i < ROWS; i++)
			if (!strcmp(argv[1], rows[i].name))
				return try_one(i);
		printf("hostile: there is no %s\n", argv[1]);
		return 1;
	}
	arch_hostile_prepare();
	for (uintptr_t i = 0; i < ROWS; i++)
		wrong += judge(i);
	printf("hostile: %u tried, %u not as the manual says\n", (unsigned)ROWS, wrong);
	return wrong != 0;
}
