/* kernel/initrd.c - the tar that the loader put into memory, as a list of files.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/initrd.h"
#include "kernel/main.h"
#include "kernel/tar.h"
#include "lib/string.h"
#include "mm/phys/heap.h"
#include "mm/phys/kmap.h"

/* All files, in the order of the archive. Files are never removed, so pointers to them stay valid. */
static struct list files = LIST_INIT(files);

/* Adds a file whose data stays in the module; pages are copied to the page cache when they are mapped. */
static err_t add_file(const struct tar_entry *e, paddr_t data)
{
	struct file *f = kzalloc(sizeof(*f));

	if (!f)
		return ERR_NO_MEMORY;
	str_copy(f->name, e->name, sizeof(f->name));
	f->data = data;
	f->size = e->bytes;
	f->mtime = e->mtime;
	list_insert(&files, &f->link);
	return OK;
}

/* Reads all headers, each into `header` (TAR_BLOCK bytes). Each is one block, followed by the data rounded up to whole blocks.
 * ERR_CORRUPT: the archive ends early or a header is bad; the files before that stay. The size is
 * compared with the rest of the module before it is rounded, so `at` cannot wrap. */
static err_t read_tar(paddr_t base, uint64_t len, unsigned char *header)
{
	struct tar_entry e;

	for (uint64_t at = 0; at + TAR_BLOCK <= len; at += TAR_BLOCK + ALIGN_UP(e.bytes, (uint64_t)TAR_BLOCK)) {
		err_t err = phys_read(paddr_add(base, at), header, TAR_BLOCK);

		if (err == OK)
			err = tar_read_header(header, &e);
		if (err == ERR_NOT_FOUND)
			return OK;
		if (err == OK && e.bytes > len - at - TAR_BLOCK)
			err = ERR_CORRUPT;
		if (err == OK && e.regular)
			err = add_file(&e, paddr_add(base, at + TAR_BLOCK));
		if (err != OK)
			return err;
	}
	return OK;
}

/* True if the module begins with a tar header. Modules are physical memory that the direct map may
 * not cover (i386), so they are read with phys_read(). `header` is the
 * caller's buffer of TAR_BLOCK bytes. */
static bool is_tar(const struct boot_module *m, unsigned char *header)
{
	return m->len >= TAR_BLOCK && phys_read(PADDR(m->base), header, TAR_BLOCK) == OK && tar_is_header(header);
}

err_t initrd_init(void)
{
	unsigned char *header = kmalloc(TAR_BLOCK);     /* too large for the stack */
	err_t err = header ? ERR_NOT_FOUND : ERR_NO_MEMORY;

	for (unsigned i = 0; err == ERR_NOT_FOUND && i < boot_info.module_count; i++)
		if (is_tar(&boot_info.module[i], header))
			err = read_tar(PADDR(boot_info.module[i].base), boot_info.module[i].len, header);
	kfree(header);
	return err;
}

struct file *initrd_find(const char *name)
{
	list_for_each(l, &files) {
		struct file *f = container_of(l, struct file, link);

		if (!strcmp(f->name, name))
			return f;
	}
	return NULL;
}

/* Called when no frame is left, so it must not allocate. Dropped pages are read again from the
 * module on the next access. */
uint64_t initrd_shrink(void)
{
	uint64_t dropped = 0;

	list_for_each(l, &files)
		if (container_of(l, struct file, link)->object.frames)
			dropped += file_drop(container_of(l, struct file, link));
	return dropped;
}

struct file *initrd_file(unsigned i)
{
	list_for_each(l, &files)
		if (i-- == 0)
			return container_of(l, struct file, link);
	return NULL;
}
