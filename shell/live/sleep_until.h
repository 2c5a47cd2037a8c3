/* shell/live/sleep_until.h - a command sleeps while programs run.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdint.h>

/* Returns at once if the tick is over. */
void sleep_until(uint64_t tick);
