/* tools/image/image.h - struct image: a file with physical memory, and what it says of the machine.
 * SPDX-License-Identifier: MIT
 *
 * The file is mapped and nothing of it is copied. A reader (reader.h) of the file's kind fills the runs, or a function that
 * reads. Every reader bounds what it takes from the file: a damaged file gives one message, which names the place.
 */
#pragma once
#include "lib/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The exit status that belongs to an image that could not be opened. */
enum image_status { IMAGE_GOOD, IMAGE_REFUSED = 2, IMAGE_DAMAGED = 3 };

/* `size` bytes of physical memory from `pa` on stand in the file from `offset` on. */
struct image_run { uint64_t pa, size, offset; };

struct image_register { char name[16]; uint64_t value; };

/* One CPU, as the file describes it. */
struct image_cpu { unsigned count; struct image_register reg[20]; };

struct image {
	const char *path, *kind;        /* "an ELF core" */
	enum image_status status;
	const uint8_t *map;             /* the file, `size` bytes */
	uint64_t size;
	int fd;                         /* to ask for holes; -1: none */
	uint64_t hole;                  /* the file has data up to here, from the last answer on */
	uint64_t data;                  /* that answer */
	struct image_run *run;          /* ascending, disjoint */
	size_t runs, room;
	size_t last;                    /* the run of the previous read */
	struct image_cpu *cpu;
	unsigned cpus;
	char format[8];                 /* the paging format that the file names; "": none */
	/* Reads n bytes of one page; NULL: the runs are plain bytes of the file. */
	err_t (*read)(struct image *m, uint64_t pa, void *buf, size_t n);
	void (*begin)(struct image *m); /* a command begins: what was read before may have changed; NULL: it cannot */
	void (*close)(struct image *m); /* frees `own`; NULL: there is none */
	void *own;                      /* of the reader */
};

/* What the command line says of a raw image; all zero: the file's first byte is address 0. */
struct image_layout {
	struct image_run *run;          /* --runs; NULL: none */
	size_t runs;
	uint64_t hole;                  /* --hole: RAM above it begins at 4 GiB; 0: no hole */
	uint64_t base;                  /* base=: physical address of the first byte */
};

/* Opens the file. NULL: a message was printed, and *status is the exit status. */
struct image *image_open(const char *path, enum image_status *status);
void image_close(struct image *m);
/* Gives a raw image its runs. False: the image is not raw, or the runs are not in it; a message was printed. */
bool image_set_layout(struct image *m, const struct image_layout *layout);
bool image_is_raw(const struct image *m);
/* All or nothing: ERR_IO where there is no memory, ERR_CORRUPT where the file is damaged (m->status is set then). */
err_t image_read(struct image *m, uint64_t pa, void *buf, size_t n);
/* The run that contains `pa`; NULL: none. */
const struct image_run *image_run_at(struct image *m, uint64_t pa);
/* The run that contains the byte of the file. */
const struct image_run *image_run_of_offset(const struct image *m, uint64_t offset);
/* The value of a register; false: the file does not have it. */
bool image_register(const struct image_cpu *cpu, const char *name, uint64_t *value);
/* The first offset from `offset` on that is not in a hole of the file; the file's size: there is none. */
uint64_t image_next_data(struct image *m, uint64_t offset);
/* The largest range of addresses [*first, *first + *size) whose bytes are at *bytes; both are multiples of 64 KiB, the size of
 * the largest table. *size 0: there is none. */
void image_linear(const struct image *m, const uint8_t **bytes, uint64_t *first, uint64_t *size);
