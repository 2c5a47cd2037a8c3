/* inspect/process.h - prints processes in WinDbg's layout: !process, !peb, !vad (docs/formats.md, section 5).
 * SPDX-License-Identifier: MIT
 *
 * The caller passes the kernel's data in a view structure. Memory is read through the target.
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
	/* Printed in the long form only. */
	uint64_t vad_root;
	unsigned vads;
	uint64_t resident, committed;   /* pages */
	uint64_t virtual_bytes, faults;
	uint64_t tables, synced, slices;
	const char *state;
};

/* The lines PROCESS, DirBase and Image (three or four, as the target's addresses are wide), then an empty line. */
void windbg_process(struct out *out, const struct target *t, const struct process_view *p);
/* The long form (flag 1): the same lines, then counters, VADs and state. */
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
	uint64_t first_proto, last_proto;   /* prototype PTEs of the object; 0: it has none */
	uint64_t offset;
	bool shared, image, no_change;
	prot_t prot;
	bool guard, locked;
	const char *name;
};

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

/* Reads the PEB at va through the target's decode mode. ERR_NOT_FOUND: not mapped; a message was printed. */
err_t windbg_peb(struct out *out, const struct target *t, uint64_t va);
