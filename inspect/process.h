/* inspect/process.h - processes in the form of WinDbg: !process, !peb, !vad (docs/formats.md, section 5).
 * SPDX-License-Identifier: MIT
 *
 * The caller passes the kernel's data as values; memory is read through the target.
 */
#pragma once
#include "inspect/target.h"

#define WINDBG_NO_HANDLES UINT32_MAX

struct process_view {
	uint64_t address;           /* of its record */
	uint64_t cid, parent_cid;
	uint64_t peb;               /* 0: has none */
	uint64_t dirbase;
	uint64_t object_table;
	unsigned handles;           /* WINDBG_NO_HANDLES: the table cannot be read */
	bool session;               /* "SessionId: 1", else none */
	const char *image;
	/* The rest is the long form's. */
	uint64_t vad_root;
	unsigned vads;
	uint64_t resident, committed;   /* pages */
	uint64_t virtual_bytes, faults;
	uint64_t tables, synced, slices;
	const char *state;
};

/* The lines PROCESS, DirBase and Image (three or four, as the target's addresses are wide), then an empty line. */
void windbg_process(struct out *out, const struct target *t, const struct process_view *p);
/* The same and what follows under flag 1. */
void windbg_process_long(struct out *out, const struct target *t, const struct process_view *p);
/* The message of !process for a value that is no process. */
void windbg_no_process(struct out *out, const struct target *t, uint64_t value);
/* "a6bd7900", "fffffa80`5d954b10". */
void windbg_address(struct out *out, const struct target *t, uint64_t va);

struct vad_view {
	uint64_t address;
	int level;                  /* in the tree; 0: the root */
	uint64_t first, last;       /* bytes, inclusive */
	uint64_t committed;         /* pages */
	uint64_t control_area;      /* of a file or section; 0: private memory */
	uint64_t first_proto, last_proto;   /* where the object keeps what its pages are; 0: nowhere */
	uint64_t offset;
	bool shared, image, no_change;
	prot_t prot;
	bool guard, locked;
	const char *name;
};

void windbg_vad_head(struct out *out);
void windbg_vad_row(struct out *out, const struct target *t, const struct vad_view *v);
/* Counts for the last line: zero at first. */
struct vad_levels { unsigned vads, sum, deepest; };
void windbg_vad_count(struct vad_levels *levels, const struct vad_view *v);
void windbg_vad_foot(struct out *out, const struct vad_levels *levels);
/* !vad ADDRESS 1. */
void windbg_vad(struct out *out, const struct target *t, const struct vad_view *v);
/* READWRITE, EXECUTE_WRITECOPY ... */
const char *windbg_protection(const struct vad_view *v);

/* Reads the PEB at va through the target's decode mode. ERR_NOT_FOUND: not mapped; a message was printed. */
err_t windbg_peb(struct out *out, const struct target *t, uint64_t va);
