/* tools/walker/scenario.h - scenarios from files of the host.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "scenario/scenario.h"

/* True if the file begins as a scenario does. */
bool scenario_is(const char *path);
/* Reads one. NULL: a message was printed. */
struct scenario *scenario_open(const char *path, scenario_setting_fn setting, void *ctx);
