/* kernel/shell.h - the shell as the kernel starts it; shell/shell.c defines it.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>

/* Runs the commands of run="..." and then typed commands. After a bugcheck it continues after the command that
 * caused it. */
_Noreturn void shell_run(void);
/* Runs one line, shorter than LINE_BYTES, as if typed. */
void shell_execute(const char *line);
/* True: a command of run= failed, or an oops or a bugcheck happened. The exit status. */
bool shell_failed(void);
