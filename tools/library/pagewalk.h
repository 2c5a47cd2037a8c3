/* tools/library/pagewalk.h - libpagewalk: walks the page tables of memory images and machines, in every format of pagewalk.
 * SPDX-License-Identifier: MIT
 *
 * A program opens an image or describes a machine, gives settings and registers, and asks:
 *
 *     struct pagewalk *p = pagewalk_open("vm.elf");
 *     struct pagewalk_walk w;
 *
 *     if (p && pagewalk_set(p, "root=1000") == PAGEWALK_OK && pagewalk_walk(p, 0xffffffff81000000, &w) == PAGEWALK_OK)
 *             printf("%llx\n", (unsigned long long)w.pa);
 *     pagewalk_close(p);
 *
 * Addresses and sizes are in bytes. Little-endian hosts only. The library has one state for messages: calls from several threads
 * need a lock of the caller's.
 */
#ifndef PAGEWALK_H
#define PAGEWALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PAGEWALK_VERSION 1       /* of this interface; pagewalk_version() is that of the library */

/* Results, with the numbers of pagewalk's exit status. pagewalk_message() has the reason of all but the first two. */
enum pagewalk_status {
	PAGEWALK_OK,
	PAGEWALK_NO_TRANSLATION,     /* the tables do not translate the address, or a table is not in the memory */
	PAGEWALK_WRONG_USE,          /* a setting or a command that does not exist, settings that contradict each other */
	PAGEWALK_DAMAGED,            /* the image is damaged, or the machine does not answer */
};

/* One image or one machine. */
struct pagewalk;

/* Copies n bytes of physical memory from `pa` on, all in one page of 4 KiB, to `to`. False: there is no memory. */
typedef bool (*pagewalk_read_fn)(void *ctx, uint64_t pa, void *to, size_t n);

/* ---- open ---- */

unsigned pagewalk_version(void);
/* Opens a file of a kind that pagewalk reads (raw, ELF core, LiME, kdump, ...); the path is copied. NULL: it cannot be opened;
 * pagewalk_message(NULL) says why. The caller closes the result. */
struct pagewalk *pagewalk_open(const char *path);
/* A machine whose memory `read` has. `ctx` is the argument of `read` and belongs to the caller until pagewalk_close(). NULL: no
 * memory. */
struct pagewalk *pagewalk_open_memory(pagewalk_read_fn read, void *ctx);
/* Frees everything that belongs to p, which can be NULL. */
void pagewalk_close(struct pagewalk *p);

/* ---- describe: before the first question ---- */

/* True if a register of this name decides how addresses are translated: "cr3", "TTBR0_EL1", "satp". */
bool pagewalk_is_register(const char *name);
/* A register of the machine, by the name that a debugger has for it. Other names have no effect. */
void pagewalk_register(struct pagewalk *p, const char *name, uint64_t value);
/* A setting of pagewalk's command line, "NAME=VALUE", which replaces what registers say: "format=pae", "root=1000". */
enum pagewalk_status pagewalk_set(struct pagewalk *p, const char *setting);
/* The name of the format that settings and registers say; NULL: they say none, or contradict each other, and pagewalk_message()
 * says so. The text is constant. */
const char *pagewalk_format(struct pagewalk *p);
/* True if the registers say that paging is off: a virtual address is a physical one. */
bool pagewalk_off(struct pagewalk *p);

/* ---- walk ---- */

#define PAGEWALK_STEPS 8         /* more than a walk of any format has */

/* What an entry is. */
enum pagewalk_kind {
	PAGEWALK_EMPTY,              /* zero */
	PAGEWALK_SOFTWARE,           /* not present, not zero */
	PAGEWALK_TABLE,
	PAGEWALK_LEAF,
	PAGEWALK_BAD,                /* present, with a reserved bit, or a type that the level does not have */
};

/* Effective rights: those of all levels. PAGEWALK_EXECUTE is the right of user mode if user mode can access the page, else that
 * of the kernel. What the CPU adds (SMEP, SMAP, CR0.WP) is not counted; the command `predict` does. */
enum { PAGEWALK_READ = 1, PAGEWALK_WRITE = 2, PAGEWALK_EXECUTE = 4, PAGEWALK_USER = 8 };

struct pagewalk_step {
	uint64_t entry_pa;           /* where the entry is */
	uint64_t entry;
	const char *name;            /* of the level, in the manual's words: "PDPTE"; constant */
	uint32_t index;              /* in its table */
	uint8_t level;               /* 0: the lowest */
	uint8_t kind;                /* enum pagewalk_kind */
};

struct pagewalk_walk {
	uint64_t va;
	uint64_t pa;                 /* of va */
	uint64_t page;               /* first address of its page, and the bytes of the page */
	uint64_t size;
	uint32_t rights;
	uint32_t steps;
	struct pagewalk_step step[PAGEWALK_STEPS];   /* from the root down */
};

/* Translates va. PAGEWALK_NO_TRANSLATION: the steps up to the entry that ends the walk are filled, the other fields are 0; no
 * steps: va is not an address of the format. While paging is off, pa is va and there are no steps. */
enum pagewalk_status pagewalk_walk(struct pagewalk *p, uint64_t va, struct pagewalk_walk *walk);

/* One page, as large as its entry maps. */
struct pagewalk_page { uint64_t va, pa, size; uint32_t rights; };
/* False: no more pages are wanted. */
typedef bool (*pagewalk_page_fn)(void *ctx, const struct pagewalk_page *page);

/* Calls fn for every page of [first, last], in ascending order. The pages of a table that was visited before with the same rights
 * above it are not repeated, so that tables that contain themselves have an end. PAGEWALK_NO_TRANSLATION: tables could not be
 * read, or not be remembered, and were left out. */
enum pagewalk_status pagewalk_dump(struct pagewalk *p, uint64_t first, uint64_t last, pagewalk_page_fn fn, void *ctx);

/* ---- commands ---- */

/* Takes a piece of text, of n bytes, without a zero at the end. */
typedef void (*pagewalk_text_fn)(void *ctx, const char *text, size_t n);
/* Runs a command line of pagewalk, "pte c0001000", or several commands with ; between them, and hands over what they print.
 * `put` NULL: it is not wanted. */
enum pagewalk_status pagewalk_command(struct pagewalk *p, const char *line, pagewalk_text_fn put, void *ctx);
/* The reason of the last call with a result other than PAGEWALK_OK, on one or several lines; "" if there is none. It stays until
 * the next call for p. p NULL: that of pagewalk_open(). */
const char *pagewalk_message(const struct pagewalk *p);

#ifdef __cplusplus
}
#endif
#endif
