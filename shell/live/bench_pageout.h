/* shell/live/bench_pageout.h - the part of `bench` that measures page-out and page-in.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "shell/command.h"

/* Prints ticks per page of page-out, page-in and soft faults, without the waits for the disk. Nothing without a page file. */
MUST_USE err_t bench_pageout(struct out *out);
/* Prints rates of page-out and page-in, waits included, and of single faults without read-ahead. */
void bench_pageout_rates(struct call *c);
