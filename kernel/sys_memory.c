/* kernel/sys_memory.c - system calls about the address space: mmap and its family.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/handle.h"
#include "kernel/proc.h"
#include "kernel/sys.h"
#include "lib/abi.h"
#include "lib/out.h"
#include "mm/space/mlock.h"
#include "mm/space/remote.h"
#include "mm/space/zap.h"

#define MMAP_LAST ((uint64_t)USER_STACK_TOP - VMA_STACK_LIMIT - 1)

/* True for whole pages that a program may map: not the first page, not the last one, not the
 * kernel half. `len` is rounded already; 0 is refused. An instruction that ends at USER_END would
 * be followed by the first kernel address, or by a non-canonical one, and the CPU would return
 * from its trap to there. The comparison subtracts, so va + len cannot wrap. */
static bool is_mappable(uint64_t va, uint64_t len)
{
	const uint64_t end = USER_END - PAGE_SIZE;

	return IS_ALIGNED(va, (uint64_t)PAGE_SIZE) && va >= PAGE_SIZE && va < end && len && len <= end - va;
}

/* Converts ABI_PROT_ bits. Every right implies PROT_R, because the formats that the kernel runs on
 * have no user page without it; 0 stays 0 (no access). False: an unknown bit. */
static bool prot_of(uint64_t abi, prot_t *prot)
{
	if (abi & ~(uint64_t)(ABI_PROT_READ | ABI_PROT_WRITE | ABI_PROT_EXEC))
		return false;
	*prot = abi ? PROT_U | PROT_R : 0;
	*prot |= (abi & ABI_PROT_WRITE ? PROT_W : 0) | (abi & ABI_PROT_EXEC ? PROT_X : 0);
	return true;
}

/* Rounds up to whole pages. 0 for a length above USER_END, which would wrap; callers refuse 0. */
static uint64_t rounded(uint64_t len)
{
	return len <= USER_END ? ALIGN_UP(len, (uint64_t)PAGE_SIZE) : 0;
}

struct request {
	uint64_t va, len;
	prot_t prot;
	unsigned flags;         /* VMA_ flags */
	const struct backing *backing;
	void *object;
	const char *name;
	struct section *own;    /* reference to drop after vma_add(), whether it succeeded or not */
};

/* Anonymous shared memory: a section without a name, so that only children inherit it. Its first
 * reference is the request's, in `own`; vma_add() takes another one. */
static err_t unnamed_section(struct request *r)
{
	struct section *s;
	err_t err = section_unnamed(r->len, &s);

	if (err != OK)
		return err;
	r->own = r->object = s;
	r->backing = &backing_section;
	r->name = "shared";
	return OK;
}

/* Sets backing, object and name from the handle and the flags. ERR_RANGE: the range is longer than the object. */
static err_t find_object(const struct sys_args *a, struct request *r)
{
	uint64_t size = 0;
	bool shared = a->arg[3] & ABI_MAP_SHARED;

	r->backing = &backing_anon;
	r->name = "anon";
	if (shared)
		r->flags |= VMA_SHARED;
	/* A range that grows downwards would need pages before the first byte of its object. */
	if ((r->flags & VMA_GROWS_DOWN) && (shared || a->arg[4]))
		return ERR_INVALID;
	if (!a->arg[4])
		return shared ? unnamed_section(r) : OK;
	r->backing = handle_backing(current_proc, a->arg[4], &r->object, &size);
	if (!r->backing)
		return ERR_NOT_FOUND;
	r->name = r->backing->name;
	if (r->len > rounded(size))
		return ERR_RANGE;
	return OK;
}

/* Chooses the address: the fixed one, or the lowest hole between USER_MMAP and the lowest address
 * that the stack can grow to. ERR_INVALID: a fixed range is not mappable; whether it is free is
 * checked by vma_add(). */
static err_t place(const struct sys_args *a, struct request *r)
{
	if (a->arg[3] & ABI_MAP_FIXED) {
		r->va = a->arg[0];
		return is_mappable(r->va, r->len) ? OK : ERR_INVALID;
	}
	return vma_find_hole(current_proc->as, USER_MMAP, MMAP_LAST, r->len, &r->va);
}

/* arg: address, length, ABI_PROT_, ABI_MAP_, handle or 0. Returns the address or -err_t. All
 * arguments are checked before anything is allocated, except the section of unnamed_section(),
 * which section_put() frees after an error. */
int64_t sys_mmap(const struct sys_args *a)
{
	struct request r = { .len = rounded(a->arg[1]) };
	err_t err;

	if (!r.len || !prot_of(a->arg[2], &r.prot) ||
	    (a->arg[3] & ~(uint64_t)(ABI_MAP_SHARED | ABI_MAP_FIXED | ABI_MAP_GROWSDOWN)))
		return -ERR_INVALID;
	if (a->arg[3] & ABI_MAP_GROWSDOWN)
		r.flags |= VMA_GROWS_DOWN;
	err = find_object(a, &r);
	if (err == OK)
		err = place(a, &r);
	if (err == OK)
		err = vma_add(current_proc->as, r.va, r.len, r.prot, r.flags, r.backing, r.object, 0, r.name, NULL);
	if (r.own)
		section_put(r.own);
	return err == OK ? (int64_t)r.va : -(int64_t)err;
}

/* ERR_ACCESS: a part of the range is sealed (the PEB). */
int64_t sys_munmap(const struct sys_args *a)
{
	uint64_t len = rounded(a->arg[1]);

	if (!is_mappable(a->arg[0], len))
		return -ERR_INVALID;
	if (vma_is_sealed(current_proc->as, a->arg[0], len))
		return -ERR_ACCESS;
	return -(int64_t)vma_unmap(current_proc->as, a->arg[0], len);
}

/* vma_protect() permits no right beyond vma.most, and W with X only to a program with an
 * executable stack. */
int64_t sys_mprotect(const struct sys_args *a)
{
	uint64_t len = rounded(a->arg[1]);
	prot_t prot;

	if (!is_mappable(a->arg[0], len) || !prot_of(a->arg[2], &prot))
		return -ERR_INVALID;
	if (vma_is_sealed(current_proc->as, a->arg[0], len))
		return -ERR_ACCESS;
	return -(int64_t)vma_protect(current_proc->as, a->arg[0], len, prot);
}

/* For writing if only a copy can be written: a locked page must not need a frame later. */
static bool for_writing(uint64_t va, bool lock)
{
	const struct vma *v = vma_find(current_proc->as, va);

	return lock && v && (v->prot & PROT_W) && !(v->flags & VMA_SHARED);
}

#define YIELD_BYTES ((uint64_t)64 * PAGE_SIZE)

/* Faults in each page, as accesses would; `lock`: without those that no access is permitted to. A page that cannot be brought in
 * ends the call with its error; the pages before it stay in memory. */
static err_t will_need(uint64_t va, uint64_t len, bool lock)
{
	for (uint64_t at = va; at < va + len; at += PAGE_SIZE) {
		pfn_t pfn;
		err_t err = aspace_fault_in(current_proc->as, at, for_writing(at, lock), &pfn);

		if (err != OK && !(lock && err == ERR_INVALID))
			return err;
		/* A gigabyte takes long and the kernel is not preemptible: yields every
		 * YIELD_BYTES, and stops if the process was killed. */
		if ((at - va) % YIELD_BYTES == 0)
			sched_yield();
		if (current_proc->killed)
			return ERR_BUSY;
	}
	return OK;
}

int64_t sys_madvise(const struct sys_args *a)
{
	uint64_t len = rounded(a->arg[1]);

	if (!is_mappable(a->arg[0], len))
		return -ERR_INVALID;
	if (a->arg[2] == ABI_ADVICE_WILLNEED)
		return -(int64_t)will_need(a->arg[0], len, false);
	if (a->arg[2] != ABI_ADVICE_DONTNEED || mlock_any(current_proc->as, a->arg[0], len))
		return -ERR_INVALID;
	if (vma_is_sealed(current_proc->as, a->arg[0], len))
		return -ERR_ACCESS;
	return -(int64_t)vma_discard(current_proc->as, a->arg[0], len);
}

/* The pages of [va, va + len), whole: arg has bytes. */
static bool locks(const struct sys_args *a, uint64_t *va, uint64_t *len)
{
	*va = ALIGN_DOWN(a->arg[0], (uint64_t)PAGE_SIZE);
	*len = a->arg[1] <= USER_END ? rounded(a->arg[1] + (a->arg[0] - *va)) : 0;
	return is_mappable(*va, *len);
}

/* Of the frames that pages can use, programs can lock a quarter: what is locked cannot make room for others, and the shell and the
 * tasks that free memory need frames in any case. */
#define LOCK_SHARE 4

/* Linux: the range stays locked although a page could not be brought in. */
int64_t sys_mlock(const struct sys_args *a)
{
	uint64_t va, len;
	err_t err;

	if (!a->arg[1])
		return 0;
	if (!locks(a, &va, &len))
		return -ERR_INVALID;
	mlock_pages.most = reclaim_frames() / LOCK_SHARE;
	err = mlock_range(current_proc->as, va, len, true);
	return -(int64_t)(err == OK ? will_need(va, len, true) : err);
}

/* Pages of a range that was not locked stay as they are, as on Linux. */
int64_t sys_munlock(const struct sys_args *a)
{
	uint64_t va, len;

	if (!a->arg[1])
		return 0;
	return locks(a, &va, &len) ? -(int64_t)mlock_range(current_proc->as, va, len, false) : -ERR_INVALID;
}

/* The heap is one range that grows and shrinks at its end. 0 returns the current end. `brk` has
 * byte granularity, the VMA whole pages; p->brk changes only after the VMA has. */
int64_t sys_brk(const struct sys_args *a)
{
	struct proc *p = current_proc;
	uint64_t old = ALIGN_UP(p->brk, (uint64_t)PAGE_SIZE), new;
	err_t err = OK;

	if (a->arg[0] == 0)
		return (int64_t)p->brk;
	if (a->arg[0] < p->program.brk_first || a->arg[0] >= USER_MMAP)
		return -ERR_RANGE;
	new = ALIGN_UP(a->arg[0], (uint64_t)PAGE_SIZE);
	if (new > old)
		err = vma_add(p->as, old, new - old, PROT_U | PROT_R | PROT_W, 0, &backing_anon, NULL, 0, "heap", NULL);
	else if (new < old)
		err = vma_unmap(p->as, new, old - new);
	if (err != OK)
		return -(int64_t)err;
	p->brk = a->arg[0];
	return (int64_t)p->brk;
}

/* Returns 0: not mapped, 1: mapped read-only, 2: mapped writable. This reads the tables and causes
 * no fault. */
int64_t sys_mincore(const struct sys_args *a)
{
	struct pt_walk walk;

	if (a->arg[0] >= USER_END)
		return -ERR_INVALID;
	pt_walk(&current_proc->as->space, a->arg[0], &walk, NULL, 0);
	return walk.outcome != PT_LEAF ? 0 : walk.prot & PROT_W ? 2 : 1;
}
