/* mm/backing/file.h - files of the initrd as memory, through a page cache; and shared memory sections.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/object.h"

struct file {
	struct object object;       /* the page cache; initialised when a page is first needed */
	struct list link;
	char name[64];
	paddr_t data;               /* of its first byte; not page aligned: pages are copied into the cache */
	uint64_t size;
	uint64_t mtime;             /* seconds since 1970, from the tar */
	uint64_t reads;             /* pages brought in since boot */
};

/* The cached page with one more reference for the caller. ERR_NO_MEMORY, ERR_RANGE beyond the end, ERR_IO. */
MUST_USE err_t file_page(struct file *f, uint64_t index, pfn_t *out);
/* Reads bytes up to the end of the file. Returns the number of bytes read. */
uint64_t file_read(struct file *f, uint64_t offset, void *buf, uint64_t n);
/* Frees the cached pages that no entry maps and no list of page-out contains. Returns their number. */
uint64_t file_drop(struct file *f);

/* Memory shared by name; freed with its last VMA and handle. */
struct section {
	struct object object;
	struct list link;
	char name[64];              /* "": unnamed */
	uint64_t size;
	uint32_t refs;              /* VMAs and handles */
	uint32_t writers;           /* shared VMAs with W */
	uint32_t executors;         /* VMAs with X */
};
/* The section of that name, made when there is none, with one more reference for the caller. ERR_INVALID: no name, or a size
 * that none can have; ERR_NO_MEMORY: also when there are too many. */
MUST_USE err_t section_open(const char *name, uint64_t size, struct section **out);
/* A section without a name. The caller has the only reference. */
MUST_USE err_t section_unnamed(uint64_t size, struct section **out);
void section_get(struct section *s);
void section_put(struct section *s);
extern struct list sections;

/* object: struct file / struct section / unused (offset is the physical address). */
extern const struct backing backing_file, backing_section, backing_phys;
