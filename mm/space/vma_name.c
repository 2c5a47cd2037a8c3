/* mm/space/vma_name.c - the table of the names of VMAs.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/vma_name.h"
#include "lib/list.h"
#include "lib/string.h"
#include "mm/space/fault_log.h"

/* More than the files and the kernel's own ranges together. */
#define NAMES 256

struct vma_name {
	uint32_t users;         /* VMAs */
	char text[VMA_NAME_SIZE];
};

static struct vma_name vma_names[NAMES];
static struct vma_name vma_name_none = { 1, "..." };

static struct vma_name *name_of(const char *text)
{
	return container_of((char *)(uintptr_t)text, struct vma_name, text);
}

/* Spreads the names over the table. */
static uint32_t hash(const char *text)
{
	uint32_t h = 0;

	for (; *text; text++)
		h = h * 31 + (unsigned char)*text;
	return h;
}

static bool is_free(const struct vma_name *n)
{
	return !n->users && !fault_log_has_name(n->text);
}

const char *vma_name_get(const char *text)
{
	char name[VMA_NAME_SIZE];
	struct vma_name *free = NULL;
	uint32_t first;

	str_copy(name, text, sizeof(name));
	first = hash(name);
	for (uint32_t i = 0; i < NAMES; i++) {
		struct vma_name *n = &vma_names[(first + i) % NAMES];

		if (!strcmp(n->text, name)) {
			n->users++;
			return n->text;
		}
		if (!free && is_free(n))
			free = n;
		/* A place that never had a name ends the search. It is free, unlike one with the name "". */
		if (free && !n->text[0])
			break;
	}
	if (!free)
		free = &vma_name_none;
	else
		str_copy(free->text, name, sizeof(free->text));
	free->users++;
	return free->text;
}

void vma_name_share(const char *name)
{
	name_of(name)->users++;
}

void vma_name_put(const char *name)
{
	name_of(name)->users--;
}
