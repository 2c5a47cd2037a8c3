/* tests/host/mm/test_space_rights.c - what a range may never be given, and whose frames are written through it.
 * SPDX-License-Identifier: MIT
 */
#include "mm/backing/file.h"
#include "mm/phys/heap.h"
#include "mm/space/fork.h"
#include "mm/space/remote.h"
#include "mm/space/rmap.h"
#include "tests/host/mm/space.h"

#define RX    (PROT_U | PROT_R | PROT_X)
#define RO    (PROT_U | PROT_R)
#define BYTES (2 * (uint64_t)PAGE_SIZE)
#define THERE (AT + 0x100000)
#define FILE_WORD 0x5A5A5A5Au

static struct file file;
static pfn_t file_at;

static void make_file(void)
{
	assert_int_equal(frame_alloc_run(1, FRAME_LOW, FRAME_KERNEL, &file_at), OK);
	memset(machine_page(file_at), 0x5A, BYTES);
	file = (struct file){ .data = pfn_base(file_at), .size = BYTES };
}

static void end_file(void)
{
	(void)file_drop(&file);
	assert_int_equal(file.object.frames, 0);
	object_free(&file.object);
	frame_free_run(file_at, 2);
}

static err_t add_file(struct aspace *as, uint64_t va, prot_t prot, unsigned flags)
{
	return vma_add(as, va, BYTES, prot, flags, &backing_file, &file, 0, "f", NULL);
}

static err_t add_section(struct aspace *as, uint64_t va, prot_t prot, unsigned flags, struct section *s)
{
	return vma_add(as, va, BYTES, prot, flags, &backing_section, s, 0, "s", NULL);
}

/* ---- files ---- */

static void shared_files_are_never_writable(void)
{
	struct aspace *as = new_space(), *child;
	uint32_t value = 1;

	make_file();
	assert_int_equal(add_file(as, AT, RW, VMA_SHARED), ERR_ACCESS);
	assert_int_equal(add_file(as, AT, RO, VMA_SHARED), OK);
	assert_int_equal(get(AT), FILE_WORD);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(vma_protect(as, AT, BYTES, RW), ERR_ACCESS);
		assert_int_equal(vma_protect(as, AT + PAGE_SIZE, PAGE_SIZE, RW), ERR_ACCESS);
		assert_int_equal(vma_protect(as, AT, PAGE_SIZE, i ? RX : 0), OK);     /* the second time of two ranges */
	}
	assert_int_equal(vma_protect(as, AT, PAGE_SIZE, RW), ERR_ACCESS);
	assert_int_equal(vma_protect(as, AT, BYTES, RO), OK);
	assert_int_equal(aspace_write(as, AT, &value, sizeof(value)), ERR_ACCESS);
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(as, child), OK);
	assert_int_equal(vma_protect(child, AT, BYTES, RW), ERR_ACCESS);
	assert_int_equal(put(AT, 1), FAULT_DENIED);
	/* The kernel writes for the program no more than the program may. */
	assert_int_equal(cpu_access(AT, ACCESS_WRITE, false, &value), FAULT_DENIED);
	assert_int_equal(get(AT), FILE_WORD);
	aspace_destroy(child);
	end_space(as);
	end_file();
}

/* Nothing changes where one of the ranges may not have the rights. */
static void protect_is_all_or_nothing(void)
{
	struct aspace *as = new_space();

	make_file();
	add(as, AT, PAGE_SIZE, RW, 0);
	assert_int_equal(put(AT, 3), FAULT_FIXED);
	assert_int_equal(add_file(as, AT + PAGE_SIZE, RO, VMA_SHARED), OK);
	assert_int_equal(vma_protect(as, AT, PAGE_SIZE, RO), OK);
	assert_int_equal(vma_protect(as, AT, 2 * PAGE_SIZE, RW), ERR_ACCESS);
	assert_int_equal(put(AT, 4), FAULT_DENIED);
	end_space(as);
	end_file();
}

/* A frame of the file that something has put behind a shared range of another object. */
static void foreign_frames_are_copied(void)
{
	struct aspace *as = new_space();
	struct section *s;
	struct vma *v;
	pfn_t page;
	pte_t leaf;

	make_file();
	assert_int_equal(section_unnamed(BYTES, &s), OK);
	assert_int_equal(add_section(as, AT, RW, VMA_SHARED, s), OK);
	section_put(s);
	assert_int_equal(get(AT), 0);
	v = vma_find(as, AT);
	assert_int_equal(file_page(&file, 0, &page), OK);
	rmap_remove(as, entry_at(as, AT), PFN(frame_of(as, AT)));
	frame_put(PFN(frame_of(as, AT)));
	leaf = pt_leaf_at(as->space.half[0].mode, v->leaf[false], page);
	rmap_add(as, entry_at(as, AT), AT, page);
	assert_int_equal(pt_set(&as->space, AT, leaf, NULL), OK);
	arch_tlb_flush_page(AT);
	assert_int_equal(get(AT), FILE_WORD);
	assert_int_equal(put(AT, 1), FAULT_FIXED);
	assert_true(frame_of(as, AT) != page.v);
	assert_int_equal(*(uint32_t *)(void *)machine_page(page), FILE_WORD);
	end_space(as);
	end_file();
}

/* ---- private ranges of a section ---- */

static void private_sections_are_copied(void)
{
	struct aspace *as = new_space(), *child;
	struct section *s;

	assert_int_equal(section_open("p", BYTES, &s), OK);
	assert_int_equal(add_section(as, AT, RW, VMA_SHARED, s), OK);
	assert_int_equal(add_section(as, THERE, RW, 0, s), OK);
	section_put(s);
	/* Written first, whether the section has the page or not. */
	assert_int_equal(put(THERE, 1), FAULT_FIXED);
	assert_int_equal(get(AT), 0);
	assert_int_equal(put(AT + PAGE_SIZE, 2), FAULT_FIXED);
	world_fail_after = 0;
	assert_int_equal(put(THERE + PAGE_SIZE, 3), FAULT_NO_MEMORY);
	world_fail_after = -1;
	/* Read first. */
	assert_int_equal(get(THERE + PAGE_SIZE), 2);
	assert_int_equal(vma_protect(as, THERE, BYTES, RO), OK);
	assert_int_equal(vma_protect(as, THERE, BYTES, RW), OK);
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(as, child), OK);
	assert_int_equal(put(THERE + PAGE_SIZE, 3), FAULT_FIXED);
	assert_int_equal(get(AT + PAGE_SIZE), 2);
	aspace_load(child);
	assert_int_equal(get(THERE + PAGE_SIZE), 2);
	assert_int_equal(put(THERE + PAGE_SIZE, 4), FAULT_FIXED);
	assert_int_equal(put(THERE, 5), FAULT_FIXED);
	assert_int_equal(get(AT), 0);
	assert_int_equal(get(AT + PAGE_SIZE), 2);
	aspace_load(as);
	assert_int_equal(get(THERE), 1);
	assert_int_equal(get(THERE + PAGE_SIZE), 3);
	aspace_destroy(child);
	end_space(as);
	assert_true(list_empty(&sections));
}

static void what_has_no_name_is_not_found(void)
{
	struct section *a, *b, *c;

	assert_int_equal(section_unnamed(BYTES, &a), OK);
	assert_int_equal(section_unnamed(BYTES, &b), OK);
	assert_ptr_not_equal(a, b);
	assert_int_equal(section_open("", BYTES, &c), ERR_INVALID);
	assert_int_equal(section_open("n", BYTES, &c), OK);
	assert_ptr_not_equal(c, a);
	section_put(a);
	section_put(b);
	section_put(c);
	assert_true(list_empty(&sections));
}

/* ---- W and X ---- */

static void no_range_is_writable_code(void)
{
	struct aspace *as = new_space(), *child;

	assert_int_equal(vma_add(as, AT, PAGE_SIZE, RW | PROT_X, 0, &backing_anon, NULL, 0, "x", NULL), ERR_ACCESS);
	add(as, AT, PAGE_SIZE, RW, 0);
	assert_int_equal(vma_protect(as, AT, PAGE_SIZE, RW | PROT_X), ERR_ACCESS);
	assert_int_equal(vma_protect(as, AT, PAGE_SIZE, RX), OK);
	assert_int_equal(vma_protect(as, AT, PAGE_SIZE, RW | PROT_X), ERR_ACCESS);
	as->may_write_code = true;
	assert_int_equal(vma_protect(as, AT, PAGE_SIZE, RW | PROT_X), OK);
	assert_int_equal(aspace_create("child", &child), OK);
	assert_false(child->may_write_code);
	assert_int_equal(aspace_fork(as, child), OK);
	assert_true(child->may_write_code);
	aspace_destroy(child);
	end_space(as);
	/* The next root, made of the last one's, has no such right. */
	as = new_space();
	assert_false(as->may_write_code || as->unreadable || as->ranges);
	end_space(as);
}

static void no_frame_is_written_here_and_executed_there(void)
{
	struct aspace *as = new_space(), *other;
	struct section *s;

	assert_int_equal(section_unnamed(BYTES, &s), OK);
	assert_int_equal(add_section(as, AT, RW, VMA_SHARED, s), OK);
	assert_int_equal(add_section(as, THERE, RX, VMA_SHARED, s), ERR_ACCESS);
	assert_int_equal(add_section(as, THERE, RX, 0, s), ERR_ACCESS);
	assert_int_equal(add_section(as, THERE, RO, VMA_SHARED, s), OK);
	section_put(s);
	assert_int_equal(vma_protect(as, THERE, BYTES, RX), ERR_ACCESS);
	/* A part of it still writes. */
	assert_int_equal(vma_protect(as, AT, PAGE_SIZE, RO), OK);
	assert_int_equal(vma_protect(as, THERE, BYTES, RX), ERR_ACCESS);
	assert_int_equal(vma_protect(as, AT, BYTES, RO), OK);
	assert_int_equal(vma_protect(as, THERE, BYTES, RX), OK);
	assert_int_equal(vma_protect(as, AT, BYTES, RW), ERR_ACCESS);
	/* Another space counts as well, and no more when it is gone. */
	assert_int_equal(aspace_create("other", &other), OK);
	assert_int_equal(aspace_fork(as, other), OK);
	assert_int_equal(vma_unmap(as, THERE, BYTES), OK);
	assert_int_equal(vma_protect(as, AT, BYTES, RW), ERR_ACCESS);
	aspace_destroy(other);
	assert_int_equal(vma_protect(as, AT, BYTES, RW), OK);
	/* Write, then execute, at the one address that there is. */
	assert_int_equal(vma_protect(as, AT, BYTES, RX), OK);
	end_space(as);
	assert_true(list_empty(&sections));
}

/* ---- limits ---- */

static void ranges_are_counted(void)
{
	struct aspace *as = new_space(), *child;
	uint32_t n;

	add(as, AT, LEN, RW, 0);
	assert_int_equal(vma_protect(as, AT + PAGE_SIZE, PAGE_SIZE, RO), OK);
	assert_int_equal(as->ranges, ranges(as));
	assert_int_equal(vma_unmap(as, AT, 2 * PAGE_SIZE), OK);
	assert_int_equal(as->ranges, ranges(as));
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(as, child), OK);
	assert_int_equal(child->ranges, ranges(child));
	aspace_destroy(child);
	n = VMA_MAX - as->ranges;
	as->ranges += n;
	assert_int_equal(vma_add(as, THERE, PAGE_SIZE, RW, 0, &backing_anon, NULL, 0, "x", NULL), ERR_NO_MEMORY);
	assert_int_equal(vma_unmap(as, AT + 3 * PAGE_SIZE, PAGE_SIZE), ERR_NO_MEMORY);
	assert_int_equal(vma_protect(as, AT + 3 * PAGE_SIZE, PAGE_SIZE, RO), ERR_NO_MEMORY);
	as->ranges -= n;
	assert_int_equal(vma_unmap(as, AT + 3 * PAGE_SIZE, PAGE_SIZE), OK);
	end_space(as);
}

static void sealed_ranges_are_found(void)
{
	struct aspace *as = new_space();

	add(as, AT, PAGE_SIZE, RW, 0);
	add(as, AT + PAGE_SIZE, PAGE_SIZE, RO, VMA_SEALED);
	assert_false(vma_is_sealed(as, AT, PAGE_SIZE));
	assert_true(vma_is_sealed(as, AT, 2 * PAGE_SIZE));
	assert_true(vma_is_sealed(as, AT + PAGE_SIZE, PAGE_SIZE));
	assert_true(vma_is_sealed(as, 0, USER_END));
	assert_false(vma_is_sealed(as, AT + 2 * PAGE_SIZE, PAGE_SIZE));
	end_space(as);
}

#define T(f) { #f, f }

int main(void)
{
	static const struct named_world_test tests[] = {
		T(shared_files_are_never_writable), T(protect_is_all_or_nothing), T(foreign_frames_are_copied),
		T(private_sections_are_copied), T(what_has_no_name_is_not_found), T(no_range_is_writable_code),
		T(no_frame_is_written_here_and_executed_there), T(ranges_are_counted), T(sealed_ranges_are_found),
	};

	return world_run("rights", tests, ARRAY_LEN(tests));
}
