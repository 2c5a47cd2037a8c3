/* boot/preflight.c - checks that the new tables map what the next instructions need, before the CPU uses them.
 * SPDX-License-Identifier: MIT
 *
 * There is no trap handler yet: an error would be a triple fault or, on ARM, endless aborts, because the vectors are not
 * mapped either.
 */
#include "boot/stage.h"

static unsigned check_root(const struct boot_tables *t)
{
	unsigned align = pt_root_bytes(&t->mode);

	if (IS_ALIGNED(t->space.half[0].root.v, align))
		return 0;
	boot_print("preflight: root %08llx is not aligned to %u bytes: the CPU would read entries from %08llx\n",
	           (unsigned long long)t->space.half[0].root.v, align,
	           (unsigned long long)ALIGN_DOWN(t->space.half[0].root.v, (uint64_t)align));
	return 1;
}

static const char *what_is_wrong(const struct pt_mode *mode, const struct pt_walk *w, prot_t rights)
{
	if (w->outcome == PT_BAD)
		return "a reserved bit is set, or the entry type is invalid";
	if (w->outcome != PT_LEAF)
		return "not mapped";
	if ((w->prot & rights) != rights)
		return "mapped, but the entry does not permit the access";
	if (!(w->prot & PROT_ACCESSED) && !mode->hw_accessed)
		return "access flag is clear";
	return NULL;
}

static unsigned check(const struct boot_tables *t, const struct boot_need *n)
{
	const struct pt_step *last;
	const char *why;
	struct pt_walk w;

	pt_walk(&t->space, n->va, &w, NULL, 0);
	why = what_is_wrong(&t->mode, &w, n->rights);
	if (!why)
		return 0;
	last = &w.last;
	boot_print("preflight: %s at %08llx would fault: %s (%s %llx at %08llx)\n", n->what,
	           (unsigned long long)n->va, why, t->mode.format->level[last->level].vendor,
	           (unsigned long long)last->entry.v, (unsigned long long)last->entry_pa.v);
	return 1;
}

void boot_preflight(const struct boot_tables *t, const struct boot_need *needs, size_t n, const struct boot_info *info)
{
	bool look = !(info->flags & BOOT_NO_PREFLIGHT);
	unsigned faults = look ? check_root(t) : 0;

	for (size_t i = 0; look && i < n; i++)
		faults += check(t, &needs[i]);
	if (faults)
		boot_stop("preflight found %u error%s; paging stays off", faults, faults == 1 ? "" : "s");
	boot_trace_note(STAGE_PREFLIGHT);
}
