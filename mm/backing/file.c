/* mm/backing/file.c - backing by a file: shared frames of the page cache, a copy for a private write.
 * SPDX-License-Identifier: MIT
 */
#include "lib/string.h"
#include "mm/backing/file.h"
#include "mm/phys/kmap.h"
#include "mm/space/cow.h"

static struct file *file_of(const struct vma *v)
{
	return container_of(v->object, struct file, object);
}

static uint64_t pages_of(const struct file *f)
{
	return ALIGN_UP(f->size, (uint64_t)PAGE_SIZE) >> PAGE_SHIFT;
}

uint64_t file_read(struct file *f, uint64_t offset, void *buf, uint64_t n)
{
	if (offset >= f->size)
		return 0;
	n = n < f->size - offset ? n : f->size - offset;
	return phys_read(paddr_add(f->data, offset), buf, (size_t)n) == OK ? n : 0;
}

/* Allocates a frame with the page's bytes, zero after the end of the file. */
static err_t read_page(struct file *f, uint64_t index, pfn_t *out)
{
	uint64_t offset = index << PAGE_SHIFT, n = f->size - offset < PAGE_SIZE ? f->size - offset : PAGE_SIZE;
	err_t err = frame_alloc(n < PAGE_SIZE ? FRAME_ZERO : FRAME_ANY, FRAME_ACTIVE, out);
	void *at;

	if (err != OK)
		return err;
	at = kmap(*out);
	if (file_read(f, offset, at, n) != n)
		err = ERR_IO;
	kunmap(at);
	if (err != OK)
		frame_put(*out);
	f->reads += err == OK;
	return err;
}

/* Brings in a page that is in the file only. Without a page cache, makes that first. */
static __attribute__((noinline)) err_t new_page(struct file *f, uint32_t index, struct filling *out)
{
	err_t err = f->object.table ? OK : object_init(&f->object, pages_of(f), true);

	if (err == OK)
		err = index < f->object.pages ? read_page(f, index, &out->pfn) : ERR_RANGE;
	if (err != OK)
		return err;
	object_enter(&f->object, index, out->pfn);
	frame_get(out->pfn);
	return OK;
}

/* A clean page: after its frame is dropped the prototype entry is empty, and it is read again. */
static inline err_t get_page(struct file *f, uint32_t index, struct filling *out)
{
	err_t err = index < f->object.pages ? object_get(&f->object, index, NULL, out) : ERR_NOT_FOUND;

	if (err == OK)
		return OK;
	return err == ERR_NOT_FOUND ? new_page(f, index, out) : err;
}

err_t file_page(struct file *f, uint64_t index, pfn_t *out)
{
	struct filling in = { .action = ACT_FILE_PAGE };
	err_t err = index <= UINT32_MAX ? get_page(f, (uint32_t)index, &in) : ERR_RANGE;

	*out = in.pfn;
	return err;
}

uint64_t file_drop(struct file *f)
{
	return f->object.table ? object_drop(&f->object) : 0;
}

static enum fault_result fill(struct vma *vma, vaddr_t va, bool write, struct filling *out)
{
	err_t err;

	out->action = ACT_FILE_PAGE;
	out->writable = write;
	err = get_page(file_of(vma), object_index(vma, va), out);
	if (err == OK && !write)
		return FAULT_FIXED;
	if (err == OK) {
		pfn_t page = out->pfn;

		/* Written before it was read: the copy at once. */
		err = cow_copy(page, ACT_COPY, &out->pfn);
		frame_put(page);
		out->action = ACT_COPY;
	}
	return object_result(err);
}

const struct backing backing_file = { .name = "file", .fill = fill, .read_only = true };
