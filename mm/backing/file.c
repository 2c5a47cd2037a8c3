/* mm/backing/file.c - backing by a file: shared frames of the page cache, a copy for a private write.
 * SPDX-License-Identifier: MIT
 */
#include "lib/string.h"
#include "mm/backing/file.h"
#include "mm/backing/pagecache.h"
#include "mm/phys/kmap.h"
#include "mm/space/cow.h"
#include "mm/space/fault.h"
#include "mm/space/rmap.h"

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

err_t file_page(struct file *f, uint64_t index, pfn_t *out)
{
	err_t err;

	if (index >= pages_of(f))
		return ERR_RANGE;
	if (!f->page && !(f->page = pagecache_alloc(pages_of(f))))
		return ERR_NO_MEMORY;
	if (!pagecache_get(f->page, index, out)) {
		err = read_page(f, index, out);
		if (err != OK)
			return err;
		frame_at(*out)->owner = owner_object(f);
		pagecache_set(f->page, index, *out);
		f->cached++;
	}
	frame_get(*out);
	return OK;
}

uint64_t file_drop(struct file *f)
{
	uint64_t dropped = 0;
	pfn_t pfn;

	for (uint64_t i = 0; f->page && i < pages_of(f); i++) {
		if (!pagecache_get(f->page, i, &pfn) || frame_at(pfn)->refs > 1)
			continue;
		f->page[i] = 0;
		frame_at(pfn)->owner = 0;
		frame_put(pfn);
		dropped++;
	}
	f->cached -= dropped;
	return dropped;
}

static enum fault_result fill(struct vma *vma, vaddr_t va, bool write, struct filling *out)
{
	uint64_t index = (ALIGN_DOWN(va, PAGE_SIZE) - vma->first + vma->offset) >> PAGE_SHIFT;
	err_t err = file_page(vma->object, index, &out->pfn);
	pfn_t page = out->pfn;

	out->action = ACT_FILE_PAGE;
	out->writable = write;
	if (err == OK && write) {
		/* Written before it was read: the copy at once. */
		err = cow_copy(page, ACT_COPY, &out->pfn);
		frame_put(page);
		out->action = ACT_COPY;
	}
	if (err == OK)
		return FAULT_FIXED;
	return err == ERR_NO_MEMORY ? FAULT_NO_MEMORY : FAULT_IO_ERROR;
}

const struct backing backing_file = { .name = "file", .fill = fill, .read_only = true };
