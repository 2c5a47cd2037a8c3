/* shell/live/record.c - record: stores the reference string of a process, and prints it.
 * SPDX-License-Identifier: MIT
 *
 * The printed text is what `policy compare` reads: a capture of the console carries it to the host. See docs/replacement.md.
 * Linux: page_idle/bitmap, NUMA hinting faults; DAMON.
 */
#include "kernel/recording.h"
#include "lib/string.h"
#include "mm/reclaim/replace.h"
#include "shell/command.h"
#include "shell/live/implicit_process.h"

#define ULL(n) ((unsigned long long)(n))
#define PERIOD      1                   /* ticks */
#define PERIOD_MOST (60ull * SCHED_HZ)

/* By RECORDED_BITS, RECORDED_FAULTS. word: on the command line. not_seen: what the string lacks, which each `record` prints, so
 * that its counts are not taken for the number of uses. */
static const struct recorder_mode { const char *word, *how, *not_seen; } modes[] = {
	[RECORDED_BITS] = {
		"accessed", "by accessed bits",
		"a page counts once for each sample, however often it was used; the uses between two samples\n"
		"  have no order: those of one sample are in the order of the addresses",
	},
	[RECORDED_FAULTS] = {
		"faults", "by faults on closed pages",
		"the pages that the last faulting instruction needed stay open until the next fault: uses of\n"
		"  these by the instructions in between. Each change of pages costs a fault, so the process is slower",
	},
};

/* By enum recorder_end. All but RECORDER_RUNS say why the string grows no longer. */
static const char *const ends[] = {
	[RECORDER_RUNS] = "runs", [RECORDER_STOPPED] = "stopped", [RECORDER_EXITED] = "the process has exited",
	[RECORDER_FULL] = "stopped because the string is full",
};

/* ---- the state ---- */

/* By faults, all faults of the space count, also those that it would have without recording. Only those on closed pages are new. */
static void put_cost(struct out *out)
{
	const struct recorder_counts *n = &recorder.counts;

	if (recorder.mode == RECORDED_BITS)
		out_printf(out, "cost: %llu samples, each %u ticks; %llu accessed bits read, %llu PTEs changed\n", ULL(n->samples),
		           (unsigned)recorded_process.period, ULL(n->tests), ULL(n->stores));
	else
		out_printf(out, "cost: %llu faults, %llu on closed pages, %llu on pages not in memory; %llu PTEs changed\n",
		           ULL(n->faults), ULL(n->opened), ULL(n->misses), ULL(n->stores));
}

/* Only with recorder.frames: recorder.policy may be NULL otherwise. Every reference is a hit or a miss. */
static void put_limit(struct out *out)
{
	const struct recorder_counts *n = &recorder.counts;

	out_printf(out, "limit: %u frames, %s: %llu misses, %llu hits\n", (unsigned)recorder.frames, recorder.policy->name,
	           ULL(n->misses), ULL(recorder.string.count - n->misses));
	if (n->refused || n->foreign)
		out_printf(out, "  %llu victims stayed in memory; %llu of the misses: the page had left it for another reason\n",
		           ULL(n->refused), ULL(n->foreign));
}

/* Of the recording that runs, or of the last one: its process may have exited, so only the copies of its name and pid are read. */
static void put_state(struct out *out)
{
	const struct recorded *s = &recorder.string;
	uint32_t writes = 0;

	if (recorded_process.waiting)
		out_puts(out, "the next program that run starts will be recorded\n");
	if (!recorded_process.pid) {
		if (!recorded_process.waiting)
			out_puts(out, "nothing was recorded yet\n");
		return;
	}
	for (uint32_t i = 0; i < s->count; i++)
		writes += s->reference[i] & 1;
	out_printf(out, "%s, pid 0n%u, %s: %s\n", recorded_process.name, (unsigned)recorded_process.pid, modes[recorder.mode].how,
	           ends[recorder.end]);
	out_printf(out, "%u references to %u pages, %u of them write; room for %u references to %u pages%s\n", (unsigned)s->count,
	           (unsigned)s->pages, (unsigned)writes, (unsigned)s->room, (unsigned)s->pages_room,
	           s->cut ? ": cut, later uses are missing" : "");
	put_cost(out);
	if (recorder.frames)
		put_limit(out);
	out_printf(out, "not seen: %s\n", modes[recorder.mode].not_seen);
}

/* ---- save ---- */

#define REFERENCES_PER_LINE 12

/* The text of mm/reclaim/simulate.h: page numbers, not addresses. From bit RECORDED_PROGRAM_SHIFT on, a number counts the calls of
 * exec: the same address in another program is another page. The last line shows that a capture is complete. */
static void save(struct call *c)
{
	const struct recorded *s = &recorder.string;

	if (!s->count) {
		out_puts(c->out, "nothing was recorded yet\n");
		c->failed = true;
		return;
	}
	out_printf(c->out, "# reference string of %s, pid 0n%u, %s; %u references to %u pages%s\n", recorded_process.name,
	           (unsigned)recorded_process.pid, modes[recorder.mode].how, (unsigned)s->count, (unsigned)s->pages,
	           s->cut ? ", cut" : "");
	for (uint32_t i = 0; i < s->count; i++) {
		bool last = i + 1 == s->count || (i + 1) % REFERENCES_PER_LINE == 0;

		out_printf(c->out, "%llx%s%c", ULL(s->page[s->reference[i] >> 1].number), s->reference[i] & 1 ? "w" : "",
		           last ? '\n' : ' ');
	}
	out_puts(c->out, "# end of the reference string\n");
}

/* ---- on ---- */

/* Takes the next word if it is a mode's. */
static bool take_mode(struct call *c, struct recording_order *order)
{
	const char *before = c->rest, *word;
	size_t at;

	if (!call_next_word(c, &word, &at))
		return false;
	for (unsigned i = RECORDED_BITS; i <= RECORDED_FAULTS; i++)
		if (!strcmp(word, modes[i].word)) {
			order->mode = (uint8_t)i;
			return true;
		}
	c->rest = before;
	return false;
}

/* The number behind the mode. False: an error was printed. */
static bool take_number(struct call *c, struct recording_order *order)
{
	const char *where = c->rest;
	uint64_t n;

	if (!call_next(c, &n))
		return !c->failed;
	if (order->mode == RECORDED_FAULTS && (n < RECORDER_FRAMES_LEAST || n > RECORDER_PAGES))
		call_fail_at(c, where, "expected %x to %x frames", RECORDER_FRAMES_LEAST, RECORDER_PAGES);
	else if (order->mode == RECORDED_BITS && (n == 0 || n > PERIOD_MOST))
		call_fail_at(c, where, "expected 1 to %x ticks", (unsigned)PERIOD_MOST);
	else if (order->mode == RECORDED_FAULTS)
		order->frames = (uint32_t)n;
	else
		order->period = (uint32_t)n;
	return !c->failed;
}

/* The policy behind FRAMES; without: the one in use, or the default. False: an error was printed. */
static bool take_policy(struct call *c, struct recording_order *order)
{
	const char *where = c->rest, *word;
	size_t at;

	order->policy = replace_policy() ? replace_policy() : policies[0];
	if (!order->frames || !call_next_word(c, &word, &at))
		return true;
	order->policy = policy_named(word);
	if (!order->policy)
		call_fail_at(c, where, "no such policy");
	return order->policy != NULL;
}

/* The process, or NULL: the next one (*next), or an error was printed. */
static struct proc *take_process(struct call *c, bool *next)
{
	const char *where = c->rest;
	struct proc *p;
	uint64_t n;

	*next = !call_next(c, &n) && !c->failed;
	if (*next || c->failed)
		return NULL;
	p = proc_by_any(n);
	if (!p)
		call_no_process_at(c, where);
	else if (!p->as)
		call_fail_at(c, where, "the process has exited: only its status is left");
	else if (p->as == &kernel_aspace || p->kernel_only)
		call_fail_at(c, where, "this is a process of the kernel");
	else
		return p;
	return NULL;
}

/* p NULL: waits for the next program. One recording at a time; such a wait is one, too. The old string is lost when it begins. */
static void start(struct call *c, struct proc *p, const struct recording_order *order)
{
	err_t err;

	if (recorder.as || recorded_process.waiting) {
		out_puts(c->out, "a recording runs: record off ends it\n");
		c->failed = true;
		return;
	}
	if (!p) {
		recording_await(order);
	} else {
		err = recording_start(p, order);
		if (err != OK) {
			call_fail(c, COMMAND_ARGS, "%s", err_text(err));
			return;
		}
	}
	out_printf(c->out, "record: %s, %s\n", p ? p->name : "the next program that run starts", modes[order->mode].how);
	out_printf(c->out, "not seen: %s\n", modes[order->mode].not_seen);
}

/* [PID] [MODE [NUMBER [POLICY]]]. A mode is looked for before a PID is evaluated: as an expression it would be an unknown symbol.
 * Nothing starts before the whole line was read. */
static void on(struct call *c)
{
	struct recording_order order = { .mode = RECORDED_FAULTS, .period = PERIOD };
	struct proc *p = NULL;
	bool next = true, has_mode = take_mode(c, &order);

	if (!has_mode)
		p = take_process(c, &next);
	if (c->failed)
		return;
	if (!has_mode && p)
		has_mode = take_mode(c, &order);
	if ((has_mode && !take_number(c, &order)) || !take_policy(c, &order))
		return;
	if (call_end(c))
		start(c, p, &order);
}

/* Ends a recording or a wait; without either it is no error. The string stays for save and policy compare. */
static void off(struct call *c)
{
	if (!recorder.as && !recorded_process.waiting) {
		out_puts(c->out, "no recording runs\n");
		return;
	}
	recording_stop();
	put_state(c->out);
}

/* changes: needs call_may_change(). has_more: arguments follow, and run() tests their end itself. */
static const struct { const char *word; bool changes, has_more; void (*run)(struct call *c); } actions[] = {
	{ "on", true, true, on }, { "off", true, false, off }, { "save", false, false, save },
};

static void record(struct call *c)
{
	const char *first = c->rest, *word;
	size_t at;

	if (!call_next_word(c, &word, &at)) {
		put_state(c->out);
		return;
	}
	for (unsigned i = 0; i < ARRAY_LEN(actions); i++) {
		if (strcmp(word, actions[i].word))
			continue;
		if ((actions[i].has_more || call_end(c)) && (!actions[i].changes || call_may_change(c)))
			actions[i].run(c);
		return;
	}
	call_fail_at(c, first, "expected on, off or save");
}
COMMAND(record) = {
	.name = "record", .schema = "*",
	.synopsis = "record [on [PID] [faults [FRAMES [POLICY]] | accessed [TICKS]] | off | save]",
	.flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = record,
	.what = "record the reference string of a process, for policy compare",
	.help = "  kd> record\n"
	        "  on: records process PID, or the next program that run starts. faults (default): closes its pages, so that the\n"
	        "  use of another page faults; with FRAMES (8 or more) the process has at most so many pages in memory, and\n"
	        "  POLICY chooses its victims. accessed: samples the accessed bits each TICKS of 10 ms. off: ends it; the string\n"
	        "  stays. save: prints the string, as policy compare FILE reads it; policy compare recording takes it as it is.\n"
	        "  Linux: /sys/kernel/mm/page_idle/bitmap, DAMON\n",
};
