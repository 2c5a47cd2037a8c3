/* shell/live/store_virt.c - stores of commands to virtual memory of the target: eb, fill.
 * SPDX-License-Identifier: MIT
 *
 * The bytes are written to the frame, not through the CPU's translation. Before that the page must be in memory, and its frame must
 * not be the zero frame, which is mapped by every page that was read and not written: both are done as for an access of the owner.
 */
#include "shell/live/store_virt.h"
#include "inspect/target.h"
#include "kernel/proc.h"
#include "kernel/trap.h"
#include "mm/space/remote.h"

/* The address space whose VMAs describe `va` in the tables that the target translates it with. NULL: none has these tables. */
static struct aspace *space_of(const struct target *t, uint64_t va)
{
	struct pt_space space = target_space_at(t, va);

	if (va >= USER_END)
		return &kernel_aspace;
	list_for_each(l, &procs) {
		struct proc *p = container_of(l, struct proc, link);

		if (p->as && p->as->space.half[0].root.v == space.half[0].root.v)
			return p->as;
	}
	return NULL;
}

/* False without an address space, and in a guard VMA, into which no page can come. */
static bool has_vma(struct aspace *as, uint64_t va)
{
	const struct vma *v = as ? vma_find(as, va) : NULL;

	return v && !(v->flags & VMA_GUARD);
}

/* What keeps a store from the page. NULL: nothing, or it is not mapped, which the store itself reports. */
static const char *prepare_page(const struct target *t, uint64_t va)
{
	struct aspace *as = space_of(t, va);
	struct pt_walk walk;
	err_t err;

	target_walk(t, va, &walk);
	if (walk.outcome == PT_LEAF && pfn_of(walk.pa).v != zero_frame.v)
		return NULL;
	if (!has_vma(as, va))
		return walk.outcome == PT_LEAF ? "it is the shared zero frame" : NULL;
	if (current_irql >= DISPATCH_LEVEL)
		return "at DISPATCH_LEVEL no page is brought in";
	err = aspace_prepare_store(as, va);
	return err == OK ? NULL : err == ERR_ACCESS ? "it is the shared zero frame" : err_text(err);
}

/* 0 after the last page of the address space. The loops below end there, since their ranges do not wrap: at - va is then at
 * least n. */
static uint64_t next_page(uint64_t va)
{
	return ALIGN_DOWN(va, (uint64_t)PAGE_SIZE) + PAGE_SIZE;
}

bool target_storable(const struct target *t, uint64_t va, uint64_t n)
{
	unsigned char byte;

	if (n && va + (n - 1) < va)
		return false;
	for (uint64_t at = va; at - va < n; at = next_page(at))
		if (target_read_virt(t, at, &byte, 1) != OK && !has_vma(space_of(t, at), at))
			return false;
	return true;
}

/* prepare_page() for each page of the range, before the first byte is written: a store is all or none. NULL as there. */
static const char *prepare(const struct target *t, uint64_t va, size_t n)
{
	const char *why = NULL;

	for (uint64_t at = va; at - va < n && !why; at = next_page(at))
		why = prepare_page(t, at);
	return why;
}

bool call_store(struct call *c, uint64_t va, const void *bytes, size_t n)
{
	const char *why = NULL;
	err_t err = OK;

	/* A page can leave memory when the next one comes in. */
	for (unsigned i = 0; i < 3; i++) {
		why = prepare(c->target, va, n);
		err = why ? OK : target_write_virt(c->target, va, bytes, n);
		if (err != ERR_NOT_FOUND)
			break;
	}
	if (err != OK)
		why = err_text(err);
	if (why)
		call_fail(c, 0, "cannot write there: %s", why);
	return !why;
}
