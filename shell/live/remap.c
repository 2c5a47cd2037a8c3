/* shell/live/remap.c - remap: maps another frame at a page of a process.
 * SPDX-License-Identifier: MIT
 *
 * In full: the new frame gets a reference and a mapping, the entry is replaced, the TLB entry is
 * flushed, and the old frame loses its reference. With --raw: the entry is stored and nothing else,
 * as a program with /dev/mem would do; `fsck` and the exit of the process report the difference.
 * Linux: remap_pfn_range(); /dev/mem. Windows: MmMapLockedPages.
 */
#include "inspect/target.h"
#include "kernel/proc.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/space/fault.h"
#include "mm/space/rmap.h"
#include "mm/space/tlb.h"
#include "shell/command.h"

#define RAW "--raw"

/* The arguments, then what find() has found: the VMA (NULL: none) and the level-0 entry of va with
 * its address, its frame and its rights. */
struct remap {
	struct proc *p;
	uint64_t va;
	pfn_t pfn, old;
	bool raw;
	const struct vma *vma;
	paddr_t entry_pa;
	pte_t entry;
	prot_t prot;
};

/* Removes the option, at any position among the arguments: overwritten by blanks, so that carets
 * still point to the right column. */
static bool take_raw(struct call *c)
{
	size_t n = strlen(RAW);

	for (char *s = (char *)(uintptr_t)c->rest; *s; s++)
		if (!strncmp(s, RAW, n) && (s[n] == ' ' || !s[n])) {
			memset(s, ' ', n);
			return true;
		}
	return false;
}

/* Sets p, va (rounded down to a page), pfn and raw. False: an error was printed. The frame need not
 * exist. */
static bool parse(struct call *c, struct remap *r)
{
	uint64_t value[3];
	const char *where[3];

	r->raw = take_raw(c);
	for (unsigned i = 0; i < 3; i++) {
		while (*c->rest == ' ')
			c->rest++;
		where[i] = c->rest;
		if (!call_next(c, &value[i])) {
			if (!c->failed)
				call_fail(c, COMMAND_ARGS, "missing argument");
			return false;
		}
	}
	if (!call_end(c))
		return false;
	r->p = proc_by_any(target_address(c->target, value[0]));
	r->va = ALIGN_DOWN(target_address(c->target, value[1]), (uint64_t)PAGE_SIZE);
	r->pfn = PFN(value[2]);
	if (!r->p || !r->p->as)
		call_no_process_at(c, where[0]);
	else if (r->va >= USER_END)
		call_fail_at(c, where[1], "that address is in the kernel half");
	else if (value[2] > UINT64_MAX >> PAGE_SHIFT)
		call_fail_at(c, where[2], "expected a frame number, not an address");
	else
		return true;
	return false;
}

/* The page as it is now. NULL: found; else the reason why nothing can be replaced. A large page or
 * an empty entry is refused: there is no entry of one page. */
static const char *find(struct remap *r)
{
	const struct pt_mode *mode = r->p->as->space.half[0].mode;
	struct pt_slot slot;

	r->vma = vma_find(r->p->as, r->va);
	if (share_end(r->p->as, r->va) != OK)
		return err_text(ERR_NO_MEMORY);
	if (pt_lookup(&r->p->as->space, r->va, 0, &slot) != OK || slot.level != 0 || slot.kind != PT_LEAF)
		return "no small page is mapped there: the process must touch it first";
	r->entry_pa = slot.entry_pa;
	r->entry = slot.entry;
	r->old = slot.page;
	r->prot = mode->format->prot(mode, 0, r->entry);
	return NULL;
}

/* The entry changes and nothing else: no count, no owner, no flush. The store itself goes through
 * the environment of the walker, so the journal has it. NULL: done. */
static const char *raw(struct remap *r)
{
	const struct pt_space *s = &r->p->as->space;
	pte_t new;

	if (s->half[0].mode->format->make_leaf(s->half[0].mode, 0, pfn_base(r->pfn), r->prot, &new) != OK)
		return "the format cannot express this frame number";
	s->env->store(s->env->ctx, r->entry_pa, s->half[0].mode->format->entry_bytes, r->entry, new, "remap --raw");
	return NULL;
}

/* ---- the right way ---- */

/* The search of end_writing(): the address space and frame, then the first address found. */
struct writer { const struct aspace *as; pfn_t pfn; uint64_t va; bool found; };

/* Visitor for struct writer: stops at the first leaf of the frame that has W and is in a private VMA. The entry above may forbid
 * writes, until spaces no longer share the table. */
static bool writes(void *ctx, const struct pt_visit_entry *e)
{
	struct writer *w = ctx;
	const struct pt_mode *mode = w->as->space.half[0].mode;
	const struct vma *v;

	if (pfn_of(e->pa).v != w->pfn.v || !(mode->format->prot(mode, e->level, e->entry) & PROT_W))
		return true;
	v = vma_find((struct aspace *)(uintptr_t)w->as, e->va);
	w->found = v && !(v->flags & VMA_SHARED);
	w->va = e->va;
	return !w->found;
}

/* Changes the rights of one page, and flushes its TLB entry in tlb_finish(). */
static err_t protect_page(struct aspace *as, uint64_t va, prot_t prot)
{
	struct tlb_batch b;
	err_t err;

	tlb_begin(&b, as);
	err = pt_protect(&as->space, va, PAGE_SIZE, prot, &(struct pt_change){ tlb_change, &b, "remap" });
	tlb_finish(&b);
	return err;
}

/* Makes the existing mappings of a private frame read-only: it is shared now, and the next write
 * copies it. One mapping of each address space is enough: a frame of private VMAs is writable at one
 * address of it. */
static err_t end_writing(pfn_t pfn)
{
	list_for_each(l, &aspaces) {
		struct aspace *as = container_of(l, struct aspace, link);
		struct writer w = { .as = as, .pfn = pfn };
		struct vma *v;
		err_t err;

		if (as == &kernel_aspace)
			continue;
		err = pt_visit(&as->space, 0, USER_END - 1, PT_VISIT_LEAF, writes, &w);
		if (err == OK && w.found) {
			v = vma_find(as, w.va);
			err = protect_page(as, w.va, v->prot & ~(prot_t)PROT_W);
		}
		if (err != OK)
			return err;
	}
	return OK;
}

/* Replaces the PTE and flushes the TLB entry. Changes no count: rightly() does that. */
static err_t set_entry(struct remap *r, prot_t prot)
{
	struct aspace *as = r->p->as;
	struct tlb_batch b;
	pte_t new;
	err_t err = as->space.half[0].mode->format->make_leaf(as->space.half[0].mode, 0, pfn_base(r->pfn), prot, &new);

	if (err != OK)
		return err;
	tlb_begin(&b, as);
	err = pt_set(&as->space, r->va, new, &(struct pt_change){ tlb_change, &b, "remap" });
	tlb_finish(&b);
	return err;
}

/* Maps r->pfn with all counters updated and the TLB flushed. NULL: done; else the reason why nothing
 * was mapped. The new reference comes before the entry and the old one goes after the flush, so at
 * no moment is a frame mapped without a reference. */
static const char *rightly(struct remap *r)
{
	const struct frame *f = frame_at(r->pfn);
	prot_t prot = r->prot;
	err_t err;

	if (!r->vma)
		return "no VMA covers this address";
	if (!f || f->state != FRAME_ACTIVE || f->refs == 0)
		return "only an Active frame can be shared; see memusage, pfn";
	if (r->pfn.v == r->old.v)
		return "this frame is already mapped there";
	/* A private range copies before it writes; and a file's page is written through no mapping. */
	if (!(r->vma->flags & VMA_SHARED) || !(r->vma->prot & PROT_W) || frame_is_object(f))
		prot &= ~(prot_t)PROT_W;
	err = end_writing(r->pfn);
	if (err != OK)
		return err_text(err);
	frame_get(r->pfn);
	rmap_add(r->p->as, r->entry_pa, r->va, r->pfn);
	err = set_entry(r, prot);
	if (err != OK) {
		rmap_remove(r->p->as, r->entry_pa, r->pfn);
		(void)frame_put(r->pfn);
		return err_text(err);
	}
	rmap_remove(r->p->as, r->entry_pa, r->old);
	/* After the flush only: until then the old frame was still reachable. */
	(void)frame_put(r->old);
	return NULL;
}

/* find() runs twice: before, for the rights to keep, and after, so that the line shows what the
 * tables contain now. */
static void remap(struct call *c)
{
	const char *start = c->rest, *what;
	struct remap r = { .p = NULL };
	pfn_t old;

	if (!parse(c, &r))
		return;
	what = find(&r);
	if (!what)
		what = (r.raw ? raw : rightly)(&r);
	if (what) {
		call_fail_at(c, start, "%s", what);
		return;
	}
	old = r.old;
	(void)find(&r);
	out_printf(c->out, "%s %llx: frame %llx, was %llx, entry %0*llx%s\n", r.p->name, (unsigned long long)r.va,
	           (unsigned long long)r.old.v, (unsigned long long)old.v, c->target->mode->format->entry_bytes * 2,
	           (unsigned long long)r.entry.v, r.raw ? "; counters and TLB not updated" : "");
}
COMMAND(remap) = {
	.name = "remap", .schema = "*", .synopsis = "remap PID VA PFN [--raw]", .run = remap,
	.what = "map another frame at a page of a process",
	.help = "  kd> remap {program} 10001000 {other frame}\n"
	        "  Drops the reference to the old frame, counts the new one and flushes the TLB. In a private VMA the frame is\n"
	        "  then shared read-only: a write copies it. --raw only writes the entry, as with /dev/mem: counters and TLB\n"
	        "  are not updated. fsck and the exit of the process report it.\n"
	        "  Linux: remap_pfn_range; /dev/mem   Windows: MmMapLockedPages\n",
};
