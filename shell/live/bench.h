/* shell/live/bench.h - parts of `bench` in files of their own.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "shell/command.h"

/* Prints the transfer rates of each disk. */
void bench_disk(struct call *c);
