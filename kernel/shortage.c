/* kernel/shortage.c - out of frames: frees caches, and decides which process can use the last frames.
 * SPDX-License-Identifier: MIT
 *
 * Programs must leave watermarks.min. The shell can use all of them, and a small program that the shell has started up to
 * half: with every other frame in use, `run hello` and `kill` still work.
 */
#include "kernel/shortage.h"
#include "kernel/initrd.h"
#include "kernel/proc.h"
#include "mm/phys/heap.h"
#include "mm/reclaim/pages.h"
#include "mm/space/tlb.h"
#include "mm/space/vmalloc.h"

/* Most pages, and most leaf tables and ranges together, of a small program. */
#define SMALL 48
/* Standby frames that become free at a time. */
#define RELEASED 16

/* Frees pages of files that no entry maps, unused roots and stacks, empty slabs, and the oldest standby pages, whose entries then
 * name their slots. Must not allocate. */
static void empty_caches(void)
{
	(void)initrd_shrink();
	(void)aspace_shrink();
	(void)heap_shrink();
	(void)pages_release(RELEASED);
	/* Unmaps, which needs a batch of flushes; a process has one at a time. */
	if (!tlb_is_open())
		(void)kstack_shrink();
}

/* Counts every mapped page, also those of objects that other processes share. False stops the
 * visit when there are too many. */
static bool count_page(void *ctx, const struct pt_visit_entry *e)
{
	unsigned *pages = ctx;

	(void)e;
	return ++*pages <= SMALL;
}

/* True for a program with few pages, leaf tables and VMAs. The sum is checked first, because it
 * costs no walk. NULL: the process has exited, not small. */
static bool is_small(const struct aspace *as)
{
	unsigned pages = 0;

	if (!as || as->tables[0] + as->ranges > SMALL)
		return false;
	(void)!pt_visit(&as->space, 0, USER_END - 1, PT_VISIT_LEAF, count_page, &pages);
	return pages <= SMALL;
}

/* frame_shortage: mm calls it when an allocation finds no frame, so it must not allocate. Returns
 * the number of frames that the allocation must leave. */
static uint32_t shortage(void)
{
	const struct proc *p = current_proc;

	empty_caches();
	if (!p->kernel_only && p->parent && p->parent->kernel_only && is_small(p->as))
		return proc_kept_frames(p) / 2;
	return proc_kept_frames(p);
}

void shortage_init(void)
{
	frame_shortage = shortage;
}
