/* shell/live/diff.c - diff: entries that differ between two moments of the journal.
 * SPDX-License-Identifier: MIT
 *
 * A moment is the number of a store, as `log` prints it: the state after that store. The contents at
 * FROM and at TO are computed from the old and new values in the journal, and no table is read:
 * stores after TO do not matter. Entries that changed and changed back are not shown. Stores to a
 * table that was freed later are only counted: its frame can hold anything now.
 */
#include "mm/phys/journal.h"
#include "shell/command.h"
#include "shell/live/put_entry.h"

/* A moment as typed: -4 is four stores ago; if there were fewer stores, the beginning. */
static uint64_t counted(uint64_t moment)
{
	uint64_t ago = 0 - moment;

	if ((int64_t)moment >= 0)
		return moment;
	return ago < journal_count() ? journal_count() - ago : 0;
}

/* Prints the entry of `e` when `e` is its newest change up to `to` and its value differs from that
 * at `from`, which is the old value of its oldest change after `from`. True: printed. */
static bool put_difference(struct out *out, const struct target *t, const struct journal_entry *e, uint64_t from,
                           uint64_t to)
{
	struct journal_entry oldest;

	if (journal_find(e->pa, e->number, to, false, &oldest) || !journal_find(e->pa, from, to, true, &oldest) ||
	    oldest.old.v == e->new.v)
		return false;
	out_printf(out, "%10llx  ", (unsigned long long)e->pa.v);
	put_entry(out, t, oldest.old);
	out_puts(out, " -> ");
	put_entry(out, t, e->new);
	out_char(out, '\n');
	return true;
}

/* Reads the journal once, backwards. Each change is checked against the whole range by
 * put_difference(), so an entry is printed once, at its newest change. "too old": the store after
 * FROM is no longer kept, so the value at FROM is unknown. */
static void diff(struct call *c)
{
	uint64_t now = journal_count(), from = c->arg[0].value, to = c->arg[1].given ? c->arg[1].value : now;
	struct journal_cursor at = journal_end();
	unsigned changed = 0, freed = 0;
	struct journal_entry e;

	from = counted(from);
	to = counted(to);
	if (from > to || to > now) {
		call_fail(c, from > to ? 0 : 1, from > to ? "FROM is after TO" : "there were fewer stores");
		return;
	}
	if (from + 1 < journal_oldest()) {
		call_fail(c, 0, "too old: the journal keeps the last %llu stores",
		          (unsigned long long)(now + 1 - journal_oldest()));
		return;
	}
	while (journal_previous(&at, &e) && e.number > from) {
		if (e.number > to)
			continue;
		if (journal_was_freed(e.pa, e.number, to))
			freed++;
		else
			changed += put_difference(c->out, c->target, &e, from, to);
		call_pause(c);
	}
	if (freed)
		out_printf(c->out, "%u of the stores went to tables that were freed later\n", freed);
	out_printf(c->out, "%u entries differ between store %llu and store %llu\n", changed, (unsigned long long)from,
	           (unsigned long long)to);
}
COMMAND(diff) = {
	.name = "diff", .schema = "eE", .synopsis = "diff FROM [TO]", .flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = diff,
	.what = "entries that differ between two store numbers, see log",
	.help = "  kd> diff -4\n  A negative number counts back from now. Entries changed and changed back are not shown.\n",
};
