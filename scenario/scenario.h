/* scenario/scenario.h - a machine written as a text: memory, registers, symbols, processes. The target of `load` and of pagewalk.
 * SPDX-License-Identifier: MIT
 *
 * docs/scenarios.md has the lines of such a file. The parser needs memory from its caller and nothing else, so the kernel and
 * the host have the same one. Every mistake in a file is one message, NAME:LINE: what is wrong.
 */
#pragma once
#include "inspect/target.h"

/* The first line of a scenario begins with it. */
#define SCENARIO_MAGIC "# pagewalk"
/* A larger file is refused. */
#define SCENARIO_MOST (16u << 20)

struct scenario;

/* The memory that a scenario is made of. alloc() returns zeroed memory, or NULL. */
struct scenario_heap {
	void *ctx;
	void *(*alloc)(void *ctx, size_t n);
	void (*free)(void *ctx, void *p);
};

/* Stores a setting, NAME=VALUE. False: there is no such setting, or it has no such value. */
typedef bool (*scenario_setting_fn)(void *ctx, const char *name, const char *value);

struct scenario_source {
	const struct scenario_heap *heap;
	const char *name;             /* for messages */
	char *text;                   /* from heap->alloc(), length + 1 bytes, the last one 0; the scenario frees it */
	size_t length;
	struct out *errors;
	/* Gets the settings of the paging mode. NULL: the scenario keeps them, for scenario_target(). */
	scenario_setting_fn setting;
	void *ctx;
};

/* Reads a scenario. NULL: a message was printed, and all memory was freed, `text` included. */
struct scenario *scenario_parse(const struct scenario_source *source);
void scenario_free(struct scenario *s);

/* The target that the scenario describes; it exists as long as the scenario. NULL: the settings do not fit together, and a message
 * was printed. */
struct target *scenario_target(struct scenario *s, struct out *errors);
/* Adds to a target that has memory and a mode what else the scenario says: symbols, processes, styles. */
void scenario_describe(struct scenario *s, struct target *t);
/* The caller has made the mode and the roots of such a target; processes are looked up with them. */
void scenario_adopt(struct scenario *s, const struct target *t);

/* All or nothing: ERR_IO where there is no memory. */
err_t scenario_read(struct scenario *s, uint64_t pa, void *buf, size_t n);
/* A register of a `reg` line. */
err_t scenario_register(struct scenario *s, const char *name, uint64_t *value);
/* Symbols, as in struct target. */
err_t scenario_symbol(struct scenario *s, const char *name, unsigned i, uint64_t *value);
const char *scenario_symbol_number(struct scenario *s, unsigned i, uint64_t *value);
err_t scenario_symbol_at(struct scenario *s, uint64_t va, const char **name, uint64_t *offset);
err_t scenario_symbol_size(struct scenario *s, uint64_t va, uint64_t *size);

/* What the shell prints before a line; NULL: the file does not say. */
const char *scenario_prompt(const struct scenario *s);
/* Pages of memory, and other lines, counted. */
struct scenario_counts { unsigned pages, processes, symbols, modules; };
struct scenario_counts scenario_counts(const struct scenario *s);
/* The i-th note, from 0. NULL: there are no more. */
const char *scenario_note(const struct scenario *s, unsigned i);
/* The name of the i-th setting that scenario_target() knows. NULL: there are no more. */
const char *scenario_setting_name(unsigned i);
