/* kernel/exec.c - loads a program of the initrd into an address space.
 * SPDX-License-Identifier: MIT
 *
 *   00400000      the image: text and read-only data shared through the page cache, data private
 *   after it      heap (brk)
 *   USER_MMAP     mmap's ranges, upwards
 *   USER_STACK_TOP  one page of stack, growing downwards; arguments at its top
 *   USER_PEB      the process environment block, read-only
 */
#include "kernel/exec.h"
#include "kernel/elf.h"
#include "kernel/initrd.h"
#include "lib/abi.h"
#include "lib/string.h"
#include "mm/phys/heap.h"
#include "mm/space/remote.h"

#define STACK_ALIGN 16
/* Limit of the arguments in the first stack page. */
#define STRINGS_MAX (PAGE_SIZE - sizeof(struct abi_start) - STACK_ALIGN)

/* Every segment is readable, whatever its PF_R: the formats that the kernel runs on have no user
 * page that can only be written or executed. */
static prot_t prot_of(const struct elf_segment *s)
{
	return PROT_U | PROT_R | (s->w ? PROT_W : 0) | (s->x ? PROT_X : 0);
}

/* Copies the file's bytes from address `from` to the segment's end into anonymous memory. They
 * share their page with zeroes (.bss) or may be written, so that page is a private copy and not
 * the page cache's. */
static err_t copy_tail(struct aspace *as, struct file *f, const struct elf_segment *s, uint64_t from)
{
	uint64_t end = s->va + s->file_size, n = end - from;
	char *page;
	err_t err;

	if (n == 0)
		return OK;
	page = kmalloc((size_t)n);
	if (!page)
		return ERR_NO_MEMORY;
	err = file_read(f, s->offset + (from - s->va), page, n) == n ? aspace_write(as, from, page, n) : ERR_IO;
	kfree(page);
	return err;
}

/* Maps one segment: whole pages from the file, and anonymous memory after its end (.bss). */
static err_t load_segment(struct aspace *as, struct file *f, const struct elf_segment *s)
{
	uint64_t first = ALIGN_DOWN(s->va, (uint64_t)PAGE_SIZE), end = ALIGN_UP(s->va + s->mem_size, (uint64_t)PAGE_SIZE);
	uint64_t file_end = s->va + s->file_size, cut;
	err_t err = OK;

	/* Whole pages of the file. The last page of a read-only segment may contain the next bytes of the file. */
	cut = s->w || s->mem_size > s->file_size ? ALIGN_DOWN(file_end, (uint64_t)PAGE_SIZE) : end;
	if (cut < first)
		cut = first;
	if (cut > first)
		err = vma_add(as, first, cut - first, prot_of(s), 0, &backing_file, f,
		              ALIGN_DOWN(s->offset, (uint64_t)PAGE_SIZE), f->name, NULL);
	if (err == OK && end > cut)
		err = vma_add(as, cut, end - cut, prot_of(s), 0, &backing_anon, NULL, 0, f->name, NULL);
	if (err != OK || end == cut)
		return err;
	return copy_tail(as, f, s, cut > s->va ? cut : s->va);
}

/* Maps all segments and checks that the entry point is in an executable one: a return to any other address would fault. */
static err_t load_image(struct program *p, struct aspace *as, struct file *f)
{
	struct elf_view elf;
	err_t err = elf_read(f, &elf);
	uint64_t first = UINT64_MAX, last = 0;

	as->may_write_code = err == OK && elf.executable_stack;
	for (unsigned i = 0; err == OK && i < elf.count; i++) {
		const struct elf_segment *s = &elf.segment[i];

		err = load_segment(as, f, s);
		first = s->va < first ? s->va : first;
		last = s->va + s->mem_size > last ? s->va + s->mem_size : last;
	}
	if (err != OK)
		/* Overlapping segments, or one that is writable and executable, are faults of the
		 * file. */
		return err == ERR_EXISTS || err == ERR_ACCESS ? ERR_INVALID : err;
	p->image_first = ALIGN_DOWN(first, (uint64_t)PAGE_SIZE);
	p->image_last = last - 1;
	p->timestamp = f->mtime;
	p->brk_first = ALIGN_UP(last, (uint64_t)PAGE_SIZE) + PAGE_SIZE;
	p->start_pc = elf.entry;
	return OK;
}

/* ---- stack ---- */

/* Lays out strings and struct abi_start in page, the picture of the stack's top page. */
static err_t lay_out(char *page, const char *const argv[], unsigned argc, uint64_t *sp)
{
	uint64_t base = USER_STACK_TOP - PAGE_SIZE, at = USER_STACK_TOP, used = 0;
	struct abi_start start = { .argc = argc };

	if (argc > ABI_ARGS_MAX)
		return ERR_RANGE;
	for (unsigned i = 0; i < argc; i++) {
		size_t n = strlen(argv[i]) + 1;

		used += n;
		if (used > STRINGS_MAX)
			return ERR_RANGE;
		at -= n;
		memcpy(page + (at - base), argv[i], n);
		start.argv[i] = (uintptr_t)at;
	}
	at = ALIGN_DOWN(at - sizeof(start), (uint64_t)STACK_ALIGN);
	memcpy(page + (at - base), &start, sizeof(start));
	*sp = at;
	return OK;
}

/* Maps the top page of the stack and writes the arguments to it. The VMA grows downwards on
 * faults. The page is composed in kernel memory and written at once, because `as` is not loaded.
 * ERR_RANGE: the arguments need more than STRINGS_MAX bytes or there are more than ABI_ARGS_MAX. */
static err_t make_stack(struct program *p, struct aspace *as, const char *const argv[], unsigned argc)
{
	char *page = kzalloc(PAGE_SIZE);
	err_t err = page ? lay_out(page, argv, argc, &p->start_sp) : ERR_NO_MEMORY;

	if (err == OK)
		err = vma_add(as, USER_STACK_TOP - PAGE_SIZE, PAGE_SIZE,
		              PROT_U | PROT_R | PROT_W | (as->may_write_code ? PROT_X : 0), VMA_GROWS_DOWN,
		              &backing_anon, NULL, 0, "stack", NULL);
	if (err == OK)
		err = aspace_write(as, p->start_sp, page + (p->start_sp & PAGE_MASK), USER_STACK_TOP - p->start_sp);
	kfree(page);
	return err;
}

/* ---- PEB ---- */

/* Maps the read-only process environment block that `!peb` prints. VMA_SEALED: the program cannot
 * unmap, protect or replace it, so the command can rely on its layout. The command line is cut if
 * it is too long. */
static err_t make_peb(struct program *p, struct aspace *as, const char *const argv[], unsigned argc)
{
	struct abi_peb *peb = kzalloc(sizeof(*peb));
	size_t used = 0;
	err_t err;

	if (!peb)
		return ERR_NO_MEMORY;
	peb->magic = ABI_PEB_MAGIC;
	peb->image_base = p->image_first;
	peb->ldr_initialized = 1;
	peb->module_count = 1;
	peb->module[0] = (struct abi_module){ p->image_first, p->image_last + 1 - p->image_first, p->timestamp, "" };
	str_copy(peb->module[0].name, argv[0], sizeof(peb->module[0].name));
	for (unsigned i = 0; i < argc && used + 1 < sizeof(peb->command_line); i++) {
		if (i)
			peb->command_line[used++] = ' ';
		str_copy(peb->command_line + used, argv[i], sizeof(peb->command_line) - used);
		used += strlen(peb->command_line + used);
	}
	err = vma_add(as, USER_PEB, PAGE_SIZE, PROT_U | PROT_R, VMA_SEALED, &backing_anon, NULL, 0, "peb", NULL);
	if (err == OK)
		err = aspace_write(as, USER_PEB, peb, sizeof(*peb));
	kfree(peb);
	return err;
}

/* The order matters: load_image() sets as->may_write_code, which make_stack() uses for the rights
 * of the stack, and the image bounds, which make_peb() stores. */
err_t exec_load(struct program *out, struct aspace *as, const char *const argv[], unsigned argc)
{
	struct file *f = argc ? initrd_find(argv[0]) : NULL;
	err_t err = f ? load_image(out, as, f) : ERR_NOT_FOUND;

	if (err == OK)
		err = make_stack(out, as, argv, argc);
	if (err == OK)
		err = make_peb(out, as, argv, argc);
	return err;
}
