/* boot/stage.h - interface of the boot stage: console, first page tables, preflight, boot trace.
 * SPDX-License-Identifier: MIT
 *
 * The boot stage runs with the MMU off, linked at its physical address, without heap and interrupts. boot/<family>/ adds
 * the entry point, the loader parser, the first mappings, the addresses for the preflight, and the MMU switch.
 */
#pragma once
#include "boot/boot_info.h"
#include "lib/out.h"
#include "paging/walk.h"

/* ---- the architecture's (boot/<family>/) ---- */

/* Writes to the console by polling; returns even if there is no UART. */
void boot_put_byte(char c);
_Noreturn void boot_halt(void);
/* The values of paging=, separated by single spaces. */
extern const char boot_format_names[];
/* The four control words of struct boot_step. */
void boot_control_words(const struct boot_info *info, uint64_t ctl[4]);

/* ---- stage.c ---- */

extern struct out boot_out;              /* the console */
#define boot_print(...) out_printf(&boot_out, __VA_ARGS__)
/* Prints "boot: ..." on the console, marks the record as ended on purpose, and halts. */
_Noreturn void boot_stop(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Reads the stage in which the previous boot failed, if it failed. */
void boot_note_last(struct boot_info *info);
/* Sets the flags of identity=keep and preflight=off. Prints each word that is unknown or has an invalid value. */
void boot_read_options(struct boot_info *info);

/* Record that the boot reached `stage`; called from C and assembly. Identity-mapped, so their addresses are the same before and
 * after the MMU switch. */
void boot_trace_begin(struct boot_info *info);
void boot_trace_note(uint32_t stage);

/* ---- the stage's own parts, by boot/<family>/boot.ld and entry.S ---- */

extern const char boot_start[], boot_text_end[], boot_end[];
extern char boot_stack_bottom[], boot_stack_top[];

/* ---- tables.c: the first page tables, built with the walker ---- */

struct boot_tables {
	struct pt_mode mode;
	struct pt_env env;
	struct pt_space space;          /* describes them afterwards */
	uint32_t pool_next, pool_end;   /* physical */
};
/* Tables come from [pool, pool + bytes), which is zero. */
void boot_tables_begin(struct boot_tables *t, const struct pt_mode *mode, uint64_t pool, uint64_t bytes);
/* Maps with A and D set, in pages of level 0 or 1; stops the boot on an error. */
void boot_map(struct boot_tables *t, uint64_t va, uint64_t pa, uint64_t len, prot_t prot);
/* The identity map, the direct map and the image at the addresses it is linked for: physical memory from lowest up to
 * top. W^X holds for each frame, under all of its names. */
void boot_map_image(struct boot_tables *t, const struct image_header *h, uint64_t lowest, uint64_t top);
/* Stores the data about the tables for the kernel. */
void boot_tables_done(const struct boot_tables *t, const struct image_header *h, uint64_t mapped, struct boot_info *info);

/* ---- preflight.c: checks, before the CPU uses them, that the new tables map what the next instructions need ---- */

struct boot_need { const char *what; uint64_t va; prot_t rights; };
/* Records STAGE_PREFLIGHT, or prints each access that would fault and stops. preflight=off: no check. */
void boot_preflight(const struct boot_tables *t, const struct boot_need *needs, size_t n, const struct boot_info *info);

/* ---- break.c: fault injection: break=NAME on the command line puts one error into the tables, to try the preflight ---- */

#define BOOT_MISTAKES "jump stack console descriptors reserved root"
/* Addresses in small pages; 0: none. */
struct boot_places { uint64_t jump, stack, console, descriptors; };
void boot_break(struct boot_tables *t, const struct boot_places *places, struct boot_info *info);
