/* tools/image/reader.h - what the readers of the kinds of file share; for tools/image/ only.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "tools/image/image.h"
#include <string.h>

/* A message that names no place in the file. */
#define NO_OFFSET UINT64_MAX

/* Prints "PATH: KIND: at offset X: ..." once and sets the status; always false. */
bool image_damaged(struct image *m, uint64_t offset, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* As above, for a good file of a kind that is not read. */
bool image_refused(struct image *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Another program can shorten a file that is mapped. An access beyond its new end, which raises SIGBUS, ends this program from now
 * on with a message and IMAGE_DAMAGED. */
void image_may_shrink(const struct image *m);
/* Appends a run. False: it is not in the file, its addresses wrap around, or there is no memory for it. */
bool image_add(struct image *m, uint64_t pa, uint64_t size, uint64_t offset);
/* Sorts the runs. Where two contain the same address the part of the later one is dropped. */
bool image_sort(struct image *m);
/* A new CPU without registers; NULL: there is no memory. */
struct image_cpu *image_add_cpu(struct image *m);
/* Sets a register, which the CPU has or gets. */
void image_put_register(struct image_cpu *cpu, const char *name, uint64_t value);

/* n bytes from `offset` on are in the file. */
static inline bool image_has(const struct image *m, uint64_t offset, uint64_t n)
{
	return offset <= m->size && m->size - offset >= n;
}

/* Little-endian numbers at an offset that image_has() accepted. */
static inline uint64_t get_number(const uint8_t *at, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = bytes; i-- > 0; )
		v = v << 8 | at[i];
	return v;
}
static inline uint16_t get16(const struct image *m, uint64_t offset) { return (uint16_t)get_number(m->map + offset, 2); }
static inline uint32_t get32(const struct image *m, uint64_t offset) { return (uint32_t)get_number(m->map + offset, 4); }
static inline uint64_t get64(const struct image *m, uint64_t offset) { return get_number(m->map + offset, 8); }

/* ELF notes: `at` is n bytes, the notes of a core. Fills the CPUs. False: it is not a machine's core, or damaged; a message was
 * printed. `offset`: of the notes in the file, for messages. */
bool image_notes(struct image *m, const uint8_t *at, uint64_t n, uint64_t offset);

/* One kind of file. */
struct image_kind {
	const char *magic;
	uint8_t bytes;                  /* of the magic */
	const char *what;               /* "an ELF core" */
	bool (*open)(struct image *m);  /* NULL: refused */
	const char *advice;             /* refused: what to do; NULL: nothing */
};

bool image_open_elf(struct image *m);
bool image_open_lime(struct image *m);
bool image_open_kdump(struct image *m);
bool image_open_flat(struct image *m);
bool image_open_vmware(struct image *m);
bool image_open_windows32(struct image *m);
bool image_open_windows64(struct image *m);
/* A raw file whose name ends in .vmem, with a snapshot beside it that has the runs. True with `*done` false: it is none. */
bool image_open_vmem(struct image *m, bool *done);
