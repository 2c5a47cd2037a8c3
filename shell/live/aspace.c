/* shell/live/aspace.c - address spaces: more roots than one, and what a fault copies into them.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/live.h"
#include "kernel/proc.h"
#include "lib/string.h"
#include "shell/command.h"

/* Returns the address space with this number. NULL: none. */
static struct aspace *by_id(uint64_t id)
{
	list_for_each(l, &aspaces)
		if (container_of(l, struct aspace, link)->id == id)
			return container_of(l, struct aspace, link);
	return NULL;
}

static void list(struct call *c)
{
	list_for_each(l, &aspaces) {
		const struct aspace *as = container_of(l, struct aspace, link);

		out_printf(c->out, "%c%2x  root %llx  %llu faults  %llu synced  %llu committed  %s\n",
		           as == current_aspace ? '*' : ' ', (unsigned)as->id, (unsigned long long)as->space.half[0].root.v,
		           (unsigned long long)as->faults, (unsigned long long)as->synced,
		           (unsigned long long)as->committed, as->name);
	}
}

static void create(struct call *c)
{
	struct aspace *as;
	err_t err;

	if (!call_may_change(c))
		return;
	err = aspace_create("shell's", &as);
	if (err != OK)
		call_fail(c, 0, "%s", err_text(err));
	else
		out_printf(c->out, "address space %x, root %llx\n", (unsigned)as->id, (unsigned long long)as->space.half[0].root.v);
}

/* Argument 1 as an address space. NULL: an error was printed. */
static struct aspace *named(struct call *c)
{
	struct aspace *as = c->arg[1].given ? by_id(c->arg[1].value) : NULL;

	if (!as)
		call_fail(c, 1, c->arg[1].given ? "no address space has this number" : "its number is missing");
	return as;
}

static void use(struct call *c)
{
	struct aspace *as = call_may_change(c) ? named(c) : NULL;

	if (!as)
		return;
	/* The tables are freed when their process exits; the shell must not run on them then. */
	if (as->owner && as->owner != current_proc) {
		call_fail(c, 1, "this address space belongs to another process; .process selects it");
		return;
	}
	aspace_load(as);
	current_proc->as = as;      /* what the scheduler loads when it comes back to this shell */
	live_loaded(as->space.half[0].root);
	out_printf(c->out, "address space %x is loaded\n", (unsigned)as->id);
}

static void destroy(struct call *c)
{
	struct aspace *as = call_may_change(c) ? named(c) : NULL;

	if (!as)
		return;
	if (as == &kernel_aspace || as == current_aspace || as->owner) {
		call_fail(c, 1, as == &kernel_aspace ? "address space 0 is the kernel's" : as->owner ? "it belongs to a process" :
		          "it is loaded: load another one first");
		return;
	}
	aspace_destroy(as);
	out_puts(c->out, "gone\n");
}

static void aspace(struct call *c)
{
	static const struct { const char *name; bool takes_number; void (*run)(struct call *c); } verbs[] = {
		{ "", false, list }, { "list", false, list }, { "new", false, create },
		{ "use", true, use }, { "rm", true, destroy },
	};

	for (unsigned i = 0; i < ARRAY_LEN(verbs); i++)
		if (!strcmp(verbs[i].name, c->arg[0].text)) {
			if (c->arg[1].given && !verbs[i].takes_number)
				call_fail(c, 1, "too many arguments");
			else
				verbs[i].run(c);
			return;
		}
	call_fail(c, 0, "expected list, new, use or rm");
}
COMMAND(aspace) = {
	.name = "aspace", .schema = "WU", .synopsis = "aspace [list | new | use N | rm N]", .flags = CMD_READ_ONLY, .run = aspace,
	.what = "address spaces: list them, make one, load its root, remove it",
	.help = "  kd> aspace new\n"
	        "  A new root has the entries of the kernel half, except those of the vmalloc range: the first fault on a vmalloc\n"
	        "  address copies its entry, and \"synced\" counts these copies. See trace.\n"
	        "  WinDbg: .process   Linux: init_mm, vmalloc_fault\n",
};
