/* mm/reclaim/compressed.h - page file 2: compressed pages in memory.
 * SPDX-License-Identifier: MIT
 *
 * Its slots are as those of a disk, and their entries say `PageFile: 2`. A page of one repeated word takes no space, one that LZ4
 * makes smaller takes what is left of it, any other is stored whole. The bytes stay until the slot has no reference: a page that
 * was read and is dropped again, unchanged, is read a second time.
 *
 * The space is a pool that is allocated at the start, so writing needs no memory. slots_take() asks compressed_room() first, so a
 * write never fails.
 */
#pragma once
#include "mm/reclaim/store.h"
#include "paging/soft.h"

#define COMPRESSED_FILE SOFT_FILE_COMPRESSED

/* Makes page file 2 with a pool of `bytes`. ERR_EXISTS; ERR_RANGE: less than two pages or more than a quarter of the free memory;
 * ERR_NO_MEMORY. */
MUST_USE err_t compressed_create(uint64_t bytes);
/* Pages that fit in any case, even if none can be compressed. */
unsigned compressed_room(void);
/* A transfer of slots of this file; done() is called before it returns. */
err_t compressed_submit(struct store_io *io);
/* The slot has no reference any more: its space is free. */
void compressed_free(uint32_t offset);

struct compressed_stats {
	uint64_t pool, used;        /* bytes */
	uint32_t pages, same, whole;    /* pages stored; of these with one repeated word, and stored without compression */
};
/* False: there is no page file 2. */
bool compressed_stats(struct compressed_stats *out);
/* Bytes that the slot's page takes; -1: it holds none. */
int compressed_bytes(uint32_t offset);
/* Compares records and pool. NULL, or a phrase for the first error; *where: an offset. */
const char *compressed_check(uint64_t *where);
/* For tests, which start again; no slot has references. */
void compressed_remove(void);
