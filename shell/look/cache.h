/* shell/look/cache.h - the option of `.cache` that sets a decode mode, for `.process`.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"

/* "forcedecodeuser": WinDbg's name of the option, as `.process /p` prints it. */
const char *decode_option(enum decode decode);
