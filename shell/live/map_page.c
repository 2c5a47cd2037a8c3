/* shell/live/map_page.c - what `map`, `unmap` and `protect` share: their arguments, and the pages of `map`.
 * SPDX-License-Identifier: MIT
 */
#include "shell/live/map_page.h"
#include "arch/mmu.h"
#include "lib/string.h"

/* A letter for each right and attribute; '-' is nothing, so that rw- can be typed as reports print
 * it. Without n or t a page is cached (write-back). */
static const struct { char letter; prot_t prot; } letters[] = {
	{ 'r', PROT_R }, { 'w', PROT_W }, { 'x', PROT_X }, { 'u', PROT_U }, { 'g', PROT_GLOBAL }, { 'n', CACHE_UC },
	{ 't', CACHE_WT }, { '-', 0 },
};

/* Sets *prot to the rights of the letters in s. False: an unknown letter, or no r. Prints nothing. */
bool map_parse_prot(const char *s, prot_t *prot)
{
	*prot = 0;
	for (; *s; s++) {
		unsigned i = 0;

		while (i < ARRAY_LEN(letters) && letters[i].letter != *s)
			i++;
		if (i == ARRAY_LEN(letters))
			return false;
		*prot |= letters[i].prot;
	}
	/* x86 has no page that cannot be read: what is present can be read (Intel SDM vol. 3A
	 * 4.6.1). The same rule for all formats keeps the commands the same. */
	return *prot & PROT_R;
}

bool map_page_argument(struct call *c, unsigned i)
{
	uint64_t va = c->arg[i].value;

	if (va & PAGE_MASK)
		call_fail(c, i, "not the start of a page");
	else if (va < VMALLOC_START || va >= VMALLOC_END)
		call_fail(c, i, "VA is not in the vmalloc range %llx-%llx", (unsigned long long)VMALLOC_START,
		          (unsigned long long)VMALLOC_END - 1);
	else
		return true;
	return false;
}

struct vma *map_page_at(struct call *c, unsigned i)
{
	struct vma *v = vma_find(&kernel_aspace, c->arg[i].value);

	if (v && (v->flags & VMA_GUARD) && !strcmp(v->name, MAP_NAME))
		return v;
	call_fail(c, i, v ? "not mapped by map: the page belongs to %s" : "map has mapped nothing there",
	          v ? v->name : "");
	return NULL;
}
