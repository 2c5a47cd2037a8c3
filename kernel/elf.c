/* kernel/elf.c - ELF headers of either class, read field by field and checked.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/elf.h"
#include "arch/mmu.h"
#include "lib/string.h"
#include "mm/backing/file.h"

#define HEADER_BYTES 64
#define ET_EXEC      2
#define PT_LOAD      1
#define PT_GNU_STACK 0x6474E551
#define PF_X         1
#define PF_W         2
#define PF_R         4

/* Offset and size in bytes of the fields in each class: ELFCLASS32 is 1, ELFCLASS64 is 2 (System V
 * ABI, figures 4-3 and 5-1). */
struct field { uint8_t at, bytes; };
struct layout {
	uint8_t class_id, header, program_header;   /* EI_CLASS; bytes of the ELF header and of one program header */
	struct field type, machine, entry, phoff, phentsize, phnum;   /* of the ELF header */
	struct field p_type, p_flags, p_offset, p_vaddr, p_filesz, p_memsz;   /* of a program header */
};
static const struct layout layouts[] = {
	{ 1, 52, 32, { 16, 2 }, { 18, 2 }, { 24, 4 }, { 28, 4 }, { 42, 2 }, { 44, 2 },
	  { 0, 4 }, { 24, 4 }, { 4, 4 }, { 8, 4 }, { 16, 4 }, { 20, 4 } },
	{ 2, 64, 56, { 16, 2 }, { 18, 2 }, { 24, 8 }, { 32, 8 }, { 54, 2 }, { 56, 2 },
	  { 0, 4 }, { 4, 4 }, { 8, 8 }, { 16, 8 }, { 32, 8 }, { 40, 8 } },
};

/* Reads a little-endian field, zero-extended. Byte by byte: the header in the buffer has no
 * alignment. */
static uint64_t get(const unsigned char *base, struct field f)
{
	uint64_t v = 0;

	for (unsigned i = f.bytes; i-- > 0; )
		v = v << 8 | base[f.at + i];
	return v;
}

/* Layout of the class of this kernel. NULL: not a static executable of this class and machine. */
static const struct layout *layout_of(const unsigned char *h)
{
	static const unsigned char magic[] = { 0x7F, 'E', 'L', 'F' };
	const struct layout *l = &layouts[sizeof(void *) == 8];

	/* The class of this kernel, little-endian, version 1. */
	if (memcmp(h, magic, sizeof(magic)) || h[4] != l->class_id || h[5] != 1 || h[6] != 1)
		return NULL;
	return get(h, l->type) == ET_EXEC && get(h, l->machine) == USER_ELF_MACHINE ? l : NULL;
}

/* True if the segment's bytes are inside the file and its memory is in [PAGE_SIZE, USER_MMAP). The
 * file is not trusted, so each comparison subtracts a value that was compared before: no sum can
 * wrap. Address and file offset must be equal modulo the page size, because pages of the file are
 * mapped as they are. */
static bool is_sane(const struct elf_segment *s, const struct file *f)
{
	return s->mem_size >= s->file_size && s->file_size <= f->size && s->offset <= f->size - s->file_size &&
	       s->va >= PAGE_SIZE && s->va < USER_MMAP && s->mem_size <= USER_MMAP - s->va &&
	       (s->va & PAGE_MASK) == (s->offset & PAGE_MASK);
}

/* Adds a PT_LOAD program header. ERR_INVALID: a bad segment, or too many. */
static err_t add_segment(const struct layout *l, const unsigned char *h, const struct file *f, struct elf_view *out)
{
	uint64_t flags = get(h, l->p_flags);
	struct elf_segment s = {
		.offset = get(h, l->p_offset), .va = get(h, l->p_vaddr), .file_size = get(h, l->p_filesz),
		.mem_size = get(h, l->p_memsz), .r = flags & PF_R, .w = flags & PF_W, .x = flags & PF_X,
	};

	if (get(h, l->p_type) == PT_GNU_STACK)
		out->executable_stack = s.x;
	if (get(h, l->p_type) != PT_LOAD || s.mem_size == 0)
		return OK;
	if (out->count == ELF_SEGMENTS_MAX || !is_sane(&s, f))
		return ERR_INVALID;
	out->segment[out->count++] = s;
	return OK;
}

/* True if the entry point is in an executable segment and aligned as this CPU requires
 * (USER_ENTRY_ALIGN). A return to user mode at any other address would fault in the kernel on some
 * CPUs. */
static bool entry_is_sane(const struct elf_view *elf)
{
	for (unsigned i = 0; i < elf->count; i++) {
		const struct elf_segment *s = &elf->segment[i];

		if (s->x && elf->entry >= s->va && elf->entry - s->va < s->mem_size)
			return elf->entry % USER_ENTRY_ALIGN == 0;
	}
	return false;
}

/* Program headers are read one at a time into `h`, so their number is not limited by memory. A
 * short read means that the table extends beyond the file. */
err_t elf_read(struct file *f, struct elf_view *out)
{
	unsigned char h[HEADER_BYTES];
	const struct layout *l;
	uint64_t at, n;

	if (file_read(f, 0, h, sizeof(h)) != sizeof(h) || !(l = layout_of(h)))
		return ERR_INVALID;
	*out = (struct elf_view){ .entry = get(h, l->entry) };
	at = get(h, l->phoff);
	n = get(h, l->phnum);
	if (get(h, l->phentsize) != l->program_header)
		return ERR_INVALID;
	for (; n > 0; n--, at += l->program_header) {
		err_t err;

		if (file_read(f, at, h, l->program_header) != l->program_header)
			return ERR_INVALID;
		err = add_segment(l, h, f, out);
		if (err != OK)
			return err;
	}
	return entry_is_sane(out) ? OK : ERR_INVALID;
}
