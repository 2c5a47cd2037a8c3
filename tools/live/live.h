/* tools/live/live.h - running machines as images: QEMU's gdb stub and its monitor.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "tools/image/image.h"

/* "HOST:PORT", ":PORT" or the path of a socket. The machine stands still until image_close(). NULL: a message was printed. */
struct image *live_open_gdb(const char *where);
/* The QMP socket of a machine that keeps running. NULL: a message was printed. */
struct image *live_open_qmp(const char *where);
/* A register under the machine's name, if it is one that decides how addresses are translated. */
void live_put_register(struct image_cpu *cpu, const char *name, uint64_t value);
