/* shell/live/who.c - who: translates an address in four ways and explains why the answers differ.
 * SPDX-License-Identifier: MIT
 *
 * hardware: the CPU's instruction if it has one, else a walk of the CPU's root. self-map: the CPU's
 * tables, in which pte reads entries. software /p and /P: the walks that commands make after
 * .process /p and /P (see cache.c). The classic mistake that it explains: after /p, dq shows the
 * selected process and pte still the entries of kd.
 * WinDbg: none; each of its commands uses one of these ways.
 */
#include "arch/mmu.h"
#include "inspect/process.h"
#include "inspect/target.h"
#include "shell/command.h"
#include "shell/live/implicit_process.h"

/* Result of one translation: the physical address, and the last entry that pte would show. */
struct translation {
	const char *name;
	bool translates, has_entry;
	uint64_t pa;
	pte_t entry;
	const char *note;      /* instead of an entry */
};

/* True if the address is in the self-map of the live machine. */
static bool is_selfmap(uint64_t va)
{
	for (const struct region *r = arch_regions(); r->name; r++)
		if (va >= r->first && va <= r->last)
			return r->kind == REGION_SELFMAP;
	return false;
}

/* As the commands would in this mode: data through the space of the address, entries through the
 * space of theirs. */
static void look(const struct target *live, struct translation *w, enum decode decode, uint64_t va)
{
	struct target t = *live;
	struct pt_space data, tables;
	struct pt_walk walk;

	t.decode = decode;
	data = target_space_at(&t, va);
	tables = target_tables_at(&t, va);
	pt_walk(&data, va, &walk, NULL, 0);
	w->translates = walk.outcome == PT_LEAF;
	w->pa = walk.pa.v;
	pt_walk(&tables, va, &walk, NULL, 0);
	w->has_entry = walk.n > 0 && !walk.err;
	w->entry = walk.n ? walk.last.entry : PTE(0);
}

/* Translates a read in the mode that the address belongs to, user or kernel. Such an instruction
 * returns no entry, so has_entry is false. */
static void ask_hardware(const struct target *t, struct translation *w, uint64_t va)
{
	uint64_t why = 0;
	paddr_t pa;
	err_t err = arch_translate(va, false, va < USER_END, &pa, &why);

	if (err == ERR_UNSUPPORTED) {
		look(t, w, DECODE_NONE, va);
		w->note = "(no CPU instruction for this: software walk of the CPU's root)";
	} else {
		w->translates = err == OK;
		w->pa = err == OK ? pa.v : 0;
		w->note = "(by a CPU instruction)";
	}
	w->has_entry = false;
}

/* The CPU reads the self-map through its own root, whatever is selected. ARM formats have no
 * self-map: the row then has a note. */
static void ask_selfmap(const struct target *t, struct translation *w, uint64_t va)
{
	if (t->selfmap_base) {
		look(t, w, DECODE_NONE, va);
		return;
	}
	w->note = "this format has no self-map";
}

/* One row: the output address or "not mapped", then the last entry or the note. */
static void put_translation(struct out *out, const struct target *t, const struct translation *w)
{
	int digits = t->mode->format->entry_bytes * 2;

	out_printf(out, "%-12s ", w->name);
	if (w->translates)
		out_printf(out, "-> %-12llx ", (unsigned long long)w->pa);
	else
		out_printf(out, "%-15s ", "not mapped");
	if (w->has_entry)
		out_printf(out, "last entry read: %0*llx\n", digits, (unsigned long long)w->entry.v);
	else
		out_printf(out, "%s\n", w->note ? w->note : "no entry can be read");
}

/* Chooses the paragraph by where the address is. w: the four translations in the order of who(). `same`
 * compares what was found, so that a kernel entry that only one root has yet is noticed. */
static void explain(struct out *out, const struct target *t, const struct translation *w, uint64_t va)
{
	const struct proc *p = implicit_process(t);
	bool same = w[2].translates == w[3].translates && w[0].translates == w[3].translates && w[0].pa == w[3].pa &&
	            w[1].entry.v == w[3].entry.v;

	if (t->root.v == t->hw_root.v)
		out_printf(out, "The selected process, %s, is the one whose tables the CPU walks: all agree.\n",
		           p->name);
	else if (is_selfmap(va))
		out_printf(out, "This address is in the self-map, the one kernel range that differs in each process:\n"
		           "the CPU and /p read the tables of kd there, /P those of %s.\n", p->name);
	else if (va >= USER_END)
		out_puts(out, same ? "The kernel half is the same in every process: all tables give the same result.\n" :
		         "The kernel half is the same in every process, but the first fault on a vmalloc address\n"
		         "copies its entry into the root: only one of the two roots has it.\n");
	else
		out_printf(out, "The CPU and the self-map use the tables of kd. After /p, user addresses are translated\n"
		           "with the tables of %s, so dq is right. pte is wrong: it reads entries at kernel\n"
		           "addresses, in the self-map of kd. After /P, pte reads the tables of %s.\n",
		           p->name, p->name);
}

/* Read-only and without an access: an address that is not mapped causes no fault. */
static void who(struct call *c)
{
	struct translation w[] = {
		{ .name = "hardware" }, { .name = "self-map" }, { .name = "software /p" }, { .name = "software /P" },
	};
	uint64_t va = c->arg[0].value;

	out_printf(c->out, "%llx: the CPU walks root %llx (%s); selected root: %llx (%s)\n", (unsigned long long)va,
	           (unsigned long long)c->target->hw_root.v, current_proc->name,
	           (unsigned long long)c->target->root.v, implicit_process(c->target)->name);
	ask_hardware(c->target, &w[0], va);
	ask_selfmap(c->target, &w[1], va);
	look(c->target, &w[2], DECODE_USER, va);
	look(c->target, &w[3], DECODE_ALL, va);
	for (size_t i = 0; i < ARRAY_LEN(w); i++)
		put_translation(c->out, c->target, &w[i]);
	explain(c->out, c->target, w, va);
}
COMMAND(who) = {
	.name = "who", .schema = "a", .synopsis = "who VA", .flags = CMD_READ_ONLY, .run = who,
	.what = "translate VA in four ways, and explain the differences",
	.help = "  kd> .process {program}; who 400000\n"
	        "  Shows the physical address of VA and the last entry that pte would show, as seen by the CPU, by the\n"
	        "  self-map (which pte reads), and by the debugger's walks after .process /p and .process /P.\n"
	        "  WinDbg: none; each of its commands uses one of these ways without saying which\n",
};
