/* kernel/terminal.h - whether the console is a terminal, and its size.
 * SPDX-License-Identifier: MIT
 *
 * The console is a terminal if it answers the question for the position of the cursor (ECMA-48: DSR 6, answered by CPR). The
 * question is asked once, before the first prompt. Without an answer the kernel sends no other escape sequence.
 * A serial line does not know the size of the terminal: the answer to the same question with the cursor in the last
 * row and column says it.
 */
#pragma once
#include <stdbool.h>

/* Asks whether there is a terminal. Returns at once; the answer is no input. */
void terminal_ask(void);
/* True if it has answered. Waits until 100 ms after the question; an answer that comes later counts from then on. */
bool terminal_answers(void);
/* Asks the terminal for its size, and sleeps until the answer comes, at most a second. False: it did not come, or nothing can
 * be asked after a bugcheck. */
bool terminal_size(unsigned *rows, unsigned *columns);
