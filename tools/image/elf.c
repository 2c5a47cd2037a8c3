/* tools/image/elf.c - ELF cores of machines: QEMU's dump-guest-memory, virsh dump, /proc/vmcore, makedumpfile -E.
 * SPDX-License-Identifier: MIT
 *
 * System V ABI, "Object files"; QEMU's state of an x86 CPU is a note of the name QEMU (struct QEMUCPUState, version 1).
 */
#include <inttypes.h>

#include "tools/image/reader.h"

enum { CLASS32 = 1, CLASS64 = 2, LITTLE = 1, ET_CORE = 4, PT_LOAD = 1, PT_NOTE = 4, PN_XNUM = 0xffff };
enum { EM_386 = 3, EM_X86_64 = 62 };
/* Types of notes of the name CORE that only a process has: its auxiliary vector, its files. */
enum { NT_AUXV = 6, NT_FILE = 0x46494c45 };

/* EFER is not in the notes: NXE, which every system sets that can; LME and LMA. */
enum { EFER_NXE = 0x800, EFER_LONG = 0x500 };

/* Where the fields of a header are; w is the size of an address. */
struct elf {
	unsigned w;
	unsigned machine;
	uint64_t headers, count, entry;
};

struct segment { uint32_t type; uint64_t offset, pa, size; };

static struct segment segment_at(const struct image *m, const struct elf *e, uint64_t at)
{
	if (e->w == 4)
		return (struct segment){ get32(m, at), get32(m, at + 4), get32(m, at + 12), get32(m, at + 16) };
	return (struct segment){ get32(m, at), get64(m, at + 8), get64(m, at + 24), get64(m, at + 32) };
}

/* More than 65534 segments: the number stands in the first section header. */
static bool real_count(struct image *m, struct elf *e)
{
	uint64_t sections = get_number(m->map + (e->w == 4 ? 32 : 40), e->w);
	uint64_t info = e->w == 4 ? 28 : 44;

	if (!image_has(m, sections, info + 4))
		return image_damaged(m, sections, "the file ends, but the number of segments stands here");
	e->count = get32(m, sections + info);
	return true;
}

static bool read_header(struct image *m, struct elf *e)
{
	bool wide = image_has(m, 0, 5) && m->map[4] == CLASS64;

	e->w = wide ? 8 : 4;
	if (!image_has(m, 0, wide ? 64 : 52))
		return image_damaged(m, m->size, "the file ends within its header");
	if ((m->map[4] != CLASS32 && !wide) || m->map[5] != LITTLE)
		return image_refused(m, "class %u, byte order %u: not a little-endian file of 32 or 64 bits", m->map[4], m->map[5]);
	if (get16(m, 16) != ET_CORE)
		return image_refused(m, "not a core (type %u)", get16(m, 16));
	m->kind = "an ELF core";
	e->machine = get16(m, 18);
	e->headers = get_number(m->map + (wide ? 32 : 28), e->w);
	e->entry = get16(m, wide ? 54 : 42);
	e->count = get16(m, wide ? 56 : 44);
	if (e->count == PN_XNUM && !real_count(m, e))
		return false;
	if (e->entry < (wide ? 56 : 32))
		return image_damaged(m, wide ? 54 : 42, "a program header of %" PRIu64 " bytes", e->entry);
	if (e->headers > m->size || (m->size - e->headers) / e->entry < e->count)
		return image_damaged(m, e->headers, "the file ends within its %" PRIu64 " program headers", e->count);
	return true;
}

bool image_open_elf(struct image *m)
{
	struct elf e = { 0 };
	uint64_t at, notes = 0;

	if (!read_header(m, &e))
		return false;
	at = e.headers;
	for (uint64_t i = 0; i < e.count; i++, at += e.entry) {
		struct segment s = segment_at(m, &e, at);

		if ((s.type == PT_LOAD || s.type == PT_NOTE) && !image_has(m, s.offset, s.size))
			return image_damaged(m, at, "segment %" PRIu64 " of %" PRIx64 " bytes at offset %" PRIx64
			                     " does not end within the file", i, s.size, s.offset);
		/* /proc/kcore: no physical address is known for this part. */
		if (s.type == PT_LOAD && s.pa != UINT64_MAX && !image_add(m, s.pa, s.size, s.offset))
			return false;
		if (s.type != PT_NOTE)
			continue;
		/* Many segments could name the same notes: time and CPUs without limit. */
		notes += s.size;
		if (notes > m->size)
			return image_damaged(m, at, "the notes up to segment %" PRIu64 " have %" PRIx64 " bytes, the file has %"
			                     PRIx64, i, notes, m->size);
		if (!image_notes(m, m->map + s.offset, s.size, s.offset))
			return false;
	}
	/* The dumper takes the machine from the mode of the first CPU. */
	for (unsigned i = 0; i < m->cpus; i++)
		if (e.machine == EM_386 || e.machine == EM_X86_64)
			image_put_register(&m->cpu[i], "efer", EFER_NXE | (e.machine == EM_386 ? 0 : EFER_LONG));
	return true;
}

/* ---- notes ---- */

/* struct QEMUCPUState: u32 version, u32 size, 16 registers, RIP, RFLAGS, ten segments of 24 bytes, CR0 to CR4. */
enum { QEMU_REGISTERS = 8, QEMU_CS = 8 + 18 * 8, QEMU_CR0 = QEMU_CS + 10 * 24, QEMU_STATE = QEMU_CR0 + 5 * 8 };
enum { CS_FLAGS = 8, CS_LONG = 1 << 21 };

/* True if the state is one of the 64-bit mode: code of 64 bits, or a register that needs more than 32. */
static bool is_long(const uint8_t *at)
{
	if (get_number(at + QEMU_CS + CS_FLAGS, 4) & CS_LONG)
		return true;
	for (unsigned i = 0; i < 17; i++)
		if (get_number(at + QEMU_REGISTERS + 8 * i + 4, 4))
			return true;
	return false;
}

static bool qemu_cpu(struct image *m, const uint8_t *at, uint64_t n, uint64_t offset)
{
	static const char *const name[] = { "cr0", NULL, "cr2", "cr3", "cr4" };
	struct image_cpu *cpu;

	if (n < QEMU_STATE || get_number(at, 4) != 1)
		return image_damaged(m, offset, "a CPU's state of version %u and %" PRIu64 " bytes",
		                     n < 4 ? 0 : (unsigned)get_number(at, 4), n);
	cpu = image_add_cpu(m);
	if (!cpu)
		return image_damaged(m, offset, "no memory for another CPU");
	for (unsigned i = 0; i < 5; i++)
		if (name[i])
			image_put_register(cpu, name[i], get_number(at + QEMU_CR0 + 8 * i, 8));
	image_put_register(cpu, "efer", EFER_NXE | (is_long(at) ? EFER_LONG : 0));
	return true;
}

static bool is_named(const uint8_t *name, uint64_t n, const char *text)
{
	size_t length = strlen(text);

	return n >= length && n <= length + 1 && !memcmp(name, text, length);
}

bool image_notes(struct image *m, const uint8_t *at, uint64_t n, uint64_t offset)
{
	uint64_t i = 0;

	while (n - i >= 12) {
		uint64_t name = get_number(at + i, 4), size = get_number(at + i + 4, 4);
		uint32_t type = (uint32_t)get_number(at + i + 8, 4);
		uint64_t data = i + 12 + ((name + 3) & ~3ull), end = data + size;

		/* Dumpers pad the notes with zeroes. */
		if (!name && !size)
			return true;
		if (end > n)
			return image_damaged(m, offset + i, "a note of %" PRIu64 " and %" PRIu64 " bytes ends behind the notes",
			                     name, size);
		if (is_named(at + i + 12, name, "QEMU") && type == 0 && !qemu_cpu(m, at + data, size, offset + data))
			return false;
		if (is_named(at + i + 12, name, "CORE") && (type == NT_AUXV || type == NT_FILE))
			return image_refused(m, "the core of a process: there is no physical memory in it");
		i = data + ((size + 3) & ~3ull);
		if (i > n)
			return true;
	}
	return true;
}
