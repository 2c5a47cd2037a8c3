/* shell/live/vm.c - vm: memory in use, fault counts, and the VMAs of the kernel.
 * SPDX-License-Identifier: MIT
 *
 * The first lines have the form of WinDbg's !vm: pages, then KiB; the counts of faults are since boot. The kernel's
 * VMAs are the vmalloc ranges, with the committed frames of each.
 * WinDbg: !vm. Linux: /proc/meminfo, /proc/vmallocinfo.
 */
#include "kernel/proc.h"
#include "mm/mm.h"
#include "mm/reclaim/commit.h"
#include "mm/space/fault.h"
#include "mm/space/mlock.h"
#include "mm/wait.h"
#include "shell/command.h"

/* One row in the form of !vm of WinDbg: pages, then KiB. */
static void put_pages(struct out *out, const char *what, uint64_t pages)
{
	out_printf(out, "\t%-24s %8llu (%9llu Kb)\n", what, (unsigned long long)pages,
	           (unsigned long long)pages * (PAGE_SIZE >> 10));
}

/* Ranges and rights; with identity=keep also the identity map of the boot, which has no VMA. */
static void put_ranges(struct out *out)
{
	uint64_t first, last;

	out_puts(out, list_empty(&kernel_aspace.vmas) ? "\nkernel VMAs: none\n" : "\nkernel VMAs:\n");
	list_for_each(l, &kernel_aspace.vmas) {
		const struct vma *v = container_of(l, struct vma, link);

		out_printf(out, "  %llx-%llx  %c%c%c  %llu committed  %s\n", (unsigned long long)v->first,
		           (unsigned long long)v->last, v->prot & PROT_R ? 'r' : '-', v->prot & PROT_W ? 'w' : '-',
		           v->prot & PROT_X ? 'x' : '-', (unsigned long long)vma_committed(v), v->name);
	}
	if (mm_identity(&first, &last))
		out_printf(out, "identity map, in the tables of space %x (%s) alone: %llx-%llx\n", (unsigned)kernel_aspace.id,
		           kernel_aspace.name, (unsigned long long)first, (unsigned long long)last);
}

/* Committed pages are promised to programs, private pages mapped (mm/reclaim/commit.h).
 * Available pages are free, zeroed and standby frames: their contents need not be written to
 * disk before they are used again. Demand-zero faults include those that replaced the zero frame; copy-on-write faults
 * include those that needed no copy. */
static void vm(struct call *c)
{
	const struct frame_stats *s = frame_stats();
	const struct fault_counts *n = fault_counts();
	struct commit commit = commit_now();
	uint64_t private = 0;

	list_for_each(l, &aspaces)
		private += aspace_counts(container_of(l, struct aspace, link), NULL).committed;
	out_puts(c->out, "*** Virtual Memory Usage ***\n");
	put_pages(c->out, "Physical Memory:", memmap_bytes(&mm_ram) >> PAGE_SHIFT);
	put_pages(c->out, "Available Pages:", (uint64_t)s->state[FRAME_FREE] + s->state[FRAME_ZEROED] + s->state[FRAME_STANDBY]);
	put_pages(c->out, "Committed Pages:", commit.pages);
	put_pages(c->out, "Commit Limit:", commit.limit);
	put_pages(c->out, "Private Pages:", private);
	put_pages(c->out, "Locked Pages:", mlock_pages.locked);
	put_pages(c->out, "Modified Pages:", s->state[FRAME_MODIFIED]);
	put_pages(c->out, "Translation Tables:", s->state[FRAME_TABLE]);
	put_pages(c->out, "Kernel:", s->state[FRAME_KERNEL]);
	out_printf(c->out, "\tPage Faults:             %8llu\n\tDemand Zero Faults:      %8llu\n"
	           "\tCopy on Write Faults:    %8llu\n\tFast Path:               %8llu, page tables not kept: %llu\n",
	           (unsigned long long)n->total, (unsigned long long)(n->action[ACT_DEMAND_ZERO] + n->action[ACT_REPLACE_ZERO]),
	           (unsigned long long)(n->action[ACT_COPY] + n->action[ACT_REUSE]), (unsigned long long)n->fast,
	           (unsigned long long)n->misses);
	out_printf(c->out, "\tFault-Around:            %8llu pages that had no fault of their own\n",
	           (unsigned long long)n->around);
	out_printf(c->out, "\tFaults That Waited:      %8llu, the longest %llu ms (%llu ticks); without the disk %llu ms\n",
	           (unsigned long long)mm_waits.count,
	           (unsigned long long)mm_waits.longest * (1000 / SCHED_HZ), (unsigned long long)mm_waits.longest,
	           (unsigned long long)mm_waits.longest_own * (1000 / SCHED_HZ));
	put_ranges(c->out);
}
COMMAND(vm) = {
	.name = "vm", .schema = "", .synopsis = "vm", .flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = vm,
	.what = "memory in use, fault counts, and the kernel's VMAs",
	.help = "  kd> vm\n"
	        "  Committed: pages of private ranges that may be written and of sections, used or not. The limit is what frames\n"
	        "  and page files can hold; nothing is refused above it. Private: mapped frames of the former. A fault\n"
	        "  waits from its first sleep until it has its page. Without the disk: ticks at which a disk had\n"
	        "  requests and no process was ready do not count. Fast path: faults that one short function resolved. It\n"
	        "  needs the page table of the fault before: \"not kept\" counts faults that were in another one.\n"
	        "  WinDbg: !vm   Linux: /proc/meminfo, /proc/vmallocinfo\n",
};
