/* tools/walker/session.h - struct session: one run of pagewalk, from the command line to the target that commands inspect.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdio.h>

#include "inspect/target.h"
#include "tools/image/image.h"
#include "tools/image/message.h"
#include "tools/walker/folds.h"
#include "tools/walker/halves.h"
#include "tools/walker/linux_regions.h"
#include "tools/walker/roots.h"
#include "tools/walker/scenario.h"

/* Exit status. */
enum { ANSWERED, FAILED, WRONG_USE, DAMAGED };

/* Where a value of a setting came from; a later source replaces an earlier one. */
enum source { UNSET, OF_IMAGE, OF_SCENARIO, OF_COMMAND_LINE };

enum setting_id {
	SET_FORMAT, SET_ROOT, SET_TTBR1, SET_TTBCR, SET_BASE, SET_LEVELS, SET_SELFMAP, SET_DIRECT, SET_DIRECT_SIZE, SET_PA_BITS,
	SET_CBIT, SET_NX, SET_WP, SET_SMEP, SET_SMAP, SET_PSE, SET_GIB, SET_HA, SET_AFE, SET_TRE, SET_PRRR, SET_NMRR, SET_PXN,
	SET_SLIDE, SET_UPPER, SET_DACR, SET_MAIR, SET_CR0, SET_CR3, SET_CR4, SET_EFER, SET_TTBR0, SET_TCR, SET_SCTLR, SET_VA_BITS,
	SET_PBMT, SET_NAPOT, SET_EXECUTE_ONLY, SET_SATP, SET_SECOND, SET_VTCR, SET_HGATP, SETTINGS,
};

struct setting { uint64_t value; enum source source; };

/* As many as ptdump has markers for. */
#define REGIONS_MOST 20

struct options {
	const char *image;         /* NULL: a live machine */
	const char *commands;      /* -c */
	const char *script;        /* -f */
	const char *cpu;           /* --cpu */
	const char *symbols;       /* --symbols */
	const char *regions;       /* --regions */
	struct image_layout layout;
	bool json, csv, prompt, detect, roots;
	const char *gdb, *qmp;
	double watch;              /* seconds; 0: once */
	char **word;               /* the command; words 0: none */
	unsigned words;
};

struct session {
	struct options options;
	struct setting setting[SETTINGS];
	const struct pt_format *format;   /* SET_FORMAT's */
	const struct pt_format *second;   /* SET_SECOND's; NULL: the root of a second stage says it, and the guest's format */
	uint64_t second_root;             /* by hgatp; 0: not known */
	struct pt_mode second_mode;       /* of the last second stage that was asked for */
	const struct image_cpu *cpu;      /* the file's or the machine's registers; NULL: none */
	struct image *image;
	struct scenario *scenario;
	bool off;                         /* paging is off: a virtual address is a physical one */
	struct pt_mode mode;
	struct pt_env env;
	struct target target;
	struct halves halves;
	struct region regions[REGIONS_MOST + 1];
	bool named;                       /* they are those of --regions */
	struct folds *folds;
	struct roots roots;
	const struct linux_layout *layout;    /* --regions linux-...; NULL: another */
	struct symbols *symbols;          /* NULL: none */
	char given[512];                  /* the command, as it was given; LINE_BYTES is the most */
};

/* What every session begins with: a CPU that has what is usual. */
void session_init(struct session *s);

/* ---- settings.c ---- */

/* Stores a setting. False: there is no such setting, or it has no such value. */
bool setting_store(struct session *s, const char *name, const char *value, enum source source);
bool setting_exists(const char *name);
/* True for SET_X that the user gave: not by default, and not by the image. */
static inline bool setting_given(const struct session *s, enum setting_id id)
{
	return s->setting[id].source >= OF_SCENARIO;
}
/* Makes mode, halves and root of all settings and registers. False: two contradict each other; a message was printed. */
bool settings_apply(struct session *s);
/* The i-th setting, from 0. NULL: there are no more. */
const char *setting_name(unsigned i, const char **what);

/* What every mode of that format begins with: its levels and address bits. */
void settings_format(const struct session *s, struct pt_mode *mode, const struct pt_format *format);

/* ---- second.c ---- */

/* struct target's second(). */
bool second_space(void *ctx, struct out *out, uint64_t root, struct pt_space *space);

/* ---- options.c ---- */

/* Parses the command line. False: *status is the exit status, and what was asked for or a message was printed. */
bool options_parse(struct session *s, int argc, char **argv, int *status);

/* ---- regions.c ---- */

/* Finds the layout or reads the file of --regions. False: a message was printed. */
bool regions_take(struct session *s, const char *path);
void regions_free(struct session *s);

/* ---- complete.c ---- */

/* Checks that need all settings, and the target's layout. False: a message was printed. */
bool session_complete(struct session *s);

/* ---- memory.c ---- */

/* Opens what the options name. Otherwise a message was printed, and the result is the exit status. */
int memory_open(struct session *s);
void memory_close(struct session *s);
err_t memory_read(struct session *s, uint64_t pa, void *buf, size_t n);
/* The exit status if a read found the image damaged, or compressed in a way that is not read; else 0. */
int memory_status(const struct session *s);
void target_make(struct session *s);

/* ---- run.c ---- */

extern struct out session_answers, session_errors;
/* Before each command, which visits every table once more. False: no memory, a message was printed. */
bool session_new_folds(struct session *s);
/* Runs the words of the command line as one command. */
int run_words(struct session *s, char **words, unsigned n);
/* Runs commands, apart by ; or a line's end. The result is the highest status. */
int run_text(struct session *s, const char *text);
int run_script(struct session *s, const char *path);
/* The i-th command of this program, from 0. NULL: there are no more. */
const char *command_name(unsigned i);

/* ---- answers.c: one line for each address of standard input ---- */

int run_addresses(struct session *s);

/* ---- prompt.c ---- */

int run_prompt(struct session *s);
