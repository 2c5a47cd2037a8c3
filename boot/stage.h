/* boot/stage.h - what every boot stage is made of: console, first tables, their check, the story.
 * SPDX-License-Identifier: MIT
 *
 * A stage runs untranslated, linked at its physical address; it has no heap and no interrupts. An architecture adds
 * (boot/<family>/): entry, loader's parser, what is mapped and why, what the preflight asks for, and the switch itself.
 */
#pragma once
#include "boot/boot_info.h"
#include "lib/out.h"
#include "paging/walk.h"

/* ---- the architecture's (boot/<family>/) ---- */

/* To the console, polled; returns though nothing is there. */
void boot_put_byte(char c);
_Noreturn void boot_halt(void);
/* The values of paging=, one blank between two. */
extern const char boot_format_names[];
/* The four control words of struct boot_step. */
void boot_control_words(const struct boot_info *info, uint64_t ctl[4]);

/* ---- stage.c ---- */

extern struct out boot_out;              /* the console */
#define boot_print(...) out_printf(&boot_out, __VA_ARGS__)
/* "boot: ..." on the console, the record marked as ended on purpose, then halt for ever. */
_Noreturn void boot_stop(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The stage in which the previous boot died, if it did. */
void boot_note_last(struct boot_info *info);
/* identity=keep and preflight=off as flags. Each word that is unknown or has no such value is named on the console. */
void boot_read_options(struct boot_info *info);

/* C and assembly note each stage as it is reached. Before and after the switch these have the same address, for they are
 * identity-mapped. */
void story_begin(struct boot_info *info);
void story_note(uint32_t stage);

/* ---- the stage's own parts, by boot/<family>/boot.ld and entry.S ---- */

extern const char boot_start[], boot_text_end[], boot_end[];
extern char boot_stack_bottom[], boot_stack_top[];

/* ---- tables.c: the first tables, by the walker's boot copy ---- */

struct boot_tables {
	struct pt_mode mode;
	struct pt_env env;
	struct pt_space space;          /* describes them afterwards */
	uint32_t pool_next, pool_end;   /* physical */
};
/* Tables come from [pool, pool + bytes), which is zero. */
void boot_tables_begin(struct boot_tables *t, const struct pt_mode *mode, uint64_t pool, uint64_t bytes);
/* Maps, with accessed and dirty set, in pages of at most one level above the smallest; stops the boot if it cannot. */
void boot_map(struct boot_tables *t, uint64_t va, uint64_t pa, uint64_t len, prot_t prot);
/* The identity map, the direct map and the image at the addresses it is linked for: physical memory from lowest up to
 * top. W^X holds for each frame, under all of its names. */
void boot_map_image(struct boot_tables *t, const struct image_header *h, uint64_t lowest, uint64_t top);
/* What the kernel is to know of them. */
void boot_tables_done(const struct boot_tables *t, const struct image_header *h, uint64_t mapped, struct boot_info *info);

/* ---- preflight.c: asks the new tables, before the CPU does, what the next instructions will need ---- */

struct boot_need { const char *what; uint64_t va; prot_t rights; };
/* Notes STAGE_PREFLIGHT, or prints each access that would fault and stops. Does not look with preflight=off. */
void boot_preflight(const struct boot_tables *t, const struct boot_need *needs, size_t n, const struct boot_info *info);

/* ---- seed.c: break=NAME on the command line puts one mistake into the tables, so that the preflight can be tried ---- */

#define BOOT_MISTAKES "jump stack console descriptors reserved root"
/* In small pages; 0: there is no such place. */
struct boot_places { uint64_t jump, stack, console, descriptors; };
void boot_seed_mistake(struct boot_tables *t, const struct boot_places *places, struct boot_info *info);
