/* shell/look/root.c - a root table as an argument.
 * SPDX-License-Identifier: MIT
 *
 * A number can be the value of a root register, a pid, or a frame number. WinDbg's manual takes a
 * frame number for !vtop and !ptov, its users type what !process shows as DirBase. The order of the
 * tests: 0; a living process, unless the number is the address of a root; the address of a known
 * root; the address of any root; a frame.
 */
#include "shell/look/root.h"
#include "inspect/refused.h"
#include "inspect/target.h"

/* Below this, the number of the frame at 4 GiB, a number that is no root is a frame's. */
#define FIRST_ADDRESS 0x100000

/* Whether the root is the selected one or that of an address space of the target. */
static bool is_root(const struct target *t, paddr_t root)
{
	struct system_space s;

	if (root.v == t->root.v)
		return true;
	for (unsigned i = 0; target_space_number(t, i, &s); i++)
		if (s.root.v == root.v)
			return true;
	return false;
}

/* As is_root(), for the value of a root register: bits that are not part of the address are ignored
 * (x86: PCD, PWT, PCID; ARM: ASID and walk attributes). */
static bool is_known_root(const struct target *t, uint64_t value, paddr_t *root)
{
	const struct pt_format *f = t->mode->format;

	*root = PADDR(ALIGN_DOWN(value & ~f->root_attributes, (uint64_t)pt_root_bytes(t->mode)));
	return is_root(t, *root);
}

/* The root of exactly this value. False: pt_root_of() rejects it, and its reason was printed. */
static bool exactly(struct call *c, unsigned i, uint64_t value, paddr_t *root)
{
	char why[REFUSED_WHY];

	if (root_or_why(c->target->mode, value, root, why))
		return true;
	call_fail(c, i, "%s", why);
	return false;
}

/* Sets *root to that of p. Prints which process it is if the value could also be a frame number. */
static bool of_process(const struct call *c, uint64_t value, const struct system_process *p, paddr_t *root)
{
	if (value < FIRST_ADDRESS)
		out_printf(c->out, "%llx is process %llx (%s)\n", (unsigned long long)value, (unsigned long long)value, p->name);
	*root = p->root;
	return true;
}

/* value: a frame number below FIRST_ADDRESS. A frame that is no root is used all the same, after a
 * message. */
static bool of_frame(struct call *c, unsigned i, uint64_t value, bool was_process, paddr_t *root)
{
	if (!exactly(c, i, value << PAGE_SHIFT, root))
		return false;
	if (c->target->system && !is_root(c->target, *root))
		out_printf(c->out, "%llx is frame %llx: %s\n", (unsigned long long)value, (unsigned long long)value,
		           was_process ? "the process of this number has exited, and the frame is no root" :
		           "no process has this number, and the frame is no root");
	return true;
}

/* The number is taken without sign extension: a root can be above 4 GiB on a 32-bit target (PAE). */
bool call_root(struct call *c, unsigned i, paddr_t *root)
{
	const struct target *t = c->target;
	uint64_t value = c->arg[i].number;
	struct system_process p;
	bool known = t->system && t->system->process && t->system->process(t->system_ctx, value, &p);

	*root = t->root;
	if (value == 0)
		return true;
	if (known && !p.ended && !is_root(t, PADDR(value)))
		return of_process(c, value, &p, root);
	if (is_known_root(t, value, root))
		return true;
	if (value >= FIRST_ADDRESS)
		return exactly(c, i, value, root);
	return of_frame(c, i, value, known, root);
}
