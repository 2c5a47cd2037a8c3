/* mm/backing/file.h - files as memory: bytes somewhere in RAM, shown page by page through a cache; and named sections.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/aspace.h"

struct file {
	struct list link;
	char name[64];
	paddr_t data;               /* of its first byte; not page aligned: pages are copied into the cache */
	uint64_t size;
	uint64_t mtime;             /* seconds since 1970, from the tar */
	uint32_t *page;             /* record index + 1 of each cached page, 0: not in memory; one reference each */
	uint64_t cached;            /* pages in memory */
	uint64_t reads;             /* pages brought in since boot */
};

/* The cached page with one more reference for the caller. ERR_NO_MEMORY, ERR_RANGE beyond the end, ERR_IO. */
MUST_USE err_t file_page(struct file *f, uint64_t index, pfn_t *out);
/* Reads bytes; what lies behind the end is not read: the number read. */
uint64_t file_read(struct file *f, uint64_t offset, void *buf, uint64_t n);
/* Lets go of cached pages that nobody maps: how many. */
uint64_t file_drop(struct file *f);

/* Memory shared by name; lives as long as somebody maps it or holds a handle. */
struct section {
	struct list link;
	char name[64];              /* "": unnamed */
	uint64_t size;
	uint32_t refs;              /* VMAs and handles */
	uint32_t writers;           /* shared VMAs with W */
	uint32_t executors;         /* VMAs with X */
	uint32_t *page;             /* as a file's */
};
/* The section of that name, made when there is none, with one more reference for the caller. ERR_INVALID: no name, or a size
 * that none can have; ERR_NO_MEMORY: also when there are too many. */
MUST_USE err_t section_open(const char *name, uint64_t size, struct section **out);
/* One that no name finds. The caller has the only reference. */
MUST_USE err_t section_unnamed(uint64_t size, struct section **out);
void section_get(struct section *s);
void section_put(struct section *s);
extern struct list sections;

/* object: struct file / struct section / unused (offset is the physical address). */
extern const struct backing backing_file, backing_section, backing_phys;
