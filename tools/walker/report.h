/* tools/walker/report.h - what a command printed, as JSON or CSV, or with its changes marked.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"

/* An out that keeps everything. */
struct capture {
	struct out out;      /* first member */
	char *text;          /* ends with NUL */
	size_t n, room;
};

void capture_begin(struct capture *c);
void capture_free(struct capture *c);

/* What a command was about: an address, with two_stages that of a guest whose second stage has the root `second`. */
struct subject { uint64_t va, second; bool two_stages; };

/* One object on one line. about NULL: no address. */
void report_json(const char *command, int status, const char *text, const struct target *t, const struct subject *about);
/* The ranges of ptdump's lines. */
void report_csv(const char *text);
/* Lines that `before` does not have at their place begin with "* ", others with blanks. NULL: the first time. */
void report_changes(const char *before, const char *text);
