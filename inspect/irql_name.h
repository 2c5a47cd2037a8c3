/* inspect/irql_name.h - IRQLs by number and name, for `raise` and `analyze`.
 * SPDX-License-Identifier: MIT
 *
 * The names are those of Windows, except DEVICE_LEVEL, which stands for its device IRQLs (DIRQL). The
 * numbers are those of enum irql (kernel/trap.h).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* "DISPATCH_LEVEL"; a phrase for a level that has no name. */
const char *irql_name(uint64_t level);
/* Sets *level to the IRQL that `text` names: its number in hexadecimal or its name, in either case.
 * False: there is none, and *level is unchanged. Prints nothing. */
bool irql_named(const char *text, unsigned *level);
