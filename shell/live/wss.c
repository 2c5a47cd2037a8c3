/* shell/live/wss.c - wss: the working set of a process: the pages that it uses in a window of time.
 * SPDX-License-Identifier: MIT
 *
 * Clears the accessed bit of each page, sleeps, and counts the bits that are set again (Denning 1968: W(t, window)). Pages that
 * are evicted in the window are not counted. The replacement policy still sees pages that were used before the window. Where the
 * CPU does not set accessed bits, the first use of each page in the window costs a fault.
 * Linux: /proc/PID/clear_refs and Referenced in smaps; idle page tracking.
 */
#include "arch/cpu.h"
#include "mm/reclaim/replace.h"
#include "mm/space/entries.h"
#include "mm/space/rmap.h"
#include "mm/space/vma.h"
#include "shell/command.h"
#include "shell/live/implicit_process.h"

#define WINDOW_TICKS SCHED_HZ           /* a second */
#define WINDOW_MOST  (60ull * SCHED_HZ)

struct working_set { bool clear; uint64_t pages, used; };

static void visit_page(struct aspace *as, uint64_t va, struct working_set *w)
{
	const struct frame *f;
	struct pt_slot slot;

	if (pt_lookup(&as->space, va, 0, &slot) != OK || slot.level > 0 || slot.kind != PT_LEAF)
		return;
	w->pages++;
	if (!page_accessed(as, va, &slot, w->clear))
		return;
	w->used++;
	f = frame_counted(slot.page);
	if (w->clear && f && !frame_is_object(f))
		replace_keep_young(f);
}

static struct working_set visit_pages(struct aspace *as, bool clear)
{
	struct working_set w = { .clear = clear };

	list_for_each(l, &as->vmas) {
		const struct vma *v = container_of(l, struct vma, link);
		struct entries_part p = { .next = v->first };

		while (!(v->flags & VMA_GUARD) && entries_part(&as->space, v->last, &p))
			for (unsigned i = 0; i < p.count; i++)
				visit_page(as, p.va + (uint64_t)i * PAGE_SIZE, &w);
	}
	return w;
}

/* Programs run meanwhile. After Ctrl-C it does not return. */
static void sleep_ticks(struct call *c, uint64_t ticks)
{
	static struct wait_queue nothing;
	uint64_t end = sched_ticks() + ticks;

	if (!nothing.sleepers.next)
		list_init(&nothing.sleepers);
	while (sched_ticks() < end) {
		irq_state_t irq = arch_irq_save();
		uint64_t next = sched_ticks() + SCHED_HZ / 10;

		(void)sched_sleep_on(&nothing, next < end ? next : end);
		arch_irq_restore(irq);
		call_pause(c);
	}
}

static void wss(struct call *c)
{
	struct proc *p = call_process(c, 0);
	uint64_t ticks = c->arg[1].given ? c->arg[1].value : WINDOW_TICKS;
	struct working_set w;
	uint32_t pid;

	if (!p)
		return;
	if (p->as == &kernel_aspace || p->kernel_only) {
		call_fail(c, 0, "this is a process of the kernel");
		return;
	}
	if (ticks > WINDOW_MOST) {
		call_fail(c, 1, "expected at most %x ticks", (unsigned)WINDOW_MOST);
		return;
	}
	pid = p->pid;
	(void)visit_pages(p->as, true);
	sleep_ticks(c, ticks);
	p = proc_by_any(pid);
	if (!p || !p->as) {
		out_puts(c->out, "the process has exited\n");
		c->failed = true;
		return;
	}
	w = visit_pages(p->as, false);
	out_printf(c->out, "%s: %llu of %llu pages in memory used in %llu ticks (%llu ms)\n", p->name, (unsigned long long)w.used,
	           (unsigned long long)w.pages, (unsigned long long)ticks, (unsigned long long)ticks * 1000 / SCHED_HZ);
}
COMMAND(wss) = {
	.name = "wss", .schema = "eE", .synopsis = "wss PID [TICKS]", .run = wss,
	.what = "working set of a process: the pages used in a window",
	.help = "  kd> wss {program} 32\n"
	        "  Clears the accessed bits, sleeps, and counts the bits that are set again. A tick is 10 ms; 64 by default.\n"
	        "  Linux: echo 1 > /proc/PID/clear_refs; Referenced in smaps\n",
};
