/* kernel/shell/command.h - a command is one struct in a linker section: nothing else knows its name.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "kernel/kernel.h"

struct command {
	const char *name;
	const char *usage;    /* "pte VA" */
	const char *what;     /* one line for `help` */
	unsigned args;        /* expressions it takes, at most COMMAND_ARGS */
	void (*run)(struct out *out, const uint64_t *arg);
};
#define COMMAND_ARGS 4

#define COMMAND(name_, usage_, what_, args_, run_) \
	static const struct command command_##name_ \
	__attribute__((used, section(".commands." #name_))) = { #name_, usage_, what_, args_, run_ }
