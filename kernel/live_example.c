/* kernel/live_example.c - addresses and numbers for help's examples, which are true on every machine.
 * SPDX-License-Identifier: MIT
 *
 * No value depends on the size of the kernel, so that docs/commands.md stays the same.
 */
#include "arch/mmu.h"
#include "kernel/live_system.h"
#include "kernel/proc.h"
#include "lib/string.h"

#define FIRST_WORD   0xFF0u           /* of the example, in RAM's first page, which is not used (mm/init.c) */
#define SECOND_PAGE  PAGE_SIZE
#define LOOKED_AT    0x100000u        /* physical, from where RAM begins */
#define GIVEN_AWAY   0x29A000u
#define MAPPED       0x1000000u       /* offset in the vmalloc range that no range of the kernel reaches */
#define VARIABLE     0xC4u            /* below the top of a program's stack */

/* The newest program that runs; the number of the first one after a boot when there is none. */
static uint64_t program(void)
{
	uint64_t pid = 2;

	list_for_each(l, &procs) {
		const struct proc *p = container_of(l, struct proc, link);

		if (!p->kernel_only)
			pid = p->pid;
	}
	return pid;
}

static const struct { const char *name; uint64_t value; uint64_t (*ask)(void); } numbers[] = {
	{ "logical", DIRECT_MAP_BASE + SECOND_PAGE, NULL },
	{ "scratch", DIRECT_MAP_BASE + FIRST_WORD, NULL },
	{ "scratch pa", DIRECT_MAP_PHYS + FIRST_WORD, NULL },
	{ "ram", DIRECT_MAP_PHYS + LOOKED_AT, NULL },
	{ "frame", (DIRECT_MAP_PHYS + LOOKED_AT) / PAGE_SIZE, NULL },
	{ "other frame", (DIRECT_MAP_PHYS + GIVEN_AWAY) / PAGE_SIZE, NULL },
	{ "device", DEVICE_PHYS, NULL },
	{ "virtual", VMALLOC_START + MAPPED, NULL },
	{ "demand", VMALLOC_START + PAGE_SIZE, NULL },      /* behind a guard page: the first range there */
	{ "stack", USER_STACK_TOP - VARIABLE, NULL },
	{ "program", 0, program },
};

bool live_example(void *ctx, const char *name, uint64_t *value)
{
	(void)ctx;
	for (unsigned i = 0; i < ARRAY_LEN(numbers); i++)
		if (!strcmp(name, numbers[i].name)) {
			*value = numbers[i].ask ? numbers[i].ask() : numbers[i].value;
			return true;
		}
	return false;
}
