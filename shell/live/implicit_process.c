/* shell/live/implicit_process.c - the process that commands inspect, and a process as an argument.
 * SPDX-License-Identifier: MIT
 */
#include "shell/live/implicit_process.h"
#include "inspect/target.h"

/* Searches by root, because the root is all that the target stores: a process that has exited is not
 * found, since its root is gone. */
struct proc *implicit_process(const struct target *t)
{
	list_for_each(l, &procs) {
		struct proc *p = container_of(l, struct proc, link);

		if (p->as && p->as->space.half[0].root.v == t->root.v)
			return p;
	}
	return current_proc;
}

struct proc *call_process(struct call *c, unsigned i)
{
	struct proc *p;

	if (!c->arg[i].given)
		return implicit_process(c->target);
	p = proc_by_any(c->arg[i].value);
	if (!p)
		call_no_process(c, i);
	else if (!p->as)
		call_fail(c, i, "the process has exited: only its status is left");
	else
		return p;
	return NULL;
}
