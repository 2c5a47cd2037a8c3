/* kernel/handle.c - handles: pointers to files and sections; bit 0 marks a section.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/handle.h"
#include "mm/space/vma.h"

#define HANDLES (sizeof(((struct proc *)0)->handle) / sizeof(void *))
#define SECTION 1u

static struct section *section_of(void *h)
{
	return (uintptr_t)h & SECTION ? (struct section *)((uintptr_t)h & ~(uintptr_t)SECTION) : NULL;
}

/* Stores a value in the first free handle; an object that has a handle keeps it. */
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
