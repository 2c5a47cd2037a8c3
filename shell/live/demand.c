/* shell/live/demand.c - demand: reserves a demand-paged range of kernel addresses, lists such ranges, releases one.
 * SPDX-License-Identifier: MIT
 *
 * The range is a VMA of kernel_aspace with backing_anon in the vmalloc range, named "demand":
 * addresses only, no frame and no entry. A read fault maps the shared zero frame, a write fault a
 * zeroed frame of its own (mm/space/fault.c). One unmapped page remains on both sides
 * (vmalloc_demand()).
 * Windows: VirtualAlloc(MEM_RESERVE), although here the first access commits. Linux:
 * mmap(MAP_NORESERVE).
 */
#include "inspect/target.h"
#include "lib/string.h"
#include "mm/space/fault.h"
#include "mm/space/vmalloc.h"
#include "shell/command.h"

/* Name of the VMAs; with backing_anon it identifies them, since nothing else in the kernel uses it. */
#define NAME "demand"
/* For %llu page%s. */
#define PAGES(n) (unsigned long long)(n), (n) == 1 ? "" : "s"

/* Whether `demand` reserved this VMA. v may be NULL. */
static bool is_demand(const struct vma *v)
{
	return v && v->backing == &backing_anon && !strcmp(v->name, NAME);
}

/* First and last address of each range, both inclusive; the size and the committed part in pages. */
static void list(struct out *out)
{
	unsigned n = 0;

	list_for_each(l, &kernel_aspace.vmas) {
		const struct vma *v = container_of(l, struct vma, link);

		if (!is_demand(v))
			continue;
		n++;
		out_printf(out, "%llx-%llx  %llu page%s, %llu committed  %s\n", (unsigned long long)v->first,
		           (unsigned long long)v->last, PAGES((v->last - v->first) / PAGE_SIZE + 1),
		           (unsigned long long)vma_committed(v), v->name);
	}
	if (n == 0)
		out_puts(out, "no demand-paged range\n");
}

/* Any address of the range will do. vmalloc_release() unmaps, flushes and then frees, so the
 * difference of the counter is the number of frames that were freed; the zero frame does not count. */
static void release(struct call *c)
{
	uint64_t before = kernel_aspace.counts.committed;

	if (!c->arg[1].given)
		call_fail(c, 1, "expected an address of the range");
	else if (!is_demand(vma_find(&kernel_aspace, c->arg[1].value)) || vmalloc_release(c->arg[1].value) != OK)
		call_fail(c, 1, "no range reserved by demand contains this address");
	else
		out_printf(c->out, "released, %llu page%s freed\n", PAGES(before - kernel_aspace.counts.committed));
}

/* Rounds up to whole pages. An impossible size is an error of the argument, not of the machine:
 * ERR_NO_MEMORY also means that no hole of this size is left in the vmalloc range. */
static void reserve(struct call *c)
{
	uint64_t bytes = c->arg[1].value, va = 0;
	err_t err;

	if (bytes == 0) {
		call_fail(c, 1, "cannot reserve 0 bytes");
		return;
	}
	err = vmalloc_demand(bytes, NAME, &va);
	if (err != OK) {
		call_fail(c, 1, "cannot reserve that much: %s", err_text(err));
		return;
	}
	bytes = ALIGN_UP(bytes, (uint64_t)PAGE_SIZE);
	out_printf(c->out, "%llx-%llx reserved, %llu page%s; nothing is committed yet\n", (unsigned long long)va,
	           (unsigned long long)(va + bytes - 1), PAGES(bytes / PAGE_SIZE));
}

/* The command counts as read-only because of the list. */
static void demand(struct call *c)
{
	if (c->arg[0].given && strcmp(c->arg[0].text, "-r"))
		call_fail(c, 0, "no such option");
	else if (!c->arg[0].given && !c->arg[1].given)
		list(c->out);
	else if (call_may_change(c))
		(c->arg[0].given ? release : reserve)(c);
}
COMMAND(demand) = {
	.name = "demand", .schema = "oU", .synopsis = "demand [BYTES | -r ADDR]", .flags = CMD_READ_ONLY, .run = demand,
	.what = "reserve a demand-paged range of kernel addresses, or release it",
	.help = "  kd> demand 4000\n"
	        "  Reserves addresses only. The first read of a page maps the shared zero frame, the first write a frame of its\n"
	        "  own: see touch, memusage, trace. Without an argument: lists the ranges.\n"
	        "  Windows: VirtualAlloc(MEM_RESERVE)   Linux: mmap(MAP_NORESERVE)\n",
};
