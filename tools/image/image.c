/* tools/image/image.c - opens and maps a file, finds its kind, reads by physical address.
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/addr.h"
#include "tools/image/message.h"
#include "tools/image/reader.h"

#define TABLE_MOST 0x10000ull       /* bytes of the largest table, a64 with 64 KiB granule */
#define FOUR_GIB (4ull << 30)

static const struct image_kind kinds[] = {
	{ "\x7f" "ELF", 4, "an ELF file", image_open_elf, NULL },
	{ "EMiL", 4, "a LiME dump", image_open_lime, NULL },
	{ "KDUMP   ", 8, "a kdump file", image_open_kdump, NULL },
	{ "makedumpfile\0\0\0\0", 16, "a flattened kdump file", image_open_flat, NULL },
	{ "PAGEDUMP", 8, "a Windows crash dump", image_open_windows32, NULL },
	{ "PAGEDU64", 8, "a Windows crash dump", image_open_windows64, NULL },
	{ "\xd0\xbe\xd2\xbe", 4, "a VMware snapshot", image_open_vmware, NULL },
	{ "\xd1\xba\xd1\xba", 4, "a VMware snapshot", image_open_vmware, NULL },
	{ "\xd2\xbe\xd2\xbe", 4, "a VMware snapshot", image_open_vmware, NULL },
	{ "\xd3\xbe\xd3\xbe", 4, "a VMware snapshot", image_open_vmware, NULL },
	{ "DISKDUMP", 8, "a diskdump file", NULL, "crash reads it" },
	{ "AVML", 4, "an AVML dump", NULL, "avml-convert makes a LiME dump of it" },
	{ "QFI\xfb", 4, "a qcow2 disk", NULL, NULL },
	{ "QEVM", 4, "a QEMU migration stream", NULL, "dump-guest-memory writes an ELF core" },
	{ "LibvirtQemudSave", 16, "a libvirt save file", NULL, "virsh dump --memory-only writes an ELF core" },
	{ "hibr", 4, "a Windows hibernation file", NULL, NULL }, { "HIBR", 4, "a Windows hibernation file", NULL, NULL },
	{ "wake", 4, "a Windows hibernation file", NULL, NULL }, { "WAKE", 4, "a Windows hibernation file", NULL, NULL },
	{ "RSTR", 4, "a Windows hibernation file", NULL, NULL },
	{ "\x1f\x8b", 2, "compressed (gzip)", NULL, "gzip -d unpacks it" },
	{ "\x28\xb5\x2f\xfd", 4, "compressed (zstd)", NULL, "zstd -d unpacks it" },
	{ "\xfd" "7zXZ", 5, "compressed (xz)", NULL, "xz -d unpacks it" },
	{ "BZh", 3, "compressed (bzip2)", NULL, "bzip2 -d unpacks it" },
	{ "\x04\x22\x4d\x18", 4, "compressed (lz4)", NULL, "lz4 -d unpacks it" },
	{ "PK\3\4", 4, "a zip archive", NULL, NULL },
};

/* ---- messages ---- */

static void vcomplain(struct image *m, enum image_status status, uint64_t offset, const char *fmt, va_list ap)
{
	if (m->status)
		return;
	m->status = status;
	message("%s: %s", m->path, m->kind);
	if (offset != NO_OFFSET)
		message(": at offset %" PRIx64, offset);
	message(": ");
	vmessage(fmt, ap);
	message("\n");
}

bool image_damaged(struct image *m, uint64_t offset, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(m, IMAGE_DAMAGED, offset, fmt, ap);
	va_end(ap);
	return false;
}

bool image_refused(struct image *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(m, IMAGE_REFUSED, NO_OFFSET, fmt, ap);
	va_end(ap);
	return false;
}

/* ---- runs and registers ---- */

bool image_add(struct image *m, uint64_t pa, uint64_t size, uint64_t offset)
{
	if (!size)
		return true;
	if (pa + (size - 1) < pa)
		return image_damaged(m, NO_OFFSET, "a range of %" PRIx64 " bytes from %" PRIx64 " on ends above all addresses",
		                     size, pa);
	if (!m->read && !image_has(m, offset, size))
		return image_damaged(m, m->size, "the file ends, but the memory at %" PRIx64 " stands at offsets %" PRIx64
		                     "-%" PRIx64, pa, offset, offset + (size - 1));
	if (m->runs == m->room) {
		size_t room = m->room ? 2 * m->room : 16;
		struct image_run *run = realloc(m->run, room * sizeof(*run));

		if (!run)
			return image_damaged(m, NO_OFFSET, "no memory for %zu ranges", room);
		m->run = run;
		m->room = room;
	}
	m->run[m->runs++] = (struct image_run){ pa, size, offset };
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct image_run *x = a, *y = b;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

bool image_sort(struct image *m)
{
	uint64_t next = 0;
	size_t kept = 0;

	if (!m->runs)
		return image_damaged(m, NO_OFFSET, "there is no physical memory in it");
	qsort(m->run, m->runs, sizeof(*m->run), by_address);
	for (size_t i = 0; i < m->runs; i++) {
		struct image_run r = m->run[i];
		uint64_t last = r.pa + (r.size - 1), cut = kept && r.pa < next ? next - r.pa : 0;

		/* next 0 after the first run: it reaches the last address. */
		if (kept && (!next || last < next))
			continue;
		m->run[kept++] = (struct image_run){ r.pa + cut, r.size - cut, r.offset + cut };
		next = last + 1;
	}
	m->runs = kept;
	return true;
}

struct image_cpu *image_add_cpu(struct image *m)
{
	struct image_cpu *cpu = realloc(m->cpu, (m->cpus + 1) * sizeof(*cpu));

	if (!cpu)
		return NULL;
	m->cpu = cpu;
	cpu[m->cpus] = (struct image_cpu){ 0 };
	return &cpu[m->cpus++];
}

void image_put_register(struct image_cpu *cpu, const char *name, uint64_t value)
{
	unsigned i = 0;

	while (i < cpu->count && strcmp(cpu->reg[i].name, name))
		i++;
	if (i == ARRAY_LEN(cpu->reg))
		return;
	snprintf(cpu->reg[i].name, sizeof(cpu->reg[i].name), "%s", name);
	cpu->reg[i].value = value;
	cpu->count += i == cpu->count;
}

bool image_register(const struct image_cpu *cpu, const char *name, uint64_t *value)
{
	for (unsigned i = 0; i < cpu->count; i++)
		if (!strcmp(cpu->reg[i].name, name)) {
			*value = cpu->reg[i].value;
			return true;
		}
	return false;
}

/* ---- opening ---- */

static const struct { mode_t type; const char *what; } types[] = {
	{ S_IFDIR, "a directory" }, { S_IFCHR, "a character device" }, { S_IFBLK, "a block device" },
	{ S_IFIFO, "a FIFO" }, { S_IFSOCK, "a socket" },
};

/* Asked before the file is opened: opening a FIFO waits for its other end. */
static bool is_file(const char *path)
{
	struct stat st;

	if (stat(path, &st)) {
		message("%s: %s\n", path, strerror(errno));
		return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if ((st.st_mode & S_IFMT) == types[i].type)
			message("%s: %s, not a file\n", path, types[i].what);
	return S_ISREG(st.st_mode);
}

/* What is mapped, for became_shorter(). */
static const char *mapped;

static void became_shorter(int signal)
{
	static const char text[] = ": the file became shorter while it was read\n";

	(void)signal;
	(void)!write(STDERR_FILENO, mapped, strlen(mapped));
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(IMAGE_DAMAGED);
}

void image_may_shrink(const struct image *m)
{
	mapped = m->path;
	signal(SIGBUS, became_shorter);
}

static bool map_file(struct image *m)
{
	int fd = open(m->path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map = MAP_FAILED;

	if (fd < 0 || fstat(fd, &st)) {
		message("%s: %s\n", m->path, strerror(errno));
	} else if (!st.st_size) {
		message("%s: an empty file\n", m->path);
	} else {
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
		if (map == MAP_FAILED)
			message("%s: %s\n", m->path, strerror(errno));
		m->size = (uint64_t)st.st_size;
	}
	m->fd = fd;
	m->map = map == MAP_FAILED ? NULL : map;
	image_may_shrink(m);
	return m->map;
}

static bool open_kind(struct image *m)
{
	bool done;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct image_kind *k = &kinds[i];

		if (!image_has(m, 0, k->bytes) || memcmp(m->map, k->magic, k->bytes))
			continue;
		m->kind = k->what;
		if (k->open)
			return k->open(m) && image_sort(m);
		return image_refused(m, "not read%s%s", k->advice ? ": " : "", k->advice ? k->advice : "");
	}
	m->kind = "a VMware memory file";
	if (!image_open_vmem(m, &done))
		return false;
	if (done)
		return image_sort(m);
	m->kind = NULL;
	return image_add(m, 0, m->size, 0);
}

struct image *image_open(const char *path, enum image_status *status)
{
	struct image *m;

	*status = IMAGE_REFUSED;
	if (!is_file(path))
		return NULL;
	m = calloc(1, sizeof(*m));
	if (!m) {
		message("%s: %s\n", path, strerror(errno));
		return NULL;
	}
	m->path = path;
	m->fd = -1;
	if (map_file(m) && open_kind(m)) {
		*status = IMAGE_GOOD;
		return m;
	}
	*status = m->status ? m->status : IMAGE_REFUSED;
	image_close(m);
	return NULL;
}

void image_close(struct image *m)
{
	if (m->close)
		m->close(m);
	if (m->map)
		munmap((void *)(uintptr_t)m->map, (size_t)m->size);
	if (m->fd >= 0)
		close(m->fd);
	free(m->run);
	free(m->cpu);
	free(m);
}

bool image_is_raw(const struct image *m)
{
	return !m->kind;
}

/* The runs that base= and --hole give: RAM above the hole begins at 4 GiB. */
static bool add_halves(struct image *m, const struct image_layout *l)
{
	if (!l->hole || m->size <= l->hole)
		return image_add(m, l->base, m->size, 0);
	return image_add(m, 0, l->hole, 0) && image_add(m, FOUR_GIB, m->size - l->hole, l->hole);
}

bool image_set_layout(struct image *m, const struct image_layout *l)
{
	if (!l->run && !l->hole && !l->base)
		return true;
	if (!image_is_raw(m)) {
		message("%s: %s says where its memory is: base=, --runs and --hole are for raw images\n", m->path, m->kind);
		return false;
	}
	if ((l->run != NULL) + (l->hole != 0) + (l->base != 0) > 1) {
		message("base=, --runs and --hole: only one of them\n");
		return false;
	}
	m->kind = "a raw image";
	m->runs = 0;
	if (!l->run)
		return add_halves(m, l);
	for (size_t i = 0; i < l->runs; i++)
		if (!image_add(m, l->run[i].pa, l->run[i].size, l->run[i].offset))
			return false;
	return image_sort(m);
}

/* ---- reading ---- */

const struct image_run *image_run_at(struct image *m, uint64_t pa)
{
	size_t low = 0, high = m->runs;

	if (m->last < m->runs && pa - m->run[m->last].pa < m->run[m->last].size)
		return &m->run[m->last];
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pa - m->run[middle].pa < m->run[middle].size) {
			m->last = middle;
			return &m->run[middle];
		}
		if (pa < m->run[middle].pa)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct image_run *image_run_of_offset(const struct image *m, uint64_t offset)
{
	for (size_t i = 0; !m->read && i < m->runs; i++)
		if (offset - m->run[i].offset < m->run[i].size)
			return &m->run[i];
	return NULL;
}

err_t image_read(struct image *m, uint64_t pa, void *buf, size_t n)
{
	uint8_t *to = buf;

	while (n) {
		const struct image_run *r = image_run_at(m, pa);
		uint64_t part = r ? r->size - (pa - r->pa) : 0;
		err_t err;

		if (!r)
			return ERR_IO;
		if (m->read && part > PAGE_SIZE - (pa & PAGE_MASK))
			part = PAGE_SIZE - (pa & PAGE_MASK);
		if (part > n)
			part = n;
		if (m->read && (err = m->read(m, pa, to, part)) != OK)
			return err;
		if (!m->read)
			memcpy(to, m->map + r->offset + (pa - r->pa), part);
		to += part;
		pa += part;
		n -= part;
	}
	return OK;
}

uint64_t image_next_data(struct image *m, uint64_t offset)
{
	off_t data, hole;

	if (m->fd < 0 || m->read || (offset >= m->data && offset < m->hole))
		return offset;
	data = lseek(m->fd, (off_t)offset, SEEK_DATA);
	if (data < 0)
		return errno == ENXIO ? m->size : offset;
	hole = lseek(m->fd, data, SEEK_HOLE);
	m->data = (uint64_t)data;
	m->hole = hole < 0 ? m->size : (uint64_t)hole;
	return m->data;
}

void image_linear(const struct image *m, const uint8_t **bytes, uint64_t *first, uint64_t *size)
{
	*size = 0;
	for (size_t i = 0; !m->read && i < m->runs; i++) {
		const struct image_run *r = &m->run[i];
		uint64_t from = (r->pa + (TABLE_MOST - 1)) & ~(TABLE_MOST - 1), end = (r->pa + r->size) & ~(TABLE_MOST - 1);

		if (from < r->pa || end <= from || end - from <= *size || ((r->offset + (from - r->pa)) & 7))
			continue;
		*bytes = m->map + r->offset + (from - r->pa);
		*first = from;
		*size = end - from;
	}
}
