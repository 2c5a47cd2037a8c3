/* inspect/nested.c - the tables of a guest, read through a second stage.
 * SPDX-License-Identifier: MIT
 *
 * The walker reads entries through its environment: this one translates the address of an entry first. The walk of the guest's
 * tables is the same as any other.
 */
#include "inspect/nested.h"

bool nested_translate(const struct nested *n, paddr_t guest, paddr_t *pa)
{
	struct pt_walk w;

	pt_walk(&n->second, guest.v, &w, NULL, 0);
	*pa = w.pa;
	return w.err == OK && w.outcome == PT_LEAF;
}

/* An entry does not cross a page. */
static err_t read_guest(void *ctx, paddr_t guest, unsigned bytes, pte_t *out)
{
	const struct nested *n = ctx;
	paddr_t pa;

	*out = PTE(0);
	return nested_translate(n, guest, &pa) ? pt_read(n->second.env, pa, bytes, out) : ERR_IO;
}

void nested_make(struct nested *n, const struct pt_space *first, const struct pt_space *second)
{
	n->first = *first;
	n->second = *second;
	n->env = (struct pt_env){ .ctx = n, .read = read_guest };
	n->first.env = &n->env;
}

bool nested_of_target(struct nested *n, struct out *out, const struct target *t, uint64_t root)
{
	struct pt_space first = target_space(t), second;

	if (!t->second) {
		out_printf(out, "%s has no second stage.\n", t->name);
		return false;
	}
	if (!t->second(t->ctx, out, root, &second))
		return false;
	nested_make(n, &first, &second);
	return true;
}
