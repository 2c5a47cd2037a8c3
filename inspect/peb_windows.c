/* inspect/peb_windows.c - the PEB and the list of modules of a Windows process.
 * SPDX-License-Identifier: MIT
 *
 * The offsets are those of ReactOS's headers (sdk/include/ndk: peb_teb.h, ldrtypes.h), which are the same in every Windows since
 * NT 5: pointers have 4 or 8 bytes. A UNICODE_STRING is its length in bytes, a maximum and a pointer.
 */
#include "inspect/process.h"

/* A list that is damaged can go in a circle. */
#define MODULES_MOST 512u

static const struct layout {
	uint8_t pointer;
	uint8_t image_base, ldr, parameters;            /* of the PEB */
	uint8_t initialized, list[3];                   /* of PEB_LDR_DATA: by initialization, load, memory */
	uint8_t base, size, name, timestamp;            /* of LDR_DATA_TABLE_ENTRY, which begins with its links by load */
	uint8_t command_line;                           /* of RTL_USER_PROCESS_PARAMETERS */
} layouts[] = {
	{ 4, 0x08, 0x0c, 0x10, 4, { 0x1c, 0x0c, 0x14 }, 0x18, 0x20, 0x24, 0x44, 0x40 },
	{ 8, 0x10, 0x18, 0x20, 4, { 0x30, 0x10, 0x20 }, 0x30, 0x40, 0x48, 0x80, 0x70 },
};

static const struct layout *layout_of(const struct target *t)
{
	return &layouts[target_va_digits(t) == 16];
}

/* A number of n bytes. False: *missing is the address that cannot be read. */
static bool read(const struct target *t, uint64_t va, unsigned n, uint64_t *value, uint64_t *missing)
{
	*value = 0;
	*missing = va;
	return target_read_virt(t, va, value, n) == OK;
}

/* The characters of a UNICODE_STRING; those outside ASCII are question marks. */
static void read_string(const struct target *t, const struct layout *l, uint64_t va, char *text, size_t size)
{
	uint64_t bytes, at, c, missing;
	size_t n = 0;

	if (read(t, va, 2, &bytes, &missing) && read(t, va + l->pointer, l->pointer, &at, &missing))
		while (n + 1 < size && n * 2 + 1 < bytes && read(t, at + (uint64_t)n * 2, 2, &c, &missing))
			text[n++] = c >= ' ' && c <= '~' ? (char)c : '?';
	text[n] = 0;
}

uint64_t peb_ldr_windows(const struct target *t, uint64_t va)
{
	return va + layout_of(t)->ldr;
}

err_t peb_read_windows(const struct target *t, uint64_t va, struct peb_view *v, uint64_t *missing)
{
	const struct layout *l = layout_of(t);
	uint64_t flag, parameters;

	if (!read(t, va + l->image_base, l->pointer, &v->image_base, missing) ||
	    !read(t, va + l->ldr, l->pointer, &v->ldr, missing) || !read(t, v->ldr + l->initialized, 1, &flag, missing))
		return ERR_NOT_FOUND;
	v->initialized = flag != 0;
	for (unsigned i = 0; i < ARRAY_LEN(v->list); i++)
		if (!read(t, v->ldr + l->list[i], l->pointer, &v->list[i].first, missing) ||
		    !read(t, v->ldr + l->list[i] + l->pointer, l->pointer, &v->list[i].last, missing))
			return ERR_NOT_FOUND;
	v->command_line[0] = 0;
	if (read(t, va + l->parameters, l->pointer, &parameters, missing) && parameters)
		read_string(t, l, parameters + l->command_line, v->command_line, sizeof(v->command_line));
	return OK;
}

bool peb_module_windows(const struct target *t, uint64_t va, unsigned i, uint64_t *at, struct user_module *m)
{
	const struct layout *l = layout_of(t);
	uint64_t ldr, time, missing;

	/* The head of the list is in PEB_LDR_DATA; the list ends there, too. */
	if (!read(t, va + l->ldr, l->pointer, &ldr, &missing) || i >= MODULES_MOST)
		return false;
	if (i == 0)
		*at = ldr + l->list[1];
	if (!read(t, *at, l->pointer, at, &missing) || *at == ldr + l->list[1])
		return false;
	if (!read(t, *at + l->base, l->pointer, &m->base, &missing) || !read(t, *at + l->size, 4, &m->size, &missing) ||
	    !read(t, *at + l->timestamp, 4, &time, &missing))
		return false;
	m->timestamp = (uint32_t)time;
	read_string(t, l, *at + l->name, m->name, sizeof(m->name));
	return true;
}
