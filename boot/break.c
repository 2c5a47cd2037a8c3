/* boot/break.c - fault injection: break=NAME puts one error into the first tables, to try the preflight.
 * SPDX-License-Identifier: MIT
 */
#include "boot/stage.h"
#include "lib/cmdline.h"
#include "lib/string.h"

static void unmap_page(struct boot_tables *t, uint64_t va)
{
	if (!va)
		boot_print("break: not possible on this machine\n");
	else if (pt_set(&t->space, va, PTE(0), NULL) != OK)
		boot_stop("break: %08llx is not in a small page", (unsigned long long)va);
}

static void break_jump(struct boot_tables *t, const struct boot_places *p)    { unmap_page(t, p->jump); }
static void break_stack(struct boot_tables *t, const struct boot_places *p)   { unmap_page(t, p->stack); }
static void break_console(struct boot_tables *t, const struct boot_places *p) { unmap_page(t, p->console); }
static void break_gdt(struct boot_tables *t, const struct boot_places *p)     { unmap_page(t, p->descriptors); }

/* Changes the first bit that makes an entry on the way to the jump target one that may not be, the lowest level first. */
static void break_reserved(struct boot_tables *t, const struct boot_places *p)
{
	const struct pt_format *f = t->mode.format;
	struct pt_step steps[PT_MAX_LEVELS];
	struct pt_walk w;

	pt_walk(&t->space, p->jump, &w, steps, ARRAY_LEN(steps));
	for (unsigned i = w.n; i-- > 0; )
		for (unsigned bit = f->entry_bytes * 8u; bit-- > 0; ) {
			pte_t bad = PTE(w.step[i].entry.v ^ (uint64_t)1 << bit);

			if (f->kind(&t->mode, w.step[i].level, bad) == PT_BAD) {
				t->env.store(t, w.step[i].entry_pa, f->entry_bytes, w.step[i].entry, bad, "break");
				return;
			}
		}
	boot_print("break: no entry of the jump target has a reserved bit in the %s format\n", f->name);
}

static void break_root(struct boot_tables *t, const struct boot_places *p)
{
	const struct pt_format *f = t->mode.format;
	uint8_t *root = (uint8_t *)(uintptr_t)t->space.half[0].root.v;

	(void)p;
	/* One entry further up: the CPU ignores the low bits and reads every slot one off. */
	memmove(root + f->entry_bytes, root, pt_table_bytes(f, t->mode.levels - 1u) - f->entry_bytes);
	memset(root, 0, f->entry_bytes);
	pt_set_root(&t->space, paddr_add(t->space.half[0].root, f->entry_bytes));
}

static const struct { const char *name; void (*make)(struct boot_tables *, const struct boot_places *); } breaks[] = {
	{ "jump", break_jump }, { "stack", break_stack }, { "console", break_console }, { "descriptors", break_gdt },
	{ "reserved", break_reserved }, { "root", break_root },
};

void boot_break(struct boot_tables *t, const struct boot_places *places, struct boot_info *info)
{
	for (size_t i = 0; i < ARRAY_LEN(breaks); i++)
		if (cmdline_is(info->cmdline, "break", breaks[i].name))
			breaks[i].make(t, places);
	info->root = t->space.half[0].root.v;
}
