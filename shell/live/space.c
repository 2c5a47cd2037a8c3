/* shell/live/space.c - the address space: what an address is, what is in use, who maps a frame.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "kernel/kernel.h"
#include "mm/mm.h"
#include "mm/phys/heap.h"
#include "shell/command.h"
#include "shell/process.h"

static const char *const kinds[] = {
	[REGION_USER] = "user", [REGION_LOGICAL] = "kernel logical", [REGION_VIRTUAL] = "kernel virtual",
	[REGION_SELFMAP] = "self-map", [REGION_DEVICE] = "device", [REGION_HOLE] = "hole",
};

static void put_size(struct out *out, uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	unsigned unit = 0;

	bytes >>= 10;
	while (bytes && (bytes & 1023) == 0 && units[unit + 1]) {
		bytes >>= 10;
		unit++;
	}
	out_printf(out, "%5llu %ciB", (unsigned long long)bytes, units[unit]);
}

static const struct arch_region *region_of(uint64_t va)
{
	for (const struct arch_region *r = arch_regions(); r->name; r++)
		if (va >= r->first && va <= r->last)
			return r;
	return NULL;
}

/* identity=keep: in the kernel's own tables the user's part begins with the boot's map. */
static void put_identity(struct out *out, const struct target *t)
{
	int digits = (int)target_va_digits(t);
	uint64_t first, last;

	if (mm_identity(&first, &last))
		out_printf(out, "%0*llx-%0*llx identity map, in the tables of space %x (%s) alone\n", digits,
		           (unsigned long long)first, digits, (unsigned long long)last, (unsigned)kernel_aspace.id,
		           kernel_aspace.name);
}

static void list(struct out *out, const struct target *t)
{
	int digits = (int)target_va_digits(t);

	for (const struct arch_region *r = arch_regions(); r->name; r++) {
		out_printf(out, "%0*llx-%0*llx ", digits, (unsigned long long)r->first, digits,
		           (unsigned long long)r->last);
		/* The last region may end where numbers do. */
		put_size(out, r->last - r->first == UINT64_MAX ? UINT64_MAX : r->last - r->first + 1);
		out_printf(out, "  %-15s %s\n", kinds[r->kind], r->name);
	}
	put_identity(out, t);
}

static void put_kind(struct out *out, const struct target *t, uint64_t va, const struct arch_region *r)
{
	out_printf(out, "%0*llx: ", (int)target_va_digits(t), (unsigned long long)va);
	if (target_va_digits(t) == 8 && va > UINT32_MAX)
		out_puts(out, "no address: they have 32 bits here\n");
	else if (!pt_va_valid(t->mode, va))
		out_puts(out, "no address: the bits above those that are translated must all equal the highest of them\n");
	else if (!r)
		out_puts(out, "hole between regions\n");
	else
		out_printf(out, "%s, in %s %llx-%llx\n", kinds[r->kind], r->name, (unsigned long long)r->first,
		           (unsigned long long)r->last);
}

static void put_range(struct out *out, const struct target *t, uint64_t va)
{
	const struct vma *v = vma_find(va >= USER_END ? &kernel_aspace : implicit_process(t)->as, va);

	if (v)
		out_printf(out, "range %s, %llx-%llx, %c%c%c%s%s\n", v->name, (unsigned long long)v->first,
		           (unsigned long long)v->last, v->prot & PROT_R ? 'r' : '-', v->prot & PROT_W ? 'w' : '-',
		           v->prot & PROT_X ? 'x' : '-', v->flags & VMA_GUARD ? ", not demand-paged" : "",
		           v->flags & VMA_SHARED ? ", shared" : "");
}

/* What only the kernel's own tables map: vmalloc's ranges until a fault copies the entry, and a kept identity map. */
static void put_kernel_mapping(struct out *out, const struct target *t, uint64_t va)
{
	uint64_t first, last;
	struct pt_walk w;

	pt_walk(&kernel_aspace.space, va, &w, NULL, 0);
	if (w.outcome != PT_LEAF || !(target_is_lazy(t, va) || va < USER_END)) {
		out_puts(out, "not mapped\n");
		return;
	}
	out_printf(out, "not mapped in these tables; in those of space %x (%s): physical address %llx, a page of %llx bytes\n",
	           (unsigned)kernel_aspace.id, kernel_aspace.name, (unsigned long long)w.pa.v,
	           (unsigned long long)w.page.size);
	if (target_is_lazy(t, va))
		out_puts(out, "the first access here faults, and the fault copies the entry\n");
	else if (mm_identity(&first, &last) && va >= first && va <= last)
		out_puts(out, "that is the identity map, which identity=keep has left there\n");
}

static void put_mapping(struct out *out, const struct target *t, uint64_t va, const struct arch_region *r)
{
	struct pt_space space = target_space(t);
	struct pt_walk w;

	pt_walk(&space, va, &w, NULL, 0);
	if (w.outcome != PT_LEAF) {
		put_kernel_mapping(out, t, va);
		return;
	}
	out_printf(out, "mapped: physical address %llx, a page of %llx bytes\n", (unsigned long long)w.pa.v,
	           (unsigned long long)w.page.size);
	/* The image may be shown at a distance of its own (x86_64): what is mapped says which. */
	if (r && r->kind == REGION_LOGICAL)
		out_printf(out, "a logical address: physical address = address - %llx\n",
		           (unsigned long long)(va - w.pa.v));
}

static void one(struct out *out, const struct target *t, uint64_t va)
{
	const struct arch_region *r = region_of(va);
	const char *name;
	uint64_t offset;

	put_kind(out, t, va, r);
	if (!pt_va_valid(t->mode, va))
		return;
	put_range(out, t, va);
	if (t->symbol_at(t->ctx, va, &name, &offset) == OK)
		out_printf(out, "symbol %s+0x%llx\n", name, (unsigned long long)offset);
	put_mapping(out, t, va, r);
}

static void address(struct call *c)
{
	if (c->arg[0].given)
		one(c->out, c->target, c->arg[0].value);
	else
		list(c->out, c->target);
}
COMMAND(address) = {
	.name = "address", .schema = "A", .synopsis = "address [VA]",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = address,
	.what = "the regions of the address space, or what an address is",
	.help = "  kd> address kmain\n"
	        "  Kernel logical addresses are physical ones at a fixed distance; kernel virtual ones have entries of their own;\n"
	        "  in the self-map the tables themselves are read.\n"
	        "  WinDbg: !address   Linux: Documentation/x86/x86_64/mm.rst\n",
};

/* ---- vm ---- */

static void put_pages(struct out *out, const char *what, uint64_t pages)
{
	out_printf(out, "\t%-24s %8llu (%9llu Kb)\n", what, (unsigned long long)pages,
	           (unsigned long long)pages * (PAGE_SIZE >> 10));
}

static void put_ranges(struct out *out)
{
	uint64_t first, last;

	out_puts(out, list_empty(&kernel_aspace.vmas) ? "\nranges of the kernel: none\n" : "\nranges of the kernel:\n");
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

static void vm(struct call *c)
{
	const struct frame_stats *s = frame_stats();
	const struct fault_counts *n = fault_counts();
	uint64_t committed = 0;

	list_for_each(l, &aspaces)
		committed += container_of(l, struct aspace, link)->committed;
	out_puts(c->out, "*** Virtual Memory Usage ***\n");
	put_pages(c->out, "Physical Memory:", memmap_bytes(&mm_ram) >> PAGE_SHIFT);
	put_pages(c->out, "Available Pages:", (uint64_t)s->state[FRAME_FREE] + s->state[FRAME_ZEROED] + s->state[FRAME_STANDBY]);
	put_pages(c->out, "Committed Pages:", committed);
	put_pages(c->out, "Modified Pages:", s->state[FRAME_MODIFIED]);
	put_pages(c->out, "Translation Tables:", s->state[FRAME_TABLE]);
	put_pages(c->out, "Kernel:", s->state[FRAME_KERNEL]);
	out_printf(c->out, "\tPage Faults:             %8llu\n\tDemand Zero Faults:      %8llu\n"
	           "\tCopy on Write Faults:    %8llu\n", (unsigned long long)n->total,
	           (unsigned long long)(n->action[ACT_DEMAND_ZERO] + n->action[ACT_REPLACE_ZERO]),
	           (unsigned long long)(n->action[ACT_COPY] + n->action[ACT_REUSE]));
	put_ranges(c->out);
}
COMMAND(vm) = {
	.name = "vm", .schema = "", .synopsis = "vm", .flags = CMD_LOOKS | CMD_EXAMPLE, .run = vm,
	.what = "memory in use, fault counts, and the kernel's ranges",
	.help = "  kd> vm\n  WinDbg: !vm   Linux: /proc/meminfo, /proc/vmallocinfo\n",
};

/* ---- whomaps ---- */

struct search {
	struct out *out;
	const struct aspace *as;
	uint64_t pa;
	unsigned found;
};

/* Tables may be smaller than a frame, which then holds several, or larger. */
static bool overlaps(uint64_t frame, uint64_t pa, uint64_t bytes)
{
	return pa < frame + PAGE_SIZE && frame < pa + bytes;
}

static bool compare(void *ctx, const struct pt_visit_entry *e)
{
	struct search *s = ctx;
	const struct pt_mode *mode = s->as->space.mode;
	const struct arch_region *r = region_of(e->va);
	char letters[32];

	if (!overlaps(s->pa, e->pa.v, e->kind == PT_LEAF ? e->size : pt_table_bytes(mode->format, e->level - 1u)))
		return true;
	s->found++;
	if (e->kind == PT_TABLE) {
		out_printf(s->out, "space %x (%s): table for %llx, named by the %s at %llx\n", (unsigned)s->as->id, s->as->name,
		           (unsigned long long)e->va, mode->format->level[e->level].vendor,
		           (unsigned long long)e->entry_pa.v);
		return true;
	}
	pt_effective_letters(mode, e->level, e->entry, e->prot, letters, sizeof(letters));
	out_printf(s->out, "space %x (%s): %s at %llx, page of %llx bytes  %s\n", (unsigned)s->as->id, s->as->name,
	           r ? r->name : "hole", (unsigned long long)(e->va + (s->pa - e->pa.v)), (unsigned long long)e->size,
	           letters);
	return true;
}

/* The kernel's part is the same in all roots, but for the self-map: there each shows its own tables. */
static err_t look(struct search *s)
{
	err_t err;

	if (s->as == &kernel_aspace)
		return pt_visit(&s->as->space, 0, UINT64_MAX, PT_VISIT_LEAF | PT_VISIT_TABLE, compare, s);
	err = pt_visit(&s->as->space, 0, USER_END - 1, PT_VISIT_LEAF | PT_VISIT_TABLE, compare, s);
	for (const struct arch_region *r = arch_regions(); r->name; r++)
		if (r->kind == REGION_SELFMAP && err == OK)
			err = pt_visit(&s->as->space, r->first, r->last, PT_VISIT_LEAF, compare, s);
	return err;
}

static bool is_root_of(uint64_t frame, const struct pt_space *space)
{
	return overlaps(frame, space->root.v, pt_table_bytes(space->mode->format, space->mode->levels - 1u));
}

static void whomaps(struct call *c)
{
	uint64_t frame = c->arg[0].value;
	struct search s = { .out = c->out, .pa = frame << PAGE_SHIFT };
	const struct frame *f;

	if (frame > UINT64_MAX >> PAGE_SHIFT) {
		call_fail(c, 0, "no such frame");
		return;
	}
	f = frame_at(PFN(frame));
	list_for_each(l, &aspaces) {
		err_t err;

		s.as = container_of(l, struct aspace, link);
		if (is_root_of(s.pa, &s.as->space)) {
			s.found++;
			out_printf(c->out, "space %x (%s): its root is at %llx\n", (unsigned)s.as->id, s.as->name,
			           (unsigned long long)s.as->space.root.v);
		}
		err = look(&s);
		if (err != OK)
			out_printf(c->out, "space %x: some tables were skipped: %s\n", (unsigned)s.as->id, err_text(err));
	}
	if (!s.found && (!f || f->state == FRAME_BAD))
		out_printf(c->out, "frame %llx does not exist: there is no RAM at %llx, and no entry names it\n",
		           (unsigned long long)frame, (unsigned long long)s.pa);
	else if (!s.found)
		out_puts(c->out, "no entry names it\n");
}
COMMAND(whomaps) = {
	.name = "whomaps", .schema = "u", .synopsis = "whomaps FRAME",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = whomaps,
	.what = "every entry that names a frame: pages, tables, self-map, direct map",
	.help = "  kd> whomaps {frame}\n  All address spaces are searched: it takes a moment.\n  WinDbg: !search, !ptov\n",
};
