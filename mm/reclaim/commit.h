/* mm/reclaim/commit.h - the commit charge: pages promised to programs, and what there is to keep them in.
 * SPDX-License-Identifier: MIT
 *
 * Nothing is refused because of it: a program may reserve more than it ever uses, and with memory and page files full the process
 * with the most pages ends. (Linux: overcommit_memory 1; modes 0 and 2, and Windows, refuse by the same two numbers.)
 */
#pragma once
#include <stdint.h>

struct commit {
	/* Pages of all private ranges that are or were writable, and of all sections, whether used or not. Pages that a fork
	 * shares count for each process, because each may write them. */
	uint64_t pages;
	uint64_t limit;             /* frames that pages can use, and usable slots of the page files */
};
/* Visits each VMA. */
struct commit commit_now(void);
