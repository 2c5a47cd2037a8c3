/* boot/arm/preflight.c - asks the new tables, before the CPU does, what the next instructions will need.
 * SPDX-License-Identifier: MIT
 *
 * A mistake here would be an abort there, taken through a vector that is not mapped either, for ever.
 */
#include "arch_layout.h"
#include "boot/arm/boot.h"

struct need { const char *what; uint64_t va; prot_t rights; };

static unsigned check_root(const struct boot_tables *t)
{
	unsigned align = t->mode.format->root_align;

	if (IS_ALIGNED(t->space.root.v, align))
		return 0;
	boot_print("preflight: root %08llx is not aligned to %u bytes: the CPU would read entries from %08llx\n",
	           (unsigned long long)t->space.root.v, align,
	           (unsigned long long)ALIGN_DOWN(t->space.root.v, (uint64_t)align));
	return 1;
}

static unsigned check(const struct boot_tables *t, const struct need *n)
{
	struct pt_walk w;
	const char *why = NULL;

	pt_walk(&t->space, n->va, &w);
	if (w.outcome == PT_BAD)
		why = "its descriptor is of no valid type";
	else if (w.outcome != PT_LEAF)
		why = "not mapped";
	else if ((w.prot & n->rights) != n->rights)
		why = "mapped without the right to do it";
	else if (!(w.prot & PROT_ACCESSED))
		why = "its access flag is clear";
	if (!why)
		return 0;
	boot_print("preflight: %s at %08llx would fault: %s (%s %llx at %08llx)\n", n->what,
	           (unsigned long long)n->va, why, t->mode.format->level[w.step[w.n - 1].level].vendor,
	           (unsigned long long)w.step[w.n - 1].entry.v,
	           (unsigned long long)w.step[w.n - 1].entry_pa.v);
	return 1;
}

unsigned boot_preflight(const struct boot_tables *t, const struct image_header *im, const struct boot_info *info)
{
	const struct need needs[] = {
		{ "the instruction after the write to SCTLR", (uintptr_t)mmu_paging_on, PROT_X },
		{ "the jump", (uintptr_t)mmu_jump_high, PROT_X },
		{ "the boot stack", (uintptr_t)boot_stack_top - 4, PROT_W },
		{ "the story", (uintptr_t)info, PROT_W },
		{ "the jump target", im->entry, PROT_X },
		{ "the kernel's stack", im->stack_top - 4, PROT_W },
		{ "the boot information", im->boot_info, PROT_W },
		{ "the console", UART_VA, PROT_W },
	};
	unsigned faults = check_root(t);

	for (size_t i = 0; i < ARRAY_LEN(needs); i++)
		faults += check(t, &needs[i]);
	return faults;
}
