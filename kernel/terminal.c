/* kernel/terminal.c - whether the console is a terminal, and its size.
 * SPDX-License-Identifier: MIT
 *
 * While an answer is due, console_filter takes ESC [ ROW ; COLUMN R out of the input. Bytes that could be its beginning are held
 * back; they become input when the next byte shows that they are not.
 */
#include "kernel/terminal.h"
#include "arch/cpu.h"
#include "kernel/bugcheck.h"
#include "kernel/console.h"
#include "kernel/proc.h"

#define ESC 0x1B
#define PATIENCE (SCHED_HZ / 10)        /* 100 ms */
#define DIGITS_MOST 5
#define QUESTION "\033[6n"
/* The cursor goes as far as the terminal lets it, and back. */
#define SIZE_QUESTION "\0337\033[999;999H" QUESTION "\0338"

/* Written in interrupt context, or with interrupts off. */
static struct {
	uint8_t held[CONSOLE_UNREAD_MOST];
	unsigned held_bytes;
	unsigned due;           /* questions without an answer */
	volatile unsigned answers;
	unsigned row, column;   /* of the last answer */
	uint64_t asked_at;
	struct wait_queue waiting;
} terminal = { .waiting = { LIST_INIT(terminal.waiting.sleepers) } };

enum match { MATCH_NO, MATCH_BEGINNING, MATCH_ANSWER };

/* A number and the character behind it. */
static enum match match_number(const uint8_t *s, unsigned n, unsigned *i, uint8_t end, unsigned *number)
{
	unsigned first = *i;

	*number = 0;
	while (*i < n && *i - first < DIGITS_MOST && s[*i] >= '0' && s[*i] <= '9')
		*number = *number * 10 + (s[(*i)++] - '0');
	if (*i == n)
		return MATCH_BEGINNING;
	return *i > first && s[(*i)++] == end ? MATCH_ANSWER : MATCH_NO;
}

static enum match match_answer(const uint8_t *s, unsigned n, unsigned *row, unsigned *column)
{
	unsigned i = 2;
	enum match m;

	if (s[0] != ESC || (n > 1 && s[1] != '['))
		return MATCH_NO;
	if (n < 3)
		return MATCH_BEGINNING;
	m = match_number(s, n, &i, ';', row);
	return m == MATCH_ANSWER ? match_number(s, n, &i, 'R', column) : m;
}

static void take_answer(unsigned row, unsigned column)
{
	terminal.row = row;
	terminal.column = column;
	terminal.answers++;
	if (--terminal.due == 0)
		console_filter = NULL;
	sched_wake(&terminal.waiting);
}

/* console_filter. An ESC in the place of another byte begins anew. */
static bool filter_answer(uint8_t c)
{
	unsigned row, column;
	enum match m;

	terminal.held[terminal.held_bytes++] = c;
	m = match_answer(terminal.held, terminal.held_bytes, &row, &column);
	if (m == MATCH_BEGINNING)
		return true;
	if (m == MATCH_ANSWER) {
		terminal.held_bytes = 0;
		take_answer(row, column);
		return true;
	}
	console_unread(terminal.held, terminal.held_bytes - 1);
	terminal.held_bytes = c == ESC;
	terminal.held[0] = c;
	return c == ESC;
}

static void ask(const char *question)
{
	irq_state_t irqs = arch_irq_save();

	terminal.due++;
	console_filter = filter_answer;
	arch_irq_restore(irqs);
	out_puts(&console, question);
	terminal.asked_at = sched_ticks();
}

/* Sleeps until there are more than `before` answers, or until the tick. */
static bool wait_answer(unsigned before, uint64_t until)
{
	irq_state_t irqs = arch_irq_save();

	while (terminal.answers == before && !bugchecked && sched_ticks() < until)
		(void)sched_sleep_on(&terminal.waiting, until);
	arch_irq_restore(irqs);
	return terminal.answers != before;
}

void terminal_ask(void)
{
	ask(QUESTION);
}

bool terminal_answers(void)
{
	return terminal.answers || wait_answer(0, terminal.asked_at + PATIENCE);
}

bool terminal_size(unsigned *rows, unsigned *columns)
{
	unsigned before = terminal.answers;

	if (bugchecked)
		return false;
	ask(SIZE_QUESTION);
	if (!wait_answer(before, terminal.asked_at + SCHED_HZ))
		return false;
	*rows = terminal.row;
	*columns = terminal.column;
	return *rows > 0 && *columns > 0;
}
