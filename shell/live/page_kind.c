/* shell/live/page_kind.c - what a frame, or a page of an address space, is used for.
 * SPDX-License-Identifier: MIT
 *
 * The state of the frame's record decides, and for an active frame its owner (mm/space/rmap.h): a page of a file or section is
 * shared, and so is an anonymous page that several entries map or that several spaces of its family have.
 */
#include "shell/live/page_kind.h"
#include "mm/space/rmap.h"

#define PROCESS(digit, ink) [PAGE_PROCESS + (digit) - '1'] = { (digit), (ink), "process" }

const struct cell_kind page_kinds[PAGE_KINDS] = {
	[PAGE_KERNEL] = { 'K', INK_BLUE, "kernel" },
	[PAGE_TABLE] = { 'T', INK_PURPLE, "table" },
	PROCESS('1', INK_ORANGE), PROCESS('2', INK_YELLOW), PROCESS('3', INK_ORANGE), PROCESS('4', INK_YELLOW),
	PROCESS('5', INK_ORANGE), PROCESS('6', INK_YELLOW), PROCESS('7', INK_ORANGE), PROCESS('8', INK_YELLOW),
	PROCESS('9', INK_ORANGE),
	[PAGE_OTHER] = { '+', INK_YELLOW, "others" },
	[PAGE_SHARED] = { 'S', INK_GREEN, "shared" },
	[PAGE_ZEROED] = { 'Z', INK_GREY, "zeroed" },
	[PAGE_FREE] = { '.', INK_PLAIN, "free" },
	[PAGE_STANDBY] = { 'B', INK_SKY, "standby" },
	[PAGE_MODIFIED] = { 'M', INK_VERMILLION, "modified" },
	[PAGE_TRANSFER] = { 'I', INK_VERMILLION, "transfer" },
	[PAGE_BAD] = { 'X', INK_PLAIN, "bad" },
	[PAGE_ZERO] = { 'Z', INK_GREY, "zero frame" },
	[PAGE_CACHED] = { 'C', INK_SKY, "in cache" },
	[PAGE_PAGEFILE] = { 'P', INK_PURPLE, "page file" },
	[PAGE_GUARD] = { 'G', INK_BLUE, "guard" },
	[PAGE_DEVICE] = { 'D', INK_BLUE, "device" },
	[PAGE_UNTOUCHED] = { '-', INK_PLAIN, "untouched" },
	[PAGE_UNREADABLE] = { '?', INK_PLAIN, "unreadable" },
};

/* By enum frame_state, without active frames. */
static const enum page_kind of_state[FRAME_STATES] = {
	[FRAME_FREE] = PAGE_FREE, [FRAME_ZEROED] = PAGE_ZEROED, [FRAME_MODIFIED] = PAGE_MODIFIED, [FRAME_STANDBY] = PAGE_STANDBY,
	[FRAME_TRANSITION] = PAGE_TRANSFER, [FRAME_TABLE] = PAGE_TABLE, [FRAME_KERNEL] = PAGE_KERNEL, [FRAME_BAD] = PAGE_BAD,
};

/* ---- digits ---- */

static uint32_t digit_pid[PAGE_DIGITS];         /* 0: free */

/* The address spaces of the family that was needed last: neighbouring frames often belong to the same one. */
static struct { uint32_t family; unsigned members; struct aspace *first; } last_family;

/* PAGE_DIGITS: the process has no digit; PAGE_PROCESS + PAGE_DIGITS is PAGE_OTHER. digit_of(0) is the lowest free digit. */
static unsigned digit_of(uint32_t pid)
{
	unsigned digit = 0;

	while (digit < PAGE_DIGITS && digit_pid[digit] != pid)
		digit++;
	return digit;
}

/* Tasks of the kernel have no address space of their own, processes that have exited none at all. */
static bool has_space(const struct proc *p)
{
	return p && p->as && p->as != &kernel_aspace;
}

/* Each picture begins here, so the family is found anew: its address spaces can be freed between two pictures. */
void page_digits_update(void)
{
	last_family.members = 0;
	for (unsigned digit = 0; digit < PAGE_DIGITS; digit++)
		if (!has_space(proc_by_pid(digit_pid[digit])))
			digit_pid[digit] = 0;
	list_for_each(l, &procs) {
		const struct proc *p = container_of(l, struct proc, link);

		if (has_space(p) && digit_of(p->pid) == PAGE_DIGITS && digit_of(0) < PAGE_DIGITS)
			digit_pid[digit_of(0)] = p->pid;
	}
}

const struct proc *page_digit_process(unsigned digit)
{
	return digit_pid[digit] ? proc_by_pid(digit_pid[digit]) : NULL;
}

enum page_kind page_kind_of_process(const struct proc *p)
{
	return p ? (enum page_kind)(PAGE_PROCESS + digit_of(p->pid)) : PAGE_OTHER;
}

/* ---- frames ---- */

/* frame.owner has only the lower 16 bits of aspace.family: OWNER_ID_MASK. */
static bool is_in_family(const struct aspace *as, uint32_t family)
{
	return (as->family & OWNER_ID_MASK) == family;
}

/* first is NULL and members 0 if all address spaces of the family are gone. */
static void find_family(uint32_t family)
{
	last_family.family = family;
	last_family.members = 0;
	last_family.first = NULL;
	list_for_each(l, &aspaces) {
		struct aspace *as = container_of(l, struct aspace, link);

		if (!is_in_family(as, family))
			continue;
		if (last_family.members++ == 0)
			last_family.first = as;
	}
}

/* An entry that cannot be read maps nothing. Only level 0 is compared: slot.page is not valid above it. */
static bool maps(const struct aspace *as, const struct frame *f)
{
	struct pt_slot slot;

	return pt_lookup(&as->space, rmap_va(as, f), 0, &slot) == OK && slot.level == 0 && slot.kind == PT_LEAF &&
	       slot.page.v == frame_pfn(f).v;
}

/* The number of spaces in the frame's family that map it, at most 2; *one is one of them, or else any of the family. */
static unsigned count_spaces(const struct frame *f, struct aspace **one)
{
	uint32_t family = (uint32_t)(f->owner >> OWNER_ID_SHIFT);
	unsigned n = 0;

	if (!last_family.members || last_family.family != family)
		find_family(family);
	*one = last_family.first;
	if (last_family.members < 2)
		return last_family.members;
	list_for_each(l, &aspaces) {
		struct aspace *as = container_of(l, struct aspace, link);

		if (!is_in_family(as, family) || !maps(as, f))
			continue;
		*one = as;
		if (++n == 2)
			break;
	}
	return n;
}

/* A frame without owner, or with one of the kernel's ranges, is the kernel's; so is one whose last space is gone. */
static enum page_kind kind_of_active(const struct frame *f)
{
	struct aspace *as;

	if (frame_is_object(f))
		return PAGE_SHARED;
	if (f->owner == 0 || rmap_is_family(&kernel_aspace, f))
		return PAGE_KERNEL;
	if (f->maps > 1 || count_spaces(f, &as) > 1)
		return PAGE_SHARED;
	return as ? page_kind_of_process(as->owner) : PAGE_OTHER;
}

enum page_kind page_kind_of_frame(const struct frame *f)
{
	return f->state == FRAME_ACTIVE ? kind_of_active(f) : of_state[f->state];
}
