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

err_t aspace_fault_in(struct aspace *as, uint64_t va, bool write, pfn_t *pfn)
{
	/* Filled, and perhaps copied then: a page needs two faults at most. */
	for (unsigned i = 0; i < 3; i++) {
		struct vm_fault f;
		struct pt_walk walk;
		enum fault_result result;

		pt_walk(&as->space, va, &walk, NULL, 0);
		if (walk.outcome == PT_LEAF && (walk.prot & PROT_U) && (!write || (walk.prot & PROT_W))) {
			*pfn = pfn_of(walk.pa);
			return OK;
		}
		f.fault = (struct fault){
			.va = va, .access = write ? ACCESS_WRITE : ACCESS_READ, .from_user = true,
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

static err_t write_page(struct aspace *as, struct vma *v, uint64_t va, const char *p, size_t n)
{
	prot_t prot = v->prot;
	pfn_t pfn = PFN(0);
	err_t err;
	char *at;

	/* The object's own frames, which no mapping writes. */
	if (!(v->most & PROT_W))
		return ERR_ACCESS;
	vma_set_prot(v, prot | PROT_R | PROT_W | PROT_U);
	err = aspace_fault_in(as, va, true, &pfn);
	vma_set_prot(v, prot);
	if (err != OK)
		return err;
	at = (char *)kmap(pfn) + (va & PAGE_MASK);
	memcpy(at, p, n);
	kunmap(at);
	return prot & PROT_W ? OK : vma_protect_entries(v, ALIGN_DOWN(va, (uint64_t)PAGE_SIZE), PAGE_SIZE);
}

err_t aspace_write(struct aspace *as, uint64_t va, const void *buf, uint64_t n)
{
	const char *p = buf;

	while (n) {
		uint64_t part = PAGE_SIZE - (va & PAGE_MASK) < n ? PAGE_SIZE - (va & PAGE_MASK) : n;
		struct vma *v = vma_find(as, va);
		err_t err = v ? write_page(as, v, va, p, (size_t)part) : ERR_NOT_FOUND;

		if (err != OK)
			return err;
		va += part;
		p += part;
		n -= part;
	}
	return OK;
}
