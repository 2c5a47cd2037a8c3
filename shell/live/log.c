/* shell/live/log.c - log: the last stores to page tables, from the journal.
 * SPDX-License-Identifier: MIT
 *
 * Every store to an entry has a number, counted from 1 (mm/phys/journal.h). A line shows one store:
 * its number (decimal), the physical address of the entry, old and new contents, and the reason, a
 * constant of the function that stored. Stores that did not change their entry are not shown. The
 * numbers are those that `diff` takes.
 */
#include "mm/phys/journal.h"
#include "shell/command.h"
#include "shell/live/put_entry.h"

/* `why` can be NULL: the caller of the walker gave no reason. */
static void put_store(struct out *out, const struct target *t, const struct journal_entry *e)
{
	out_printf(out, "%6llu  %10llx  ", (unsigned long long)e->number, (unsigned long long)e->pa.v);
	put_entry(out, t, e->old);
	out_puts(out, " -> ");
	put_entry(out, t, e->new);
	out_printf(out, "  %s\n", e->why ? e->why : "");
}

/* Moves *at back over at most `most` changes. Returns how many there were. */
static uint64_t step_back(struct journal_cursor *at, uint64_t most)
{
	struct journal_entry e;
	uint64_t n = 0;

	while (n < most && journal_previous(at, &e))
		n++;
	return n;
}

/* The journal is read backwards and printed forwards, so a piece is collected first: this many
 * changes, few enough for the kernel stack. */
#define LOG_PIECE 64

/* Prints the n changes before `at`, oldest first. n is at most LOG_PIECE. */
static void put_piece(struct call *c, struct journal_cursor at, unsigned n)
{
	struct journal_entry e[LOG_PIECE];

	for (unsigned i = n; i-- > 0;)
		(void)!journal_previous(&at, &e[i]);
	for (unsigned i = 0; i < n; i++)
		put_store(c->out, c->target, &e[i]);
}

/* Each piece starts from `end` again: quadratic, but the journal is short. Stores made while this
 * prints are not shown. */
static void log(struct call *c)
{
	uint64_t most = c->arg[0].given ? c->arg[0].value : 16;
	const struct journal_cursor end = journal_end();
	struct journal_cursor at = end;
	uint64_t left = step_back(&at, most);

	while (left > 0) {
		unsigned n = left < LOG_PIECE ? (unsigned)left : LOG_PIECE;

		at = end;
		step_back(&at, left - n);
		put_piece(c, at, n);
		left -= n;
		call_pause(c);
	}
	out_printf(c->out, "%llu stores so far; the last %llu are kept\n", (unsigned long long)journal_count(),
	           (unsigned long long)(journal_count() + 1 - journal_oldest()));
}
COMMAND(log) = {
	.name = "log", .schema = "U", .synopsis = "log [COUNT]", .flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = log,
	.what = "the last stores to page tables: address, old and new entry, reason",
	.help = "  kd> log 4\n  Number, physical address of the entry, old and new content, reason. See diff.\n",
};
