/* shell/live/aspace.c - aspace: address spaces: list them, make one, load its root, remove it.
 * SPDX-License-Identifier: MIT
 *
 * An address space is a root table, a tree of VMAs and counters (mm/space/aspace.h; Linux: struct
 * mm_struct). Space 0 is kernel_aspace: its tables are the reference for the kernel half of every
 * other root (Linux: init_mm).
 * A space made by `aspace new` has no process and no VMA. Its root lacks the table entries of the
 * vmalloc range, so a first access through it shows how a fault copies such an entry (Linux:
 * vmalloc_fault). Spaces of processes are listed too; `rm` refuses them, and `use`
 * accepts only that of kd.
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

/* A line for each space: * marks the one whose root the CPU has loaded. Number and root are
 * hexadecimal, the counts decimal; committed counts frames, synced the kernel entries that faults
 * have copied into this root. */
static void list(struct call *c)
{
	list_for_each(l, &aspaces) {
		const struct aspace *as = container_of(l, struct aspace, link);

		out_printf(c->out, "%c%2x  root %llx  %llu faults  %llu synced  %llu committed  %s\n",
		           as == current_aspace ? '*' : ' ', (unsigned)as->id, (unsigned long long)as->space.half[0].root.v,
		           (unsigned long long)as->faults, (unsigned long long)as->synced,
		           (unsigned long long)aspace_counts(as, NULL).committed, as->name);
	}
}

/* The name is a constant, because aspace_create() keeps the pointer as long as the space lives. */
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

/* Loads the root into the CPU and makes the shell's process run on it from now on. The order counts:
 * commands may inspect only a root that is complete and loaded, so live_loaded() comes last. */
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

/* Frees the tables of the user half. The CPU would walk freed tables if the loaded root were
 * removed, and a process frees its own space when it exits: both are refused, as is the kernel's. */
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

/* A row for each verb. The command counts as read-only because of `list`; the other verbs call
 * call_may_change() themselves, so that after a bugcheck only the list works. */
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
