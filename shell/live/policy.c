/* shell/live/policy.c - policy: the replacement policies, the one in use, and their comparison on a reference string.
 * SPDX-License-Identifier: MIT
 *
 * The simulator runs the code of the machine's policies (mm/reclaim/policy.h), so `policy compare` shows what a policy would do,
 * with OPT as the lower bound. See docs/replacement.md.
 * Linux: /sys/kernel/mm/lru_gen, and cgroup's memory.stat for the counts.
 */
#include "arch/mmu.h"
#include "kernel/initrd.h"
#include "lib/string.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/recorder.h"
#include "mm/reclaim/replace.h"
#include "mm/reclaim/simulate.h"
#include "mm/reclaim/store.h"
#include "mm/space/vmalloc.h"
#include "shell/command.h"

/* ---- the list and the counters ---- */

#define ULL(n) ((unsigned long long)(n))

/* Loads are pages that became mapped: with zeroes, as a copy, from a list or from a page file. */
static void put_replace_counts(struct out *out)
{
	const struct replace_counts *n = &replace_counts;

	replace_count_resident();
	out_printf(out, "%u pages; %llu loaded, %llu evicted, %llu in use by something else\n", (unsigned)n->resident,
	           ULL(n->loads), ULL(n->victims), ULL(n->refused));
	out_printf(out, "accessed bits: %llu read, %llu of them set; %llu samples\n", ULL(n->tests), ULL(n->accessed),
	           ULL(n->samples));
	if (arch_pt_mode()->hw_accessed)
		out_puts(out, "the CPU sets the accessed bits\n");
	else
		out_printf(out, "faults set the accessed bits: %llu faults since boot\n",
		           ULL(fault_counts()->action[ACT_ACCESSED]));
	out_printf(out, "faults on evicted pages since boot: %llu without a transfer, %llu with one\n", ULL(reclaim_counts.soft),
	           ULL(reclaim_counts.hard));
}

/* A * marks the policy in use. Without a page file there is none. Its counters begin when it is chosen. */
static void list_policies(struct out *out)
{
	const struct policy *chosen = replace_policy();

	for (const struct policy *const *p = policies; *p; p++)
		out_printf(out, "%c %-8s %s\n", *p == chosen ? '*' : ' ', (*p)->name, (*p)->what);
	if (chosen)
		put_replace_counts(out);
	else
		out_puts(out, "no policy is in use: there is no page file\n");
}

/* The name is argument 1. A wrong name is an error also where nothing may change, so it is looked up first. */
static void choose_policy(struct call *c, const char *name)
{
	const struct policy *p = policy_named(name);
	err_t err;

	if (!p) {
		call_fail(c, 1, "no such policy");
		return;
	}
	if (!call_may_change(c))
		return;
	if (!mm_store) {
		out_puts(c->out, "there is no page file, so nothing is evicted\n");
		c->failed = true;
		return;
	}
	err = replace_select(p);
	if (err != OK)
		call_fail(c, 1, "%s", err_text(err));
	else
		out_printf(c->out, "policy: %s, %u pages\n", p->name, (unsigned)replace_counts.resident);
}

/* ---- compare ---- */

#define RECORDING "recording"     /* in place of the name of a string */

/* Of the output: columns for the screen (default), or -c and -j of the command. */
enum form { FORM_TABLE, FORM_CSV, FORM_JSON };

struct comparison {
	struct call *c;
	const char *name;               /* of the string */
	struct reference_string s;
	enum form form;
	unsigned rows;                  /* printed so far */
};

/* Once per comparison. JSON is one array, of an object per row; compare_all() closes it. */
static void put_heading(const struct comparison *k)
{
	if (k->form == FORM_TABLE)
		out_printf(k->c->out, "%s: %u references to %u pages, %u of them write\n", k->name, (unsigned)k->s.count,
		           (unsigned)k->s.pages, (unsigned)k->s.writes);
	else
		out_puts(k->c->out, k->form == FORM_CSV ? "frames,policy,faults,hits,writes\n" : "[");
}

/* Numbers are decimal: the output is meant for other programs, too. */
static void put_result(struct comparison *k, uint32_t frames, const char *policy, const struct simulation *r)
{
	switch (k->form) {
	case FORM_TABLE:
		out_printf(k->c->out, "%-8s %8u %8u %8u\n", policy, (unsigned)r->faults, (unsigned)r->hits, (unsigned)r->writes);
		break;
	case FORM_CSV:
		out_printf(k->c->out, "%u,%s,%u,%u,%u\n", (unsigned)frames, policy, (unsigned)r->faults, (unsigned)r->hits,
		           (unsigned)r->writes);
		break;
	case FORM_JSON:
		out_printf(k->c->out, "%s\n{\"frames\": %u, \"policy\": \"%s\", \"faults\": %u, \"hits\": %u, \"writes\": %u}",
		           k->rows ? "," : "", (unsigned)frames, policy, (unsigned)r->faults, (unsigned)r->hits,
		           (unsigned)r->writes);
		break;
	}
	k->rows++;
}

/* OPT first: no other row can have fewer faults. */
static err_t compare_frames(struct comparison *k, uint32_t frames)
{
	struct simulation r;
	err_t err;

	if (k->form == FORM_TABLE)
		out_printf(k->c->out, "%-8s %8s %8s %8s    with %u frames\n", "policy", "faults", "hits", "writes",
		           (unsigned)frames);
	err = simulate(NULL, &k->s, frames, &r);
	if (err == OK)
		put_result(k, frames, "opt", &r);
	for (const struct policy *const *p = policies; *p && err == OK; p++) {
		/* Here and not in simulate(): Ctrl-C jumps out of the command, and the simulator's memory would stay allocated. */
		call_pause(k->c);
		err = simulate(*p, &k->s, frames, &r);
		if (err == OK)
			put_result(k, frames, (*p)->name, &r);
	}
	return err;
}

/* Ends at the first error. The array of JSON is closed even so: the rows before it can be read. */
static void compare_all(struct comparison *k, const uint32_t *frames, unsigned n)
{
	err_t err = OK;

	put_heading(k);
	for (unsigned i = 0; i < n && err == OK; i++)
		err = compare_frames(k, frames[i]);
	if (k->form == FORM_JSON)
		out_puts(k->c->out, "\n]\n");
	if (err != OK) {
		out_printf(k->c->out, "%s\n", err_text(err));
		k->c->failed = true;
	}
}

/* Reads the string from a file of the initrd. False: an error was printed. */
static bool read_string(struct comparison *k, struct file *f)
{
	size_t bad = 0;
	/* A file of more than 16 bytes per reference of the longest string is refused as if there were no memory for it. */
	char *text = f->size <= (uint64_t)16 * SIM_REFERENCES_MAX ? kvzalloc(f->size + 1, "reference string") : NULL;
	uint64_t n = text ? file_read(f, 0, text, f->size) : 0;
	err_t err = text ? references_parse(text, (size_t)n, &k->s, &bad) : ERR_NO_MEMORY;

	kvfree(text);
	if (err == ERR_INVALID)
		call_fail(k->c, 2, "no page number at byte %u of this file", (unsigned)bad);
	else if (err == ERR_RANGE)
		call_fail(k->c, 2, "expected 1 to %u references", SIM_REFERENCES_MAX);
	else if (err != OK)
		call_fail(k->c, 2, "%s", err_text(err));
	return err == OK;
}

/* NULL: no built-in string has this name; it may be a file. A built-in string hides a file of its name. */
static const struct reference_builtin *builtin_named(const char *name)
{
	for (const struct reference_builtin *b = reference_builtins; b->name; b++)
		if (!strcmp(b->name, name))
			return b;
	return NULL;
}

/* What STRING can be. The recording is listed also while it has no references. */
static void list_strings(struct out *out)
{
	for (const struct reference_builtin *b = reference_builtins; b->name; b++)
		out_printf(out, "%-9s %s\n", b->name, b->what);
	out_printf(out, "%-9s the string of the last record: %u references\n", RECORDING, (unsigned)recorder.string.count);
	out_puts(out, "or a file of the initrd: hexadecimal page numbers, w behind one is a write\n");
}

/* Copies the string, so a recording that runs can go on: later references are not part of the comparison. False: an error was
 * printed. */
static bool take_recording(struct comparison *k)
{
	err_t err = recorded_string(&recorder.string, &k->s);

	if (err == ERR_NOT_FOUND)
		call_fail(k->c, 2, "nothing was recorded yet");
	else if (err != OK)
		call_fail(k->c, 2, "%s", err_text(err));
	return err == OK;
}

/* Without FRAMES: a built-in string has two numbers of its own, a recording that was limited the number of its frames; other
 * strings are compared at a quarter and a half of their pages. Returns how many. */
static unsigned choose_frames(const struct comparison *k, const struct reference_builtin *b, bool recorded, uint32_t *frames)
{
	bool given = k->c->arg[3].given, limited = recorded && recorder.frames;

	for (unsigned i = 0; i < 2; i++)
		frames[i] = b ? b->frames[i] : 1 + k->s.pages * (i + 1) / 4;
	if (given || limited)
		frames[0] = given ? (uint32_t)k->c->arg[3].value : recorder.frames;
	return given || limited ? 1 : 2;
}

/* The string is static, because Ctrl-C ends the command at any output: then the next one frees it. */
static void compare_string(struct call *c, enum form form)
{
	static struct comparison k;
	const char *name = c->arg[2].text;
	const struct reference_builtin *b = builtin_named(name);
	bool recorded = !strcmp(name, RECORDING);
	struct file *f = b || recorded ? NULL : initrd_find(name);
	uint32_t frames[2];

	references_free(&k.s);
	k = (struct comparison){ .c = c, .name = name, .form = form };
	if (!b && !f && !recorded) {
		call_fail(c, 2, "no such string or file");
		return;
	}
	/* A string has at most SIM_REFERENCES_MAX pages: more frames than that cannot change a result. */
	if (c->arg[3].given && (c->arg[3].value == 0 || c->arg[3].value > SIM_REFERENCES_MAX)) {
		call_fail(c, 3, "expected 1 to %x frames", SIM_REFERENCES_MAX);
		return;
	}
	if (b && references_builtin(b, &k.s) != OK) {
		call_fail(c, 2, "%s", err_text(ERR_NO_MEMORY));
		return;
	}
	if ((f && !read_string(&k, f)) || (recorded && !take_recording(&k)))
		return;
	compare_all(&k, frames, choose_frames(&k, b, recorded, frames));
	references_free(&k.s);
}

/* Arguments: 0 the option, 1 NAME or compare, 2 STRING, 3 FRAMES. Options are for compare alone. */
static void policy(struct call *c)
{
	const char *option = c->arg[0].text;
	enum form form = !c->arg[0].given ? FORM_TABLE : !strcmp(option, "-c") ? FORM_CSV : FORM_JSON;
	bool compare = !strcmp(c->arg[1].text, "compare");

	if (c->arg[0].given && (!compare || (strcmp(option, "-c") && strcmp(option, "-j"))))
		call_fail(c, 0, "no such option");
	else if (!c->arg[1].given)
		list_policies(c->out);
	else if (!compare && c->arg[2].given)
		call_fail(c, 2, "one policy only");
	else if (!compare)
		choose_policy(c, c->arg[1].text);
	else if (!c->arg[2].given)
		list_strings(c->out);
	else
		compare_string(c, form);
}
COMMAND(policy) = {
	.name = "policy", .schema = "oWWE", .synopsis = "policy [-c|-j] [NAME | compare [STRING [FRAMES]]]",
	.flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = policy, .what = "replacement policies: list, choose, compare",
	.help = "  kd> policy\n"
	        "  kd> policy compare belady\n"
	        "  NAME: evicts by this policy from now on. compare: simulates every policy and OPT, which knows the\n"
	        "  future, on a reference string; without STRING: lists them. writes: dirty victims. -c: CSV, -j: JSON.\n"
	        "  Linux: /sys/kernel/mm/lru_gen/enabled\n",
};
