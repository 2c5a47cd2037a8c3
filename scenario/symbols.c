/* scenario/symbols.c - the symbols of a scenario, by name and by address.
 * SPDX-License-Identifier: MIT
 */
#include "lib/string.h"
#include "scenario/impl.h"

/* A symbol without a size ends at the next one, or here. */
#define FAR 0x100000u

/* Sorts by insertion: a file's symbols are few, and mostly in order. */
bool scenario_sort_symbols(struct scenario *s)
{
	unsigned n = 0;

	if (!s->symbols.count)
		return true;
	s->by_name = s->heap->alloc(s->heap->ctx, s->symbols.count * sizeof(struct scenario_symbol *));
	if (!s->by_name)
		return false;
	for (struct scenario_node *node = s->symbols.first; node; node = node->next, n++) {
		struct scenario_symbol *new = (struct scenario_symbol *)node;
		unsigned at = n;

		for (; at && strcmp(s->by_name[at - 1]->name, new->name) > 0; at--)
			s->by_name[at] = s->by_name[at - 1];
		s->by_name[at] = new;
	}
	return true;
}

err_t scenario_symbol(struct scenario *s, const char *name, unsigned i, uint64_t *value)
{
	for (unsigned n = 0; n < s->symbols.count; n++) {
		if (strcmp(s->by_name[n]->name, name) || i-- > 0)
			continue;
		*value = s->by_name[n]->value;
		return OK;
	}
	return ERR_NOT_FOUND;
}

const char *scenario_symbol_number(struct scenario *s, unsigned i, uint64_t *value)
{
	if (i >= s->symbols.count)
		return NULL;
	if (value)
		*value = s->by_name[i]->value;
	return s->by_name[i]->name;
}

/* The symbol at or below va, and the distance to the next one. NULL: none. */
static const struct scenario_symbol *below(struct scenario *s, uint64_t va, uint64_t *size)
{
	const struct scenario_symbol *best = NULL;
	uint64_t next = UINT64_MAX;

	for (unsigned n = 0; n < s->symbols.count; n++) {
		const struct scenario_symbol *one = s->by_name[n];

		if (one->value <= va && (!best || one->value > best->value))
			best = one;
		if (one->value > va && one->value < next)
			next = one->value;
	}
	if (!best)
		return NULL;
	*size = best->size ? best->size : next - best->value < FAR ? next - best->value : FAR;
	return va - best->value < *size ? best : NULL;
}

err_t scenario_symbol_at(struct scenario *s, uint64_t va, const char **name, uint64_t *offset)
{
	uint64_t size;
	const struct scenario_symbol *found = below(s, va, &size);

	if (!found)
		return ERR_NOT_FOUND;
	*name = found->name;
	*offset = va - found->value;
	return OK;
}

err_t scenario_symbol_size(struct scenario *s, uint64_t va, uint64_t *size)
{
	return below(s, va, size) ? OK : ERR_NOT_FOUND;
}
