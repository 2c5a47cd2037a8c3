/* boot/x86/seed.c - break=NAME puts one mistake into the first tables, so that the preflight can be tried.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"
#include "kernel/cmdline.h"
#include "kernel/string.h"

static void unmap_page(struct boot_tables *t, uint64_t va)
{
	if (pt_set(&t->space, va, PTE(0), NULL) != OK)
		boot_stop("break: %08llx is not in a small page", (unsigned long long)va);
}

static void break_jump(struct boot_tables *t, const struct x86_image *im)
{
	unmap_page(t, im->header.entry);
}

static void break_stack(struct boot_tables *t, const struct x86_image *im)
{
	(void)im;
	unmap_page(t, (uintptr_t)boot_stack_top - 4);
}

/* Sets the first bit that the format calls reserved, in whichever entry of the jump target has one. */
static void break_reserved(struct boot_tables *t, const struct x86_image *im)
{
	const struct pt_format *f = t->mode.format;
	struct pt_walk w;

	pt_walk(&t->space, im->header.entry, &w);
	for (unsigned i = w.n; i-- > 0; )
		for (unsigned bit = f->entry_bytes * 8u; bit-- > 0; ) {
			pte_t bad = PTE(w.step[i].entry.v | (uint64_t)1 << bit);

			if (f->kind(&t->mode, w.step[i].level, bad) == PT_BAD) {
				t->env.store(t, w.step[i].entry_pa, f->entry_bytes, w.step[i].entry, bad, "break");
				return;
			}
		}
	boot_print("break: no entry of the jump target has a reserved bit in the %s format\n", f->name);
}

static void break_root(struct boot_tables *t, const struct x86_image *im)
{
	uint64_t aligned = t->space.root.v;

	(void)im;
	/* One entry further up: the CPU ignores the low bits and reads every slot one off. */
	memmove((void *)(uintptr_t)(aligned + t->mode.format->entry_bytes), (void *)(uintptr_t)aligned,
	        PAGE_SIZE - t->mode.format->entry_bytes);
	memset((void *)(uintptr_t)aligned, 0, t->mode.format->entry_bytes);
	t->space.root.v += t->mode.format->entry_bytes;
}

static const struct { const char *name; void (*seed)(struct boot_tables *, const struct x86_image *); } seeds[] = {
	{ "jump", break_jump }, { "stack", break_stack }, { "reserved", break_reserved }, { "root", break_root },
};

void boot_seed_mistake(struct boot_tables *t, const struct x86_image *im, struct boot_info *info)
{
	for (size_t i = 0; i < ARRAY_LEN(seeds); i++)
		if (cmdline_is(info->cmdline, "break", seeds[i].name))
			seeds[i].seed(t, im);
	info->root = t->space.root.v;
}
