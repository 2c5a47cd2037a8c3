/* shell/look/help_fill.c - what the names in braces in help's texts stand for: examples are true on every machine.
 * SPDX-License-Identifier: MIT
 *
 * None of it depends on how large a kernel is, so that what is written of the commands elsewhere stays true.
 */
#include "shell/look/help_fill.h"
#include "arch/mmu.h"
#include "isa/isa.h"
#include "kernel/kernel.h"
#include "kernel/proc.h"
#include "lib/assert.h"
#include "lib/out.h"
#include "lib/string.h"

#define FIRST_WORD   0xFF0u           /* of the example, in RAM's first page: nobody uses that (mm/init.c) */
#define SECOND_PAGE  PAGE_SIZE
#define LOOKED_AT    0x100000u        /* physical, from where RAM begins */
#define GIVEN_AWAY   0x29A000u
#define MAPPED       0x1000000u       /* far enough into the kernel's ranges that no range is there by itself */
#define VARIABLE     0xC4u            /* below the top of a program's stack */

/* ---- numbers ---- */

/* Where an entry that translates the second page of the direct map can be read. */
static bool entry(const struct target *t, uint64_t *value)
{
	uint64_t va = DIRECT_MAP_BASE + SECOND_PAGE;
	struct pt_space space = target_space(t);
	struct pt_walk w;

	pt_walk(&space, va, &w, NULL, 0);
	if (w.outcome != PT_LEAF)
		return false;
	*value = t->selfmap_base ? pt_selfmap_entry(t->mode, t->selfmap_base, va, w.last.level)
	                         : t->direct_base + w.last.entry_pa.v;
	return true;
}

static bool selfmap_entry(const struct target *t, uint64_t *value)
{
	return t->selfmap_base && entry(t, value);
}

/* The newest program that runs; the number of the first one after a boot when there is none. */
static bool program(const struct target *t, uint64_t *value)
{
	enum { FIRST_PROGRAM = 2 };

	(void)t;
	*value = FIRST_PROGRAM;
	list_for_each(l, &procs) {
		const struct proc *p = container_of(l, struct proc, link);

		if (!p->kernel_only)
			*value = p->pid;
	}
	return true;
}

static const struct {
	const char *name;
	uint64_t value;
	bool (*ask)(const struct target *t, uint64_t *value);
} numbers[] = {
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
	{ "entry", 0, entry },
	{ "self-map entry", 0, selfmap_entry },
};

static bool number(const struct target *t, const char *name, struct out *out)
{
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		uint64_t value = numbers[i].value;

		if (strcmp(name, numbers[i].name))
			continue;
		if (numbers[i].ask && !numbers[i].ask(t, &value))
			return false;
		out_printf(out, "%llx", (unsigned long long)value);
		return true;
	}
	return false;
}

/* ---- registers ---- */

static bool reg(const struct target *t, const char *name, struct out *out)
{
	const struct isa *isa = t->mode->format->isa;
	const struct { const char *name, *is; } registers[] = {
		{ "root", isa->root }, { "control", isa->control }, { "pc", isa->pc }, { "sp", isa->sp },
	};

	for (unsigned i = 0; i < ARRAY_LEN(registers); i++)
		if (!strcmp(name, registers[i].name)) {
			out_puts(out, registers[i].is);
			return true;
		}
	return false;
}

/* ---- the text ---- */

/* The name of n characters. */
static bool fill(const struct target *t, const char *text, size_t n, struct out *out)
{
	char name[24];

	ASSERT(n < sizeof(name));
	memcpy(name, text, n);
	name[n] = 0;
	return number(t, name, out) || reg(t, name, out);
}

bool help_fill(const struct target *t, const char *text, size_t n, char *to, size_t size)
{
	const char *end = text + n;
	struct out_buf b;

	out_buf_init(&b, to, size);
	while (text < end) {
		size_t length = 0;

		if (*text != '{') {
			out_char(&b.out, *text++);
			continue;
		}
		text++;
		while (text[length] != '}')
			length++;
		if (!fill(t, text, length, &b.out))
			return false;
		text += length + 1;
	}
	return true;
}
