/* kernel/uaccess.c - the one way to user memory.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/uaccess.h"
#include "arch/context.h"
#include "arch/mmu.h"
#include "mm/space/aspace.h"
#include "mm/space/recording.h"
#include "mm/space/remote.h"
#include "mm/space/vma.h"

/* True if [va, va + n) is below USER_END; no sum, so nothing wraps. n may be 0. */
static bool is_user(uint64_t va, size_t n)
{
	return va < USER_END && n <= USER_END - va;
}

/* A closed page lacks the rights of user mode only: on some CPUs the kernel reads it without a fault, and the recorder would not
 * see that the process uses it. A page that cannot be opened is an error of the copy. */
static void open_closed_pages(uint64_t from, size_t n)
{
	uint64_t end = from + n;
	pfn_t pfn;

	for (uint64_t va = from; va < end; va = ALIGN_DOWN(va, (uint64_t)PAGE_SIZE) + PAGE_SIZE)
		if (aspace_fault_in(current_aspace, va, false, &pfn) != OK)
			return;
}

/* vma_may_read(): a page of a VMA without access must not be read even if the CPU would permit it
 * to the kernel. */
err_t copy_from_user(void *to, uint64_t from, size_t n)
{
	if (!is_user(from, n) || !vma_may_read(current_aspace, from, n))
		return ERR_RANGE;
	if (current_aspace->recorded == RECORDED_FAULTS)
		open_closed_pages(from, n);
	return arch_copy_from_user(to, from, n) == 0 ? OK : ERR_RANGE;
}

err_t copy_to_user(uint64_t to, const void *from, size_t n)
{
	return is_user(to, n) && arch_copy_to_user(to, from, n) == 0 ? OK : ERR_RANGE;
}

/* Byte by byte, because the string can end just before an unmapped page. */
err_t copy_string_from_user(char *to, uint64_t from, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		err_t err = copy_from_user(&to[i], from + i, 1);

		if (err != OK)
			return err;
		if (!to[i])
			return OK;
	}
	return ERR_INVALID;
}
