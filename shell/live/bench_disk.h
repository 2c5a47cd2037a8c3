/* shell/live/bench_disk.h - the part of `bench` that measures disks.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "shell/command.h"

/* Prints the transfer rates of each disk, reads and, for a page file, writes. Needs DEPTH free
 * frames; the command fails without them, or if a request fails. */
void bench_disk(struct call *c);
