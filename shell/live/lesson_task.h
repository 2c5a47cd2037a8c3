/* shell/live/lesson_task.h - the task that `answer`, `hint` and `solve` work on.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lessons/lesson.h"
#include "shell/command.h"

/* The task that is set. NULL: none; an error was printed. */
const struct task *call_task(struct call *c);
