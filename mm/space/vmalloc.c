/* mm/space/vmalloc.c - kernel virtual ranges as VMAs of the kernel's address space, and kernel stacks.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/vmalloc.h"
#include "lib/string.h"
#include "mm/phys/heap.h"
#include "mm/space/fault.h"
#include "mm/space/rmap.h"
#include "mm/space/tlb.h"
#include "mm/space/zap.h"

/* One page on both sides of every range is not mapped: an access past the end faults and does not reach other memory. */
static err_t add_range(uint64_t bytes, prot_t prot, const char *name, struct vma **out)
{
	uint64_t len = ALIGN_UP(bytes, (uint64_t)PAGE_SIZE), first;
	err_t err;

	if (bytes == 0)
		return ERR_INVALID;
	if (len < bytes || len > (uint64_t)VMALLOC_END - VMALLOC_START)
		return ERR_NO_MEMORY;
	err = vma_find_hole(&kernel_aspace, VMALLOC_START, (uint64_t)VMALLOC_END - 1, len + (uint64_t)2 * PAGE_SIZE,
	                    &first);
	if (err == OK)
		err = vma_add(&kernel_aspace, first + PAGE_SIZE, len, prot | PROT_GLOBAL, 0, &backing_anon, NULL, 0, name, out);
	return err;
}

err_t vmalloc_demand(uint64_t bytes, const char *name, uint64_t *out)
{
	struct vma *v;
	err_t err = add_range(bytes, PROT_R | PROT_W, name, &v);

	if (err == OK)
		*out = v->first;
	return err;
}

err_t vmalloc_reserve(uint64_t bytes, const char *name, uint64_t *out)
{
	err_t err = vmalloc_demand(bytes, name, out);

	if (err == OK)
		vma_find(&kernel_aspace, *out)->flags |= VMA_GUARD;
	return err;
}

err_t vmalloc_release(uint64_t va)
{
	struct vma *v = va >= VMALLOC_START && va < VMALLOC_END ? vma_find(&kernel_aspace, va) : NULL;

	if (!v)
		return ERR_NOT_FOUND;
	vma_remove(v);
	return OK;
}

/* Maps one fresh frame at va. */
static err_t map_frame(uint64_t va, prot_t prot)
{
	pfn_t pfn;
	err_t err = frame_alloc(FRAME_ZERO, FRAME_KERNEL, &pfn);

	if (err != OK)
		return err;
	err = pt_map(&kernel_aspace.space, va, pfn_base(pfn), PAGE_SIZE, prot | PROT_ACCESSED | PROT_DIRTY, 0,
	             &(struct pt_change){ .why = "vmalloc" });
	if (err == OK)
		rmap_add(&kernel_aspace, PADDR(0), va, pfn);
	else
		frame_put(pfn);
	return err;
}

err_t vmalloc(uint64_t bytes, prot_t prot, const char *name, void **out)
{
	struct vma *v;
	err_t err = add_range(bytes, prot, name, &v);

	if (err != OK)
		return err;
	for (uint64_t va = v->first; va <= v->last; va += PAGE_SIZE) {
		err = map_frame(va, v->prot);
		if (err != OK) {
			vma_remove(v);
			return err;
		}
	}
	*out = (void *)(uintptr_t)v->first;
	return OK;
}

void vfree(void *p)
{
	err_t err = p ? vmalloc_release((uintptr_t)p) : OK;

	ASSERT(err == OK);
}

void *kvzalloc(uint64_t bytes, const char *name)
{
	void *p;

	if (bytes <= (uint64_t)HEAP_MAX)
		return kzalloc((size_t)bytes);
	/* vmalloc's frames are zeroed. */
	return vmalloc(bytes, PROT_R | PROT_W, name, &p) == OK ? p : NULL;
}

void kvfree(void *p)
{
	if ((uintptr_t)p >= VMALLOC_START && (uintptr_t)p <= VMALLOC_END - 1)
		vfree(p);
	else
		kfree(p);
}

/* ---- kernel stacks: slots of twice their size; the lower half of a slot is the guard area ---- */

#define SLOT_BYTES ((uint64_t)2 * KSTACK_BYTES)
#define SLOTS      ((unsigned)((KSTACK_END - KSTACK_START) / SLOT_BYTES))
#define MAX_SLOTS  1024

/* A few stacks stay mapped after the exit of their process: the next process reuses them. */
#define IDLE_STACKS 2

static bool taken[MAX_SLOTS];       /* in use, or idle */
static unsigned lowest_free;
static uint64_t idle[IDLE_STACKS];  /* where they begin */
static unsigned idle_count;

static uint64_t stack_first(unsigned slot)
{
	return KSTACK_START + (uint64_t)slot * SLOT_BYTES + KSTACK_BYTES;
}

static void *top_of(uint64_t first)
{
	return (void *)(uintptr_t)(first + KSTACK_BYTES);
}

static void unmap_stack(uint64_t first)
{
	vma_zap(&kernel_aspace, first, KSTACK_BYTES);
}

void *kstack_alloc(void)
{
	unsigned slot = lowest_free;
	uint64_t first;

	if (idle_count > 0)
		return top_of(idle[--idle_count]);
	while (slot < SLOTS && slot < MAX_SLOTS && taken[slot])
		slot++;
	if (slot == SLOTS || slot == MAX_SLOTS)
		return NULL;
	first = stack_first(slot);
	for (uint64_t va = first; va < first + KSTACK_BYTES; va += PAGE_SIZE)
		if (map_frame(va, PROT_R | PROT_W | PROT_GLOBAL) != OK) {
			unmap_stack(first);
			return NULL;
		}
	taken[slot] = true;
	lowest_free = slot + 1;
	return top_of(first);
}

static void give_back(uint64_t first)
{
	unsigned slot = (unsigned)((first - KSTACK_START) / SLOT_BYTES);

	unmap_stack(first);
	taken[slot] = false;
	if (slot < lowest_free)
		lowest_free = slot;
}

void kstack_free(void *top)
{
	uint64_t first = (uintptr_t)top - KSTACK_BYTES;
	unsigned slot = (unsigned)((first - KSTACK_START) / SLOT_BYTES);

	ASSERT(first >= KSTACK_START && slot < MAX_SLOTS && taken[slot] && first == stack_first(slot));
	for (unsigned i = 0; i < idle_count; i++)
		ASSERT(idle[i] != first);
	if (idle_count < IDLE_STACKS)
		idle[idle_count++] = first;
	else
		give_back(first);
}

unsigned kstack_shrink(void)
{
	unsigned stacks = idle_count;

	while (idle_count > 0)
		give_back(idle[--idle_count]);
	return stacks * (unsigned)(KSTACK_BYTES / PAGE_SIZE);
}

void *kstack_top(uint64_t va)
{
	if (va < KSTACK_START || va >= KSTACK_END)
		return NULL;
	return (void *)(uintptr_t)(KSTACK_START + ((va - KSTACK_START) / SLOT_BYTES + 1) * SLOT_BYTES);
}

bool kstack_is_guard(uint64_t va)
{
	return va >= KSTACK_START && va < KSTACK_END && (va - KSTACK_START) % SLOT_BYTES < KSTACK_BYTES;
}
