/* mm/space/remote.c - faults on behalf of an address space that may not be the loaded one.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/remote.h"
#include "lib/string.h"
#include "mm/phys/kmap.h"
#include "mm/space/fault.h"

static err_t err_of(enum fault_result result)
{
	static const err_t err[FAULT_RESULTS] = {
		[FAULT_FIXED] = OK, [FAULT_NO_VMA] = ERR_NOT_FOUND, [FAULT_DENIED] = ERR_INVALID,
		[FAULT_NO_MEMORY] = ERR_NO_MEMORY, [FAULT_IO_ERROR] = ERR_IO, [FAULT_CORRUPT] = ERR_CORRUPT,
	};

	return err[result];
}

/* The rights of an access, besides PROT_R. In the space of a program it is an access of user mode, also to kernel addresses. */
static prot_t needed(const struct aspace *as, bool write)
{
	return (write ? PROT_W : 0) | (as != &kernel_aspace ? PROT_U : 0);
}

err_t aspace_fault_in(struct aspace *as, uint64_t va, bool write, pfn_t *pfn)
{
	/* Filled, and perhaps copied then: a page needs two faults at most. */
	for (unsigned i = 0; i < 3; i++) {
		struct vm_fault f;
		struct pt_walk walk;
		enum fault_result result;

		pt_walk(&as->space, va, &walk, NULL, 0);
		if (walk.outcome == PT_LEAF && (walk.prot & needed(as, write)) == needed(as, write)) {
			*pfn = pfn_of(walk.pa);
			return OK;
		}
		f.fault = (struct fault){
			.va = (vaddr_t)va, .access = write ? ACCESS_WRITE : ACCESS_READ, .from_user = as != &kernel_aspace,
			.present = walk.outcome == PT_LEAF,
		};
		/* The caller may have looked up VMAs, or be in the middle of a system call. */
		f.may_sleep = false;
		result = mm_fault(as, &f);
		if (result != FAULT_FIXED)
			return err_of(result);
	}
	return ERR_CORRUPT;
}

/* The VMA has the rights that the access needs during the fault only; limit_entry() takes them from the entry. */
static err_t fault_in_anyway(struct vma *v, uint64_t va, bool write, pfn_t *pfn)
{
	prot_t prot = v->prot;
	err_t err;

	/* The object's own frames, which no mapping writes. */
	if (write && !(v->most & PROT_W))
		return ERR_ACCESS;
	vma_set_prot(v, prot | PROT_R | needed(v->as, write));
	err = aspace_fault_in(v->as, va, write, pfn);
	vma_set_prot(v, prot);
	return err;
}

static err_t limit_entry(struct vma *v, uint64_t va, bool write)
{
	prot_t given = PROT_R | needed(v->as, write);

	if ((v->prot & given) == given)
		return OK;
	return vma_protect_entries(v, ALIGN_DOWN(va, (uint64_t)PAGE_SIZE), PAGE_SIZE);
}

static err_t write_page(struct vma *v, uint64_t va, const char *p, size_t n)
{
	pfn_t pfn = PFN(0);
	err_t err = fault_in_anyway(v, va, true, &pfn);
	char *at;

	if (err != OK)
		return err;
	at = (char *)kmap(pfn) + (va & PAGE_MASK);
	memcpy(at, p, n);
	kunmap(at);
	return limit_entry(v, va, true);
}

err_t aspace_write(struct aspace *as, uint64_t va, const void *buf, uint64_t n)
{
	const char *p = buf;

	while (n) {
		uint64_t part = PAGE_SIZE - (va & PAGE_MASK) < n ? PAGE_SIZE - (va & PAGE_MASK) : n;
		struct vma *v = vma_find(as, va);
		err_t err = v ? write_page(v, va, p, (size_t)part) : ERR_NOT_FOUND;

		if (err != OK)
			return err;
		va += part;
		p += part;
		n -= part;
	}
	return OK;
}

/* The first fault may map the zero frame, as a read of the process does; the second one, a write, replaces it. */
err_t aspace_prepare_store(struct aspace *as, uint64_t va)
{
	struct vma *v = vma_find(as, va);
	struct pt_walk walk;

	for (unsigned i = 0; i < 3; i++) {
		bool there;
		pfn_t pfn;
		err_t err;

		pt_walk(&as->space, va, &walk, NULL, 0);
		there = walk.outcome == PT_LEAF;
		if (there && pfn_of(walk.pa).v != zero_frame.v)
			return OK;
		if (!v || (v->flags & VMA_GUARD))
			return there ? ERR_ACCESS : ERR_NOT_FOUND;
		err = fault_in_anyway(v, va, there, &pfn);
		if (err == OK)
			err = limit_entry(v, va, there);
		if (err != OK)
			return err;
	}
	return ERR_ACCESS;
}
