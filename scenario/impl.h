/* scenario/impl.h - struct scenario; for the files of this folder.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/process.h"
#include "isa/isa.h"
#include "scenario/scenario.h"

#define SCENARIO_BUCKETS 256u
#define SCENARIO_SYMBOLS 4096u

struct scenario_page { struct scenario_page *next; uint64_t pa; uint8_t *bytes; };

/* Records of one kind, in the order of the file. Each begins with a struct scenario_node. */
struct scenario_node { struct scenario_node *next; };
struct scenario_list { struct scenario_node *first, *last; unsigned count; };

struct scenario_symbol { struct scenario_node node; uint64_t value, size; const char *name; };
struct scenario_reg { struct scenario_node node; uint64_t value; const char *name; };
struct scenario_text { struct scenario_node node; const char *text; };

struct scenario_vma {
	struct scenario_node node;
	struct vad_view v;
	const char *rights;
	uint64_t level;
	uint64_t flags, anon_vma;         /* Linux */
};

struct scenario_process {
	struct scenario_node node;
	struct process_view v;
	struct scenario_list vmas;
	uint64_t handles, mm, file_pages, anon_pages;
	uint64_t session;
	bool loaded, has_handles, has_session;
};

struct scenario_module {
	struct scenario_node node;
	struct system_module m;
};

struct scenario_frame {
	struct scenario_node node;
	struct system_frame f;
	int64_t maps;                     /* left in a check */
	uint64_t count;
};

struct scenario_run { struct scenario_node node; struct system_run r; };

struct scenario_call { struct scenario_node node; struct isa_call call; };

/* enum names are those of scenario/settings.c. */
#define SCENARIO_SETTINGS 42
struct scenario_settings { uint64_t value[SCENARIO_SETTINGS], given; };

struct scenario {
	const struct scenario_heap *heap;
	const char *name;
	char *text;
	unsigned line;                    /* being parsed */
	const char *why;                  /* what is wrong with it; NULL: nothing */
	scenario_setting_fn setting;
	void *setting_ctx;

	struct scenario_page *bucket[SCENARIO_BUCKETS];
	unsigned pages;
	struct scenario_list symbols, regs, notes, processes, modules, frames, calls, runs;
	uint64_t magic, groups;           /* of a snapshot file; groups 0: none */
	struct scenario_symbol **by_name; /* of all symbols, in alphabetical order */
	const char *prompt;
	const char *kernel;               /* Linux: what follows the name of a process in a report */
	unsigned style;
	int zone;                         /* minutes east of UTC */
	uint64_t linux_pte, clock;        /* clock: microseconds */
	uint64_t vmemmap, frame_bytes;    /* Linux: where struct page of frame 0 is */
	struct system_bugcheck bugcheck;
	bool has_bugcheck;
	struct system_oops oops;
	bool has_oops;

	struct scenario_settings settings;
	struct pt_mode mode, upper_mode;
	struct pt_tree upper;
	struct pt_env env;
	struct region regions[3];
	struct target target;
};

/* ---- memory.c ---- */

/* Stores bytes; pages are made. False: out of memory. */
bool scenario_put(struct scenario *s, uint64_t pa, uint8_t byte);
bool scenario_make_page(struct scenario *s, uint64_t pa);
void scenario_free_pages(struct scenario *s);

/* ---- words.c ---- */

const char *scenario_skip_blanks(const char *s);
/* Hex digits, back-ticks between them; *digits 0: none, or more than sixteen. */
const char *scenario_hex(const char *s, uint64_t *value, unsigned *digits);
/* One whole word: hex, or 0n and decimal digits. */
bool scenario_number(const char *word, uint64_t *value);
/* Takes a word, or NAME="text in quotes", off *s and ends it with 0. NULL: there is none, or *why says what is wrong. */
char *scenario_word(char **s, const char **why);

/* ---- records.c ---- */

/* True if the line is KEYWORD ..., parsed; s->why is set if it is wrong. */
bool scenario_record(struct scenario *s, char *line);
void scenario_append(struct scenario_list *l, struct scenario_node *n);
void scenario_free_records(struct scenario *s);

/* ---- settings.c ---- */

/* The value of a setting that was given, or that follows from another one. */
bool scenario_setting(const struct scenario *s, const char *name, uint64_t *value);
bool scenario_store_setting(void *ctx, const char *name, const char *value);
/* Makes the mode, the root and the upper half. */
bool scenario_set_mode(struct scenario *s, struct out *errors);

/* ---- symbols.c ---- */

/* After the last line. False: out of memory. */
bool scenario_sort_symbols(struct scenario *s);

/* ---- check.c, oops.c: of struct target_system ---- */

unsigned scenario_check(void *ctx, struct out *out, uint64_t process);
bool scenario_oops(void *ctx, struct out *out);

/* ---- system.c ---- */

extern const struct target_system scenario_system;
