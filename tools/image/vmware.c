/* tools/image/vmware.c - VMware snapshots and suspended machines: .vmss, .vmsn, and the .vmem beside them.
 * SPDX-License-Identifier: MIT
 *
 * u32 magic, u32, u32 number of groups; a group has a name of 64 bytes, the u64 offset of its tags and 8 more bytes. A tag: u8
 * flags (low 6 bits the size of its data, 62 and 63 the long form; high 2 bits the number of indices), u8 length of its name, the
 * name, the indices of 4 bytes, the data. Zero flags and length end the group. Without regions there is one, from 0 on.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/addr.h"
#include "tools/image/reader.h"

enum { HEADER = 12, GROUP = 80, NAME = 64, GROUPS_MOST = 4096, REGIONS = 64, LONG_FORM = 62 };

struct region { uint64_t ppn, page, size; };

struct snapshot {
	const uint8_t *map;
	uint64_t size;
	bool wide;                    /* sizes of the long form have 8 bytes */
	uint64_t count;               /* of regions, as the file says */
	struct region region[REGIONS];
	uint64_t memory, bytes;       /* the memory in this file; bytes 0: it is in the .vmem */
};

struct tag { char name[64]; bool packed; unsigned indices; uint64_t index[3], data, size, next; };

static bool has(const struct snapshot *s, uint64_t offset, uint64_t n)
{
	return offset <= s->size && s->size - offset >= n;
}

/* The sizes of the long form, and the padding that places the data. */
static bool long_form(const struct snapshot *s, uint64_t *at, struct tag *t)
{
	unsigned w = s->wide ? 8 : 4;
	uint64_t padding;

	if (!has(s, *at, 2 * w + 2))
		return false;
	t->size = get_number(s->map + *at, w);
	t->packed = t->size != get_number(s->map + *at + w, w);
	padding = get_number(s->map + *at + 2 * w, 2);
	*at += 2 * w + 2 + padding;
	return true;
}

/* Reads the tag at `at`. False: it does not end within the file. A tag of no name is the last. */
static bool tag_at(const struct snapshot *s, uint64_t at, struct tag *t)
{
	unsigned flags, length;

	memset(t, 0, sizeof(*t));
	if (!has(s, at, 2))
		return false;
	flags = s->map[at];
	length = s->map[at + 1];
	if (!flags && !length)
		return true;
	t->indices = flags >> 6;
	t->size = flags & 63;
	at += 2;
	if (!has(s, at, length + 4 * t->indices))
		return false;
	snprintf(t->name, sizeof(t->name), "%.*s", (int)length, (const char *)s->map + at);
	at += length;
	for (unsigned i = 0; i < t->indices; i++, at += 4)
		t->index[i] = get_number(s->map + at, 4);
	if (t->size >= LONG_FORM && !long_form(s, &at, t))
		return false;
	t->data = at;
	t->next = at + t->size;
	return has(s, at, t->size) && t->next > 0;
}

/* ---- groups ---- */

static bool memory_tag(struct image *m, struct snapshot *s, const struct tag *t)
{
	static const struct { const char *name; size_t offset; } fields[] = {
		{ "regionPPN", offsetof(struct region, ppn) }, { "regionPageNum", offsetof(struct region, page) },
		{ "regionSize", offsetof(struct region, size) },
	};
	uint64_t value = t->size <= 8 ? get_number(s->map + t->data, (unsigned)t->size) : 0;

	if (!strcmp(t->name, "regionsCount"))
		s->count = value;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (strcmp(t->name, fields[i].name) || t->indices != 1)
			continue;
		if (t->index[0] >= REGIONS)
			return image_damaged(m, t->data, "region %" PRIu64 ", there can be %u", t->index[0], REGIONS);
		*(uint64_t *)((char *)&s->region[t->index[0]] + fields[i].offset) = value;
	}
	if (!strcmp(t->name, "Memory") && t->size > 8) {
		if (t->packed)
			return image_refused(m, "its memory is compressed");
		s->memory = t->data;
		s->bytes = t->size;
	}
	return true;
}

/* CR[cpu][n], and CR64 where the machine has it. */
static bool cpu_tag(struct image *m, struct snapshot *s, const struct tag *t)
{
	static const char *const name[] = { "cr0", NULL, NULL, "cr3", "cr4" };
	uint64_t n = t->index[1], value = t->size <= 8 ? get_number(s->map + t->data, (unsigned)t->size) : 0;
	bool wide = !strcmp(t->name, "CR64"), efer = !strcmp(t->name, "efer") && t->indices == 1;

	if (!efer && ((!wide && strcmp(t->name, "CR")) || t->indices != 2 || n >= ARRAY_LEN(name) || !name[n]))
		return true;
	if (t->index[0] > 1024)
		return image_damaged(m, t->data, "CPU %" PRIu64, t->index[0]);
	while (m->cpus <= t->index[0])
		if (!image_add_cpu(m))
			return image_damaged(m, NO_OFFSET, "no memory for another CPU");
	image_put_register(&m->cpu[t->index[0]], efer ? "efer" : name[n], value);
	return true;
}

static bool read_group(struct image *m, struct snapshot *s, uint64_t at,
                       bool (*take)(struct image *, struct snapshot *, const struct tag *))
{
	struct tag t;

	for (;; at = t.next) {
		if (!tag_at(s, at, &t))
			return image_damaged(m, at, "a tag of the snapshot does not end within the file");
		if (!t.next)
			return true;
		if (!take(m, s, &t))
			return false;
	}
}

static bool read_groups(struct image *m, struct snapshot *s)
{
	uint64_t count = s->size >= HEADER ? get_number(s->map + 8, 4) : 0;

	s->wide = s->map[0] & 0xf;
	if (!count || count > GROUPS_MOST || !has(s, HEADER, count * GROUP))
		return image_damaged(m, 8, "%" PRIu64 " groups do not fit into the file", count);
	for (uint64_t i = 0; i < count; i++) {
		const char *name = (const char *)s->map + HEADER + GROUP * i;
		uint64_t tags = get_number(s->map + HEADER + GROUP * i + NAME, 8);

		if (!strncmp(name, "memory", NAME) && !read_group(m, s, tags, memory_tag))
			return false;
		if (!strncmp(name, "cpu", NAME) && !read_group(m, s, tags, cpu_tag))
			return false;
	}
	return true;
}

/* The runs in a file of memory that begins at `base` and has `size` bytes. */
static bool add_regions(struct image *m, const struct snapshot *s, uint64_t base, uint64_t size)
{
	if (s->count > REGIONS)
		return image_damaged(m, NO_OFFSET, "%" PRIu64 " regions of memory, there can be %u", s->count, REGIONS);
	if (!s->count)
		return image_add(m, 0, size, base);
	for (uint64_t i = 0; i < s->count; i++) {
		const struct region *r = &s->region[i];

		if (r->ppn >> 40 || r->page >> 40 || r->size >> 40)
			return image_damaged(m, NO_OFFSET, "region %" PRIu64 ": page %" PRIx64 ", %" PRIx64 " pages",
			                     i, r->ppn, r->size);
		if (!image_add(m, r->ppn << PAGE_SHIFT, r->size << PAGE_SHIFT, base + (r->page << PAGE_SHIFT)))
			return false;
	}
	return true;
}

/* ---- files ---- */

/* The path with another suffix. NULL: no memory, or the path has not the suffix. */
static char *sibling(const char *path, const char *from, const char *to)
{
	size_t n = strlen(path), f = strlen(from);
	char *other = n > f && !strcmp(path + n - f, from) ? malloc(n + strlen(to) + 1) : NULL;

	if (other)
		sprintf(other, "%.*s%s", (int)(n - f), path, to);
	return other;
}

static const uint8_t *map_sibling(const char *path, uint64_t *size)
{
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct stat st;
	void *map = MAP_FAILED;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size >= HEADER) {
		*size = (uint64_t)st.st_size;
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	}
	close(fd);
	return map == MAP_FAILED ? NULL : map;
}

static bool is_snapshot(const uint8_t *map)
{
	uint32_t magic = (uint32_t)get_number(map, 4);

	return magic == 0xbed2bed0 || magic == 0xbad1bad1 || magic == 0xbed2bed2 || magic == 0xbed3bed3;
}

/* The snapshot without memory in it: the image becomes the .vmem, whose runs it has. */
static bool use_vmem(struct image *m, const struct snapshot *s)
{
	char *path = sibling(m->path, ".vmss", ".vmem");
	const uint8_t *map;
	uint64_t size = 0;

	if (!path)
		path = sibling(m->path, ".vmsn", ".vmem");
	map = map_sibling(path, &size);
	free(path);
	if (!map)
		return image_refused(m, "the memory is not in it, and there is no .vmem of the same name");
	munmap((void *)(uintptr_t)m->map, (size_t)m->size);
	close(m->fd);
	m->fd = -1;
	m->map = map;
	m->size = size;
	return add_regions(m, s, 0, size);
}

bool image_open_vmware(struct image *m)
{
	struct snapshot s = { .map = m->map, .size = m->size };

	if (!read_groups(m, &s))
		return false;
	return s.bytes ? add_regions(m, &s, s.memory, s.bytes) : use_vmem(m, &s);
}

bool image_open_vmem(struct image *m, bool *done)
{
	static const char *const suffix[] = { ".vmss", ".vmsn" };
	struct snapshot s = { .map = NULL };
	bool good = true;

	*done = false;
	for (unsigned i = 0; !*done && i < ARRAY_LEN(suffix); i++) {
		char *path = sibling(m->path, ".vmem", suffix[i]);

		s.map = map_sibling(path, &s.size);
		free(path);
		if (!s.map)
			continue;
		*done = is_snapshot(s.map);
		good = !*done || (read_groups(m, &s) && add_regions(m, &s, 0, m->size));
		munmap((void *)(uintptr_t)s.map, (size_t)s.size);
	}
	return good;
}
