/* mm/backing/section.c - memory shared by name: the same frames in every address space that maps the section.
 * SPDX-License-Identifier: MIT
 */
#include "lib/string.h"
#include "mm/backing/file.h"
#include "mm/phys/heap.h"
#include "mm/space/cow.h"
#include "mm/space/pageout.h"

struct list sections = LIST_INIT(sections);

static struct section *section_of(const struct vma *v)
{
	return container_of(v->object, struct section, object);
}

static struct section *find(const char *name)
{
	list_for_each(l, &sections) {
		struct section *s = container_of(l, struct section, link);

		/* A section without a name cannot be found: it belongs to the VMAs that map it. */
		if (s->name[0] && !strcmp(s->name, name))
			return s;
	}
	return NULL;
}

/* Limit, because each section can occupy a vmalloc range, which the kernel needs as well. */
#define SECTIONS_MAX 512
#define SECTION_MAX  ((uint64_t)64 << 20)
static unsigned section_count;

static struct section *new_section(const char *name, uint64_t size)
{
	struct section *s = section_count < SECTIONS_MAX ? kzalloc(sizeof(*s)) : NULL;

	if (!s)
		return NULL;
	s->size = ALIGN_UP(size, (uint64_t)PAGE_SIZE);
	if (object_init(&s->object, s->size >> PAGE_SHIFT, false) != OK) {
		kfree(s);
		return NULL;
	}
	str_copy(s->name, name, sizeof(s->name));
	list_insert(&sections, &s->link);
	section_count++;
	s->refs = 1;
	return s;
}

static err_t make(const char *name, uint64_t size, struct section **out)
{
	if (size == 0 || size > SECTION_MAX)
		return ERR_INVALID;
	*out = new_section(name, size);
	return *out ? OK : ERR_NO_MEMORY;
}

err_t section_open(const char *name, uint64_t size, struct section **out)
{
	struct section *s = find(name);

	if (!name[0])
		return ERR_INVALID;
	if (!s)
		return make(name, size, out);
	s->refs++;
	*out = s;
	return OK;
}

err_t section_unnamed(uint64_t size, struct section **out)
{
	return make("", size, out);
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
	section_count--;
	object_free(&s->object);
	kfree(s);
}

/* The section's own page, with one more reference. */
static err_t own_page(struct section *s, uint32_t index, struct aspace *as, struct filling *out)
{
	err_t err = index < s->object.pages ? object_get(&s->object, index, as, out) : ERR_RANGE;

	if (err != ERR_NOT_FOUND)
		return err;
	err = frame_alloc(FRAME_ZERO, FRAME_ACTIVE, &out->pfn);
	if (err != OK)
		return err;
	object_enter(&s->object, index, out->pfn);
	frame_get(out->pfn);
	out->action = ACT_DEMAND_ZERO;
	return OK;
}

static enum fault_result fill(struct vma *vma, vaddr_t va, bool write, struct filling *out)
{
	struct frame *page;
	err_t err;

	out->action = ACT_FILE_PAGE;
	out->writable = write;
	err = own_page(section_of(vma), object_index(vma, va), vma->as, out);
	if (err != OK || !write)
		return object_result(err);
	page = frame_at(out->pfn);
	if (!(vma->flags & VMA_SHARED)) {
		/* A private write before any read: copy at once. */
		out->action = ACT_COPY;
		err = cow_copy(out->pfn, ACT_COPY, &out->pfn);
		frame_put(frame_pfn(page));
	} else if (frame_slot(page)) {
		pageout->written(page);
	}
	return object_result(err);
}

/* ---- counts of VMAs that write or execute the section's frames ---- */

/* A private range executes the section's frames but writes only copies of them. */
static bool writes(const struct vma *v, prot_t prot) { return (v->flags & VMA_SHARED) && (prot & PROT_W); }

static void count_rights(const struct vma *v, int by)
{
	struct section *s = section_of(v);

	if (writes(v, v->prot))
		s->writers += (uint32_t)by;
	if (v->prot & PROT_X)
		s->executors += (uint32_t)by;
}

static bool conflicts(const struct vma *v, prot_t prot)
{
	const struct section *s = section_of(v);

	return (writes(v, prot) && s->executors) || ((prot & PROT_X) && s->writers);
}

static void opened(struct vma *vma)
{
	section_get(section_of(vma));
	count_rights(vma, 1);
}

static void closed(struct vma *vma)
{
	count_rights(vma, -1);
	section_put(section_of(vma));
}

const struct backing backing_section = {
	.name = "section", .fill = fill, .open = opened, .close = closed, .conflicts = conflicts, .count_rights = count_rights,
};
