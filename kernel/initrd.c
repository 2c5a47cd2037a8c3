/* kernel/initrd.c - the tar that the loader put into memory, as a list of files.
 * SPDX-License-Identifier: MIT
 *
 * POSIX.1-1988 ustar: a 512-byte header of octal texts, then the bytes, rounded up to 512.
 */
#include "kernel/initrd.h"
#include "kernel/kernel.h"
#include "kernel/string.h"
#include "mm/heap.h"
#include "mm/kmap.h"

#define BLOCK 512
#define NAME_AT 0
#define NAME_BYTES 100
#define SIZE_AT 124
#define MTIME_AT 136
#define OCTAL_DIGITS 11
#define TYPE_AT 156
#define MAGIC_AT 257

static struct list files = LIST_INIT(files);

static uint64_t octal(const char *s)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < OCTAL_DIGITS && s[i] >= '0' && s[i] <= '7'; i++)
		v = v << 3 | (uint64_t)(s[i] - '0');
	return v;
}

static err_t add_file(const char *header, paddr_t data, uint64_t size)
{
	const char *name = header + NAME_AT;
	struct file *f;

	if (str_starts(name, "./"))
		name += 2;
	/* Regular files only: '0' or, in old archives, NUL. */
	if ((header[TYPE_AT] != '0' && header[TYPE_AT] != 0) || !*name)
		return OK;
	f = kzalloc(sizeof(*f));
	if (!f)
		return ERR_NO_MEMORY;
	str_copy(f->name, name, sizeof(f->name));
	f->data = data;
	f->size = size;
	f->mtime = octal(header + MTIME_AT);
	list_insert(&files, &f->link);
	return OK;
}

static err_t read_tar(paddr_t base, uint64_t len)
{
	static char header[BLOCK];

	for (uint64_t at = 0; at + BLOCK <= len; ) {
		uint64_t size;
		err_t err = phys_read(paddr_add(base, at), header, BLOCK);

		if (err != OK)
			return err;
		if (!header[0])
			return OK;
		header[NAME_AT + NAME_BYTES - 1] = 0;
		size = octal(header + SIZE_AT);
		if (!str_starts(header + MAGIC_AT, "ustar") || size > len - at - BLOCK)
			return ERR_CORRUPT;
		err = add_file(header, paddr_add(base, at + BLOCK), size);
		if (err != OK)
			return err;
		at += BLOCK + ALIGN_UP(size, (uint64_t)BLOCK);
	}
	return OK;
}

static bool is_tar(const struct boot_module *m)
{
	char magic[6] = "";

	return m->len >= BLOCK && phys_read(PADDR(m->base + MAGIC_AT), magic, 5) == OK && !strcmp(magic, "ustar");
}

err_t initrd_init(void)
{
	for (unsigned i = 0; i < boot_info.module_count; i++)
		if (is_tar(&boot_info.module[i]))
			return read_tar(PADDR(boot_info.module[i].base), boot_info.module[i].len);
	return ERR_NOT_FOUND;
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

struct file *initrd_file(unsigned i)
{
	list_for_each(l, &files)
		if (i-- == 0)
			return container_of(l, struct file, link);
	return NULL;
}
