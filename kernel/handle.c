/* kernel/handle.c - handles: pointers to files and sections; bit 0 marks a section.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/handle.h"
#include "mm/space/vma.h"

#define HANDLES (sizeof(((struct proc *)0)->handle) / sizeof(void *))
#define SECTION 1u

/* Returns the section of a tagged handle, NULL for a file or a free handle. Both objects are
 * allocated with an alignment of at least 2 bytes, so bit 0 of their addresses is free for the
 * tag. */
static struct section *section_of(void *h)
{
	return (uintptr_t)h & SECTION ? (struct section *)((uintptr_t)h & ~(uintptr_t)SECTION) : NULL;
}

/* Stores `value` in the first free slot. An object that already has a handle in a lower slot keeps
 * that one. Handles count from 1, because 0 means "no object" in mmap(). */
static err_t enter(struct proc *p, uintptr_t value, uint32_t *handle)
{
	for (uint32_t i = 0; i < HANDLES; i++)
		if (!p->handle[i] || p->handle[i] == (void *)value) {
			p->handle[i] = (void *)value;
			*handle = i + 1;
			return OK;
		}
	return ERR_NO_MEMORY;
}

err_t handle_file(struct proc *p, struct file *f, uint32_t *handle)
{
	return enter(p, (uintptr_t)f, handle);
}

/* One handle holds one reference. A section that has a handle already gives the caller's reference
 * back. */
err_t handle_section(struct proc *p, struct section *s, uint32_t *handle)
{
	for (uint32_t i = 0; i < HANDLES; i++)
		if (section_of(p->handle[i]) == s) {
			section_put(s);     /* has it already */
			*handle = i + 1;
			return OK;
		}
	return enter(p, (uintptr_t)s | SECTION, handle);
}

/* `handle` is the program's word and can have any value. No reference is taken: the caller's
 * vma_add() takes one. */
const struct backing *handle_backing(struct proc *p, uint64_t handle, void **object, uint64_t *size)
{
	void *h = handle > 0 && handle <= HANDLES ? p->handle[handle - 1] : NULL;

	if (!h)
		return NULL;
	if (section_of(h)) {
		*object = section_of(h);
		*size = section_of(h)->size;
		return &backing_section;
	}
	*object = h;
	*size = ((struct file *)h)->size;
	return &backing_file;
}

/* Files of the initrd are never freed and have no reference count; only sections need one. */
void handle_copy_all(struct proc *to, const struct proc *from)
{
	for (uint32_t i = 0; i < HANDLES; i++) {
		to->handle[i] = from->handle[i];
		if (section_of(to->handle[i]))
			section_get(section_of(to->handle[i]));
	}
}

void handle_close_all(struct proc *p)
{
	for (uint32_t i = 0; i < HANDLES; i++) {
		if (section_of(p->handle[i]))
			section_put(section_of(p->handle[i]));
		p->handle[i] = NULL;
	}
}
