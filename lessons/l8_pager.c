/* lessons/l8_pager.c - L8: at each fault of a reference string the student chooses the page that leaves.
 * SPDX-License-Identifier: MIT
 *
 * The CPU makes the accesses to pages of the lesson's area; only FRAMES of them are mapped at a time. The same string is replayed
 * against FIFO, LRU, clock and OPT (mm/reclaim/simulate.h), and the points follow from the numbers of faults. In task 1 the whole
 * string is shown, so that OPT can be played; in the others the accesses so far.
 */
#include "arch/trap.h"
#include "lessons/area.h"
#include "mm/phys/kmap.h"
#include "mm/reclaim/simulate.h"

#define PAGES      8
#define FRAMES     4
#define REFERENCES 24
#define NOWHERE    0xFF

static struct {
	uint8_t string[REFERENCES];
	unsigned at;                    /* of the access that faulted */
	unsigned faults;
	uint8_t frame[PAGES];           /* of the area; NOWHERE: not in memory */
	unsigned used;                  /* frames in use */
	/* The first choice that was worse than the best one. */
	unsigned worse_at;
	uint8_t worse, better;
} game;

static uint64_t page_va(unsigned page)
{
	return lesson_area.va + (uint64_t)page * PAGE_SIZE;
}

/* ---- the string: mostly a few favourites that change ---- */

static void make_string(struct task *t)
{
	unsigned favourite = 0;

	for (unsigned i = 0; i < REFERENCES; i++) {
		if (i % 8 == 0)
			favourite = (unsigned)task_random(t, PAGES);
		game.string[i] = (uint8_t)(task_random(t, 3) ? (favourite + task_random(t, 3)) % PAGES : task_random(t, PAGES));
	}
}

/* Accesses until the page is used again after the current one; REFERENCES: never. */
static unsigned next_use(unsigned page)
{
	for (unsigned i = game.at + 1; i < REFERENCES; i++)
		if (game.string[i] == page)
			return i - game.at;
	return REFERENCES;
}

/* ---- accesses ---- */

/* Brings the page in: a frame with its contents, then the entry. */
static void load(unsigned page, unsigned frame)
{
	uint8_t mark = area_mark(page);

	(void)!phys_write(pfn_base(lesson_area.frame[frame]), &mark, 1);
	area_set(page, area_leaf(frame, PROT_R | PROT_W));
	area_count_mapping(frame);
	game.frame[page] = (uint8_t)frame;
}

/* Accesses from game.at on, up to the first fault that needs a victim. True: the string is at its end. Whether a page is in memory
 * follows from the game: the entries may have been changed by commands, to save faults. */
static bool go_on(void)
{
	for (; game.at < REFERENCES; game.at++) {
		unsigned page = game.string[game.at];

		(void)arch_probe(page_va(page), ACCESS_READ, 0);
		if (game.frame[page] != NOWHERE)
			continue;
		game.faults++;
		if (game.used == FRAMES)
			return false;
		load(page, game.used++);
	}
	return true;
}

/* A string whose first accesses use more pages than there are frames. */
static void start(struct task *t)
{
	do {
		make_string(t);
		game.at = game.faults = game.used = 0;
		game.worse_at = REFERENCES;
		for (unsigned i = 0; i < PAGES; i++) {
			area_set(i, PTE(0));
			game.frame[i] = NOWHERE;
		}
	} while (go_on());
}

static void put_string(struct out *out, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		out_printf(out, " %x", game.string[i]);
	out_char(out, '\n');
}

static void put_state(struct out *out)
{
	out_printf(out, "fault %u, access %u: page %x. In memory:", game.faults, game.at + 1, game.string[game.at]);
	for (unsigned page = 0; page < PAGES; page++)
		if (game.frame[page] != NOWHERE)
			out_printf(out, " %x (frame %llx)", page, (unsigned long long)lesson_area.frame[game.frame[page]].v);
	out_puts(out, ".  answer PAGE\n");
}

static bool set(struct task *t, struct out *out)
{
	if (area_make(FRAMES) != OK) {
		out_puts(out, "there is no memory for the pages of this unit\n");
		return false;
	}
	start(t);
	out_printf(out, "%u pages at %llx, %u frames, %u accesses.", PAGES, (unsigned long long)page_va(0), FRAMES, REFERENCES);
	if (t->number == 1) {
		out_puts(out, " You know the future:");
		put_string(out, 0, REFERENCES);
	} else {
		out_puts(out, " Accesses so far:");
		put_string(out, 0, game.at + 1);
	}
	put_state(out);
	return true;
}

/* ---- the end ---- */

static unsigned faults_of(const struct policy *policy)
{
	uint32_t reference[REFERENCES];
	struct reference_string s = { REFERENCES, PAGES, 0, reference };
	struct simulation r = { 0, 0, 0 };

	for (unsigned i = 0; i < REFERENCES; i++)
		reference[i] = (uint32_t)game.string[i] << 1;
	return simulate(policy, &s, FRAMES, &r) == OK ? r.faults : REFERENCES;
}

static int finish(struct out *out)
{
	unsigned opt = faults_of(NULL), fifo = faults_of(&policy_fifo), lru = faults_of(&policy_lru);
	unsigned clock = faults_of(&policy_clock), best = fifo < lru ? fifo : lru, worst = fifo > lru ? fifo : lru;

	best = clock < best ? clock : best;
	worst = clock > worst ? clock : worst;
	out_printf(out, "faults: you %u, OPT %u, LRU %u, clock %u, FIFO %u\n", game.faults, opt, lru, clock, fifo);
	if (game.worse_at < REFERENCES && game.faults > opt)
		out_printf(out, "At access %u page %x left, and was used earlier than page %x.\n", game.worse_at + 1, game.worse,
		           game.better);
	if (game.faults <= opt)
		return 4;
	return game.faults <= best ? 3 : game.faults <= worst ? 2 : 1;
}

/* Remembers the first page that left although another one was needed later. */
static void judge(unsigned page)
{
	unsigned best = page;

	for (unsigned i = 0; i < PAGES; i++)
		if (game.frame[i] != NOWHERE && next_use(i) > next_use(best))
			best = i;
	if (best == page || game.worse_at < REFERENCES)
		return;
	game.worse_at = game.at;
	game.worse = (uint8_t)page;
	game.better = (uint8_t)best;
}

static bool is_frame(uint64_t given)
{
	for (unsigned i = 0; i < FRAMES; i++)
		if (lesson_area.frame[i].v == given)
			return true;
	return false;
}

/* Why the value names no page that can leave. NULL: it does. */
static const char *refusal(uint64_t given)
{
	if (given == game.string[game.at])
		return "that page is not in memory: it is the one that faulted";
	if (given < PAGES)
		return game.frame[given] == NOWHERE ? "that page is not in memory" : NULL;
	if (is_frame(given))
		return "that is the frame; the task asks for the page in it";
	if (given >= page_va(0) && given < page_va(PAGES))
		return "that is the address of a page; pages are numbered from 0";
	return "there is no such page";
}

static int step(const struct task *t, uint64_t given, struct out *out)
{
	const char *why = refusal(given);
	unsigned page = (unsigned)given, frame, from = game.at + 1;

	if (why) {
		out_printf(out, "%s\n", why);
		return STEP_REFUSED;
	}
	judge(page);
	frame = game.frame[page];
	area_set(page, PTE(0));
	game.frame[page] = NOWHERE;
	load(game.string[game.at], frame);
	if (go_on())
		return finish(out);
	if (t->number != 1) {
		out_puts(out, "then:");
		put_string(out, from, game.at + 1);
	}
	put_state(out);
	return STEP_MORE;
}

static const char *hint(const struct task *t, unsigned i)
{
	static const char *const future[TASK_HINTS] = {
		"OPT evicts the page whose next use is the farthest away", "a page that is never used again leaves first",
		"count for each page in memory how many accesses come before its next use",
	};
	static const char *const past[TASK_HINTS] = {
		"you cannot know the future; pages that were used a short time ago are often used again",
		"LRU evicts the page whose last use is the longest ago: read the accesses from the end",
		"`pte` shows the accessed bits, as the clock sees them; `policy compare` shows policies on other strings",
	};

	return t->number == 1 ? future[i] : past[i];
}

static void solve(const struct task *t, struct out *out)
{
	(void)t;
	out_puts(out, "accesses:");
	put_string(out, 0, REFERENCES);
	out_printf(out, "faults: OPT %u, LRU %u, clock %u, FIFO %u\n", faults_of(NULL), faults_of(&policy_lru),
	           faults_of(&policy_clock), faults_of(&policy_fifo));
	out_printf(out, "Of the pages in memory now, the next uses are after");
	for (unsigned page = 0; page < PAGES; page++)
		if (game.frame[page] != NOWHERE && next_use(page) < REFERENCES)
			out_printf(out, " %x: %u", page, next_use(page));
	out_puts(out, " accesses; the others are not used again.\n");
}

static unsigned tasks(void) { return 3; }

LESSON(l8) = {
	.name = "L8", .title = "you are the pager",
	.text = "At each fault without a free frame the machine stops, and you say which page leaves. 4 points: as few faults as\n"
	        "OPT; 3: as the best of LRU, clock and FIFO; 2: as the worst of them.\n",
	.values = "the number of a page that is in memory",
	.closed = "run",
	.tasks = tasks, .set = set, .step = step, .end = area_free, .hint = hint, .solve = solve,
};
