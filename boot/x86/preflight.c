/* boot/x86/preflight.c - asks the new tables, before the CPU does, what the next instructions will need.
 * SPDX-License-Identifier: MIT
 *
 * A mistake here would be a triple fault there: no handler stands yet.
 */
#include "boot/x86/boot.h"

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
		why = "a reserved bit is set";
	else if (w.outcome != PT_LEAF)
		why = "not mapped";
	else if ((w.prot & n->rights) != n->rights)
		why = "mapped without the right to do it";
	if (!why)
		return 0;
	boot_print("preflight: %s at %08llx would fault: %s (%s %llx at %08llx)\n", n->what,
	           (unsigned long long)n->va, why, t->mode.format->level[w.step[w.n - 1].level].vendor,
	           (unsigned long long)w.step[w.n - 1].entry.v,
	           (unsigned long long)w.step[w.n - 1].entry_pa.v);
	return 1;
}

unsigned boot_preflight(const struct boot_tables *t, const struct x86_image *im, const struct boot_info *info)
{
	const struct need needs[] = {
		{ "the instruction after the write to CR0", (uintptr_t)mmu_paging_on, PROT_X },
		{ "the boot stack", (uintptr_t)boot_stack_top - 4, PROT_W },
		{ "the descriptor table", (uintptr_t)boot_gdt, PROT_R },
		/* Ports are not translated; the code that writes them is, and what it counts in. */
		{ "the boot console's code", (uintptr_t)boot_out.put, PROT_X },
		{ "the boot console", (uintptr_t)&boot_out, PROT_W },
		{ "the jump", (uintptr_t)mmu_jump_high, PROT_X },
		{ "the jump target", im->header.entry, PROT_X },
		{ "the kernel's stack", im->header.stack_top - 4, PROT_W },
		{ "the boot information", im->header.boot_info, PROT_W },
	};
	unsigned faults = check_root(t);

	(void)info;
	for (size_t i = 0; i < ARRAY_LEN(needs); i++)
		faults += check(t, &needs[i]);
	return faults;
}
