/* shell/look/address.c - address: the regions of the address space, or what one address is.
 * SPDX-License-Identifier: MIT
 *
 * Without an argument: the layout, from target.regions (arch_regions(); of an image only what
 * tools/pagewalk was given). With an address: its region, the VMA that covers it, the nearest
 * symbol, and how the tables translate it. Reads tables and kernel data; makes no access.
 * A logical address (Linux: lowmem, direct map) is a physical address plus a constant, a virtual one
 * (vmalloc) has an entry of its own for each page.
 * WinDbg: !address. Linux: Documentation/x86/x86_64/mm.rst.
 */
#include "inspect/target.h"
#include "shell/command.h"

/* By enum region_kind. */
static const char *const kinds[] = {
	[REGION_USER] = "user", [REGION_LOGICAL] = "kernel logical", [REGION_VIRTUAL] = "kernel virtual",
	[REGION_SELFMAP] = "self-map", [REGION_DEVICE] = "device", [REGION_HOLE] = "hole",
};

/* The size in the largest unit that divides it, from KiB up. bytes: a multiple of 1024, except
 * UINT64_MAX for the whole range of numbers. */
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

/* identity=keep: the user region of the kernel's own tables begins with the identity map of the
 * boot. */
static void put_identity(struct out *out, const struct target *t)
{
	int digits = (int)target_va_digits(t);
	struct system_space s;
	uint64_t first, last;

	if (target_identity(t, &first, &last) && target_reference_space(t, &s))
		out_printf(out, "%0*llx-%0*llx identity map, in the tables of space %x (%s) alone\n", digits,
		           (unsigned long long)first, digits, (unsigned long long)last, s.id, s.name);
}

/* One line a region: first and last address, both inclusive, size, kind, name. */
static void list(struct out *out, const struct target *t)
{
	int digits = (int)target_va_digits(t);

	for (const struct region *r = t->regions; r->name; r++) {
		out_printf(out, "%0*llx-%0*llx ", digits, (unsigned long long)r->first, digits,
		           (unsigned long long)r->last);
		/* The last region may end where numbers do. */
		put_size(out, r->last - r->first == UINT64_MAX ? UINT64_MAX : r->last - r->first + 1);
		out_printf(out, "  %-15s %s\n", kinds[r->kind], r->name);
	}
	put_identity(out, t);
}

/* Valid or not, and why; then the region. On x86_64 an address is canonical if bits 63:47 are equal
 * (Intel SDM vol. 1 3.3.7.1; with LA57 bits 63:56). For an image only a part of the layout may be
 * known, so what is between two regions is called a hole for the live machine only. */
static void put_kind(struct out *out, const struct target *t, uint64_t va, const struct region *r)
{
	out_printf(out, "%0*llx: ", (int)target_va_digits(t), (unsigned long long)va);
	if (target_va_digits(t) == 8 && va > UINT32_MAX)
		out_puts(out, "not a valid address: addresses have 32 bits\n");
	else if (!pt_va_valid(t->mode, va))
		out_puts(out, "not canonical: the bits above the translated ones must equal the highest of them\n");
	else if (!t->regions)
		out_printf(out, "the layout of %s is not known\n", t->name);
	else if (!r)
		out_puts(out, t->system ? "hole between regions\n" : "in no region that is known\n");
	else
		out_printf(out, "%s, in %s %llx-%llx\n", kinds[r->kind], r->name, (unsigned long long)r->first,
		           (unsigned long long)r->last);
}

/* The VMA, if the target has VMAs: an image has none. guard: a fault in it is an error. */
static void put_range(struct out *out, const struct target *t, uint64_t va)
{
	struct system_range v;

	if (t->system && t->system->range && t->system->range(t->system_ctx, t->root, va, &v))
		out_printf(out, "range %s, %llx-%llx, %c%c%c%s%s\n", v.name, (unsigned long long)v.first,
		           (unsigned long long)v.last, v.prot & PROT_R ? 'r' : '-', v.prot & PROT_W ? 'w' : '-',
		           v.prot & PROT_X ? 'x' : '-', v.guard ? ", not demand-paged" : "", v.shared ? ", shared" : "");
}

/* What only the kernel's own tables map: vmalloc's ranges until a fault copies the entry, and a kept
 * identity map. An address that these tables do not map either is simply not mapped. */
static void put_kernel_mapping(struct out *out, const struct target *t, uint64_t va, const struct region *r)
{
	bool user = r && r->kind == REGION_USER;
	struct system_space s;
	struct pt_space space;
	uint64_t first, last;
	struct pt_walk w = { .outcome = PT_EMPTY };

	if (target_reference_space(t, &s)) {
		space = target_space_of(t, s.root);
		pt_walk(&space, va, &w, NULL, 0);
	}
	if (!t->system || w.outcome != PT_LEAF || !(target_is_lazy(t, va) || user)) {
		out_puts(out, "not mapped\n");
		return;
	}
	out_printf(out, "not mapped in these tables; in address space %x (%s): physical address %llx, page of %llx bytes\n",
	           s.id, s.name, (unsigned long long)w.pa.v, (unsigned long long)w.page.size);
	if (target_is_lazy(t, va))
		out_puts(out, "the first access faults and copies the table entry\n");
	else if (target_identity(t, &first, &last) && va >= first && va <= last)
		out_puts(out, "this is the identity map, kept by identity=keep\n");
}

/* Prints the translation by the selected root. False: these tables do not map it. */
static bool put_mapping(struct out *out, const struct target *t, uint64_t va, const struct region *r)
{
	struct pt_space space = target_space(t);
	struct pt_walk w;

	pt_walk(&space, va, &w, NULL, 0);
	if (w.outcome != PT_LEAF) {
		put_kernel_mapping(out, t, va, r);
		return false;
	}
	out_printf(out, "mapped: physical address %llx, page of %llx bytes\n", (unsigned long long)w.pa.v,
	           (unsigned long long)w.page.size);
	/* On x86_64 the image has an offset of its own: compute it from the mapping. */
	if (r && r->kind == REGION_LOGICAL)
		out_printf(out, "a logical address: physical address = address - %llx\n",
		           (unsigned long long)(va - w.pa.v));
	return true;
}

/* True: the address is mapped. An address that is not valid ends after the first line: a walk would
 * cut it. */
static bool one(struct out *out, const struct target *t, uint64_t va)
{
	const struct region *r = target_region(t, va);
	const char *name;
	uint64_t offset;

	put_kind(out, t, va, r);
	if (!pt_va_valid(t->mode, va))
		return false;
	put_range(out, t, va);
	if (t->symbol_at && t->symbol_at(t->ctx, va, &name, &offset) == OK)
		out_printf(out, "symbol %s+0x%llx\n", name, (unsigned long long)offset);
	return put_mapping(out, t, va, r);
}

/* no_answer is the exit status of tools/pagewalk. */
static void address(struct call *c)
{
	if (c->arg[0].given)
		c->no_answer = !one(c->out, c->target, c->arg[0].value);
	else if (!c->target->regions)
		call_lacks(c, "a layout");
	else
		list(c->out, c->target);
}
COMMAND(address) = {
	.name = "address", .schema = "A", .synopsis = "address [VA]",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = address,
	.what = "the regions of the address space, or the region of one address",
	.help = "  kd> address kmain\n"
	        "  A kernel logical address is a physical address plus a constant; each kernel virtual page has its own entry;\n"
	        "  the self-map shows the page tables.\n"
	        "  WinDbg: !address   Linux: Documentation/x86/x86_64/mm.rst\n",
};
