/* mm/back_section.c - memory shared by name: the same frames in every address space that maps the section.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/string.h"
#include "mm/fault.h"
#include "mm/file.h"
#include "mm/heap.h"
#include "mm/pagecache.h"
#include "mm/rmap.h"

struct list sections = LIST_INIT(sections);

static uint64_t pages_of(const struct section *s)
{
	return s->size >> PAGE_SHIFT;
}

static struct section *find(const char *name)
{
	list_for_each(l, &sections) {
		struct section *s = container_of(l, struct section, link);

		if (!strcmp(s->name, name))
			return s;
	}
	return NULL;
}

static struct section *new_section(const char *name, uint64_t size)
{
	struct section *s = kzalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->size = ALIGN_UP(size, (uint64_t)PAGE_SIZE);
	s->page = pagecache_alloc(pages_of(s));
	if (!s->page) {
		kfree(s);
		return NULL;
	}
	str_copy(s->name, name, sizeof(s->name));
	list_insert(&sections, &s->link);
	return s;
}

#define SECTION_MAX ((uint64_t)64 << 20)

err_t section_open(const char *name, uint64_t size, struct section **out)
{
	struct section *s = find(name);

	if (!s && (size == 0 || size > SECTION_MAX))
		return ERR_INVALID;
	if (!s)
		s = new_section(name, size);
	if (!s)
		return ERR_NO_MEMORY;
	s->refs++;
	*out = s;
	return OK;
}

void section_get(struct section *s)
{
	s->refs++;
}

void section_put(struct section *s)
{
	ASSERT(s->refs > 0);
	if (--s->refs > 0)
		return;
	list_remove(&s->link);
	pagecache_free(s->page, pages_of(s));
	kfree(s);
}

static int fill(struct vma *vma, vaddr_t va, bool write, struct filling *out)
{
	struct section *s = vma->object;
	uint64_t index = (ALIGN_DOWN(va, PAGE_SIZE) - vma->first + vma->offset) >> PAGE_SHIFT;

	if (index >= pages_of(s))
		return FAULT_IO_ERROR;
	out->action = ACT_FILE_PAGE;
	out->writable = write;
	if (!pagecache_get(s->page, index, &out->pfn)) {
		if (frame_alloc(FRAME_ZERO, FRAME_ACTIVE, &out->pfn) != OK)
			return FAULT_NO_MEMORY;
		frame_at(out->pfn)->owner = owner_object(s);
		pagecache_set(s->page, index, out->pfn);
		out->action = ACT_DEMAND_ZERO;
	}
	frame_get(out->pfn);
	return FAULT_FIXED;
}

static void opened(struct vma *vma)
{
	section_get(vma->object);
}

static void closed(struct vma *vma)
{
	section_put(vma->object);
}

const struct backing backing_section = { .name = "section", .fill = fill, .open = opened, .close = closed };
