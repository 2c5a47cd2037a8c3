/* shell/live/wss.c - wss: the working set of a process: the pages that it uses in a window of time.
 * SPDX-License-Identifier: MIT
 *
 * Clears the accessed bit of each page, sleeps, and counts the bits that are set again (Denning 1968: W(t, window)). Pages that
 * are evicted in the window are not counted. The replacement policy still sees pages that were used before the window. Where the
 * CPU does not set accessed bits, the first use of each page in the window costs a fault.
 * Linux: /proc/PID/clear_refs and Referenced in smaps; idle page tracking.
 */
#include "shell/command.h"
#include "shell/live/implicit_process.h"
#include "shell/live/sleep_until.h"
#include "shell/live/space_pages.h"

#define WINDOW_TICKS SCHED_HZ           /* a second */
#define WINDOW_MOST  (60ull * SCHED_HZ)

struct working_set { bool clear; uint64_t pages, used; };

static void visit_page(void *ctx, const struct vma *v, uint64_t va, uint64_t pages, const struct pt_slot *slot)
{
	struct working_set *w = ctx;

	if (slot->kind != PT_LEAF)
		return;
	w->pages += pages;
	if (space_page_used(v->as, va, slot, w->clear))
		w->used += pages;
}

static struct working_set visit_pages(struct aspace *as, bool clear)
{
	struct working_set w = { .clear = clear };

	list_for_each(l, &as->vmas) {
		const struct vma *v = container_of(l, struct vma, link);

		if (!(v->flags & VMA_GUARD))
			space_pages(v, visit_page, &w);
	}
	return w;
}

/* Programs run meanwhile. After Ctrl-C it does not return. */
static void sleep_ticks(struct call *c, uint64_t ticks)
{
	uint64_t end = sched_ticks() + ticks;

	while (sched_ticks() < end) {
		uint64_t next = sched_ticks() + SCHED_HZ / 10;

		sleep_until(next < end ? next : end);
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
