/* inspect/process.h - prints processes in WinDbg's layout: !process, !peb, !vad (docs/formats.md, section 5).
 * SPDX-License-Identifier: MIT
 *
 * The caller passes the kernel's data in a view structure. Memory is read through the target.
 */
#pragma once
#include "inspect/target.h"

/* The lines PROCESS, DirBase and Image (three or four, as the target's addresses are wide), then an empty line. */
void windbg_process(struct out *out, const struct target *t, const struct process_view *p);
/* The long form (flag 1): the same lines, then counters, VADs and state. */
void windbg_process_long(struct out *out, const struct target *t, const struct process_view *p);
/* The message of !process for a value that is no process. */
void windbg_no_process(struct out *out, const struct target *t, uint64_t value);
/* "a6bd7900", "fffffa80`5d954b10". */
void windbg_address(struct out *out, const struct target *t, uint64_t va);

void windbg_vad_head(struct out *out);
void windbg_vad_row(struct out *out, const struct target *t, const struct vad_view *v);
/* Counters for the last line; initialise with zeroes. */
struct vad_levels { unsigned vads, sum, deepest; };
void windbg_vad_count(struct vad_levels *levels, const struct vad_view *v);
void windbg_vad_foot(struct out *out, const struct vad_levels *levels);
/* !vad ADDRESS 1. */
void windbg_vad(struct out *out, const struct target *t, const struct vad_view *v);
/* READWRITE, EXECUTE_WRITECOPY ... */
const char *windbg_protection(const struct vad_view *v);

/* A module of a process: a program or library. */
struct user_module {
	uint64_t base, size;
	uint32_t timestamp;
	char name[120];             /* the whole path */
};

/* What the PEB says: of this kernel's own layout (lib/abi.h) or of Windows, whose structures have had these offsets since NT 5. */
struct peb_view {
	uint64_t image_base, ldr;
	bool initialized;
	/* The lists in the order of !peb: by initialization, load, memory. */
	struct { uint64_t first, last; } list[3];
	char command_line[257];     /* "": not read */
};

/* Reads the PEB at va through the target's decode mode. ERR_NOT_FOUND: not mapped; a message was printed. */
err_t windbg_peb(struct out *out, const struct target *t, uint64_t va);
/* Reads without printing. ERR_NOT_FOUND: a page is not mapped; ERR_CORRUPT: the page has other contents. *missing: the address
 * that cannot be read. */
err_t peb_read(const struct target *t, uint64_t va, struct peb_view *v, uint64_t *missing);
/* The i-th module in the order of loading, from 0; *at is the place of the next one, which the function keeps. False: no more. */
bool peb_module(const struct target *t, uint64_t va, unsigned i, uint64_t *at, struct user_module *m);
/* The address of the PEB of the selected process; 0: not known. */
uint64_t peb_of(const struct target *t);
/* Prints WinDbg's warnings, if the PEB of the selected process and its list of modules cannot be read because their page is
 * compressed. */
void windbg_peb_check(struct out *out, const struct target *t);
/* "PEB is paged out (Peb.Ldr = ...)"; other reasons have a line of their own. */
void windbg_peb_missing(struct out *out, const struct target *t, uint64_t va);

/* ---- peb_windows.c ---- */

err_t peb_read_windows(const struct target *t, uint64_t va, struct peb_view *v, uint64_t *missing);
bool peb_module_windows(const struct target *t, uint64_t va, unsigned i, uint64_t *at, struct user_module *m);
/* Peb.Ldr: the address of the member. */
uint64_t peb_ldr_windows(const struct target *t, uint64_t va);
