/* tests/host/mm/test_space_fast.c - fault_fast() and mm_fault(): the same faults have the same results, records and journal.
 * SPDX-License-Identifier: MIT
 */
#define _DEFAULT_SOURCE
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/string.h"
#include "mm/backing/file.h"
#include "mm/phys/journal.h"
#include "mm/space/fork.h"
#include "mm/space/rmap.h"
#include "mm/space/vma_name.h"
#include "mm/space/zap.h"
#include "tests/host/mm/space.h"

#define PAGES  24
#define OBJECT_PAGES 4
#define FIRST  (AT - PAGES / 2 * PAGE_SIZE)
#define STEPS  3000
#define SPACES 3
#define TRACE  (4u << 20)

static char *trace;
static size_t length;
static uint64_t journal_seen;

static __attribute__((format(printf, 1, 2))) void put_trace(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	length += (size_t)vsnprintf(trace + length, TRACE - length, format, args);
	va_end(args);
	assert_true(length < TRACE);
}

/* All that a record says. Of `found.upper` the levels above the entry. */
static void put_record(const struct fault_record *r)
{
	put_trace("%llu %lx %lx %x %d %d %d %d a%d r%d ", (unsigned long long)r->sequence, (unsigned long)r->fault.va,
	          (unsigned long)r->fault.pc, r->fault.code, r->fault.access, r->fault.from_user, r->fault.present,
	          r->fault.reserved_bit, r->action, r->result);
	put_trace("l%u k%d %llx:%llx>%llx ", r->found.level, r->found.kind, (unsigned long long)r->found.entry_pa.v,
	          (unsigned long long)r->found.entry.v, (unsigned long long)r->after.v);
	for (unsigned level = r->found.level + 1; level < arch_pt_mode()->levels; level++)
		put_trace("u%llx ", (unsigned long long)r->found.upper[level].v);
	if (r->found.kind == PT_LEAF)
		put_trace("p%llx ", (unsigned long long)r->found.page.v);
	put_trace("s%x %llx %lx-%lx %x %s\n", r->aspace, (unsigned long long)r->root.v, (unsigned long)r->vma_first,
	          (unsigned long)r->vma_last, r->vma_prot, r->vma_name);
}

static void put_journal(void)
{
	struct journal_cursor c = journal_end();
	struct journal_entry e;

	while (journal_previous(&c, &e) && e.number > journal_seen)
		put_trace("  %llu %llx %llx>%llx %s\n", (unsigned long long)e.number, (unsigned long long)e.pa.v,
		          (unsigned long long)e.old.v, (unsigned long long)e.new.v, e.why);
	journal_seen = journal_count();
}

static void put_frames(const struct aspace *as, uint64_t va)
{
	const struct frame *f = frame_at(PFN(frame_of(as, va)));

	put_trace("  zero %u %u, committed %llu, faults %llu", zero_record->refs, zero_record->maps,
	          (unsigned long long)aspace_counts(as, NULL).committed, (unsigned long long)as->faults);
	if (f)
		put_trace(", frame %x refs %u maps %u owner %llx state %u", frame_index(f), f->refs, f->maps,
		          (unsigned long long)f->owner, f->state);
	put_trace("\n");
}

static void access_page(struct aspace *as, uint64_t va, enum access access)
{
	uint32_t value = rnd();
	uint64_t before = fault_newest();

	put_trace("%d\n", cpu_access(va, access, true, &value));
	if (access == ACCESS_READ)
		put_trace("  %x\n", value);
	for (uint64_t n = fault_newest() - before; n > 0; n--)
		put_record(fault_recent((unsigned)n - 1));
	put_journal();
	put_frames(as, va);
}

/* Anonymous pages, then those of objects, of each of four mappings. */
static uint64_t some_page(void)
{
	return FIRST + rnd() % (PAGES + 4 * OBJECT_PAGES) * (uint64_t)PAGE_SIZE;
}

static struct aspace *first_space(void)
{
	struct aspace *as = new_space();

	add(as, FIRST, PAGES * (uint64_t)PAGE_SIZE, RW, 0);
	return as;
}

/* ---- a file and a section ---- */

static struct file file;
static pfn_t file_at;
static struct section *section;

static void make_objects(void)
{
	assert_int_equal(frame_alloc_run(2, FRAME_LOW, FRAME_KERNEL, &file_at), OK);
	for (unsigned i = 0; i < OBJECT_PAGES; i++)
		memset(machine_page(PFN(file_at.v + i)), (int)(0x50 + i), PAGE_SIZE);
	/* A page is zero behind the end of the file. */
	file = (struct file){ .data = pfn_base(file_at), .size = OBJECT_PAGES * PAGE_SIZE - 100 };
	assert_int_equal(section_open("s", OBJECT_PAGES * PAGE_SIZE, &section), OK);
}

static void end_objects(void)
{
	section_put(section);
	(void)file_drop(&file);
	object_free(&file.object);
	frame_free_run(file_at, OBJECT_PAGES);
}

static void map_objects(struct aspace *as)
{
	static const struct { bool is_file; prot_t prot; unsigned flags; } maps[] = {
		{ true, PROT_U | PROT_R, VMA_SHARED }, { true, RW, 0 }, { false, RW, VMA_SHARED }, { false, RW, 0 },
	};
	uint64_t va = FIRST + PAGES * PAGE_SIZE, len = OBJECT_PAGES * PAGE_SIZE;

	for (unsigned i = 0; i < ARRAY_LEN(maps); i++, va += len) {
		const struct backing *b = maps[i].is_file ? &backing_file : &backing_section;
		void *object = maps[i].is_file ? (void *)&file : section;

		assert_int_equal(vma_add(as, va, len, maps[i].prot, maps[i].flags, b, object, 0, "object", NULL), OK);
	}
}

/* ---- the life ---- */

/* Some of the pages are mapped again, read-only, or without rights: anonymous memory of several VMAs. */
static void change_ranges(struct aspace *as)
{
	static const prot_t prots[] = { RW, PROT_U | PROT_R, PROT_U, PROT_U | PROT_R | PROT_X };
	uint64_t va = some_page();

	if (rnd() % 2 && vma_unmap(as, va, PAGE_SIZE) == OK)
		add(as, va, PAGE_SIZE, RW, 0);
	else
		put_trace("protect %d\n", vma_protect(as, va, PAGE_SIZE, prots[rnd() % ARRAY_LEN(prots)]));
}

/* As a debugger does it: the TLB may still have the entry without W. */
static void make_writable(struct aspace *as, uint64_t va)
{
	struct vma *v = vma_find(as, va);
	struct pt_slot slot;

	if (!v || !(v->prot & PROT_W) || pt_lookup(&as->space, va, 0, &slot) != OK || slot.kind != PT_LEAF ||
	    slot.page.v == zero_frame.v || frame_at(slot.page)->maps > 1)
		return;
	assert_int_equal(pt_set(&as->space, va, pt_leaf_at(as->space.half[0].mode, v->leaf[true], slot.page), NULL), OK);
}

static void change_spaces(struct aspace *space[SPACES])
{
	unsigned i = rnd() % SPACES;

	if (!space[i]) {
		assert_int_equal(aspace_create("child", &space[i]), OK);
		assert_int_equal(aspace_fork(current_aspace, space[i]), OK);
	} else if (space[i] != current_aspace && rnd() % 2) {
		aspace_destroy(space[i]);
		space[i] = NULL;
	} else {
		aspace_load(space[i]);
	}
}

static void live(void)
{
	struct aspace *space[SPACES] = { first_space() };

	make_objects();
	map_objects(space[0]);
	journal_seen = journal_count();
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned what = rnd() % 64 ? 1 + rnd() % 15 : 0;

		if (what == 0 && rnd() % 2)
			change_spaces(space);
		else if (what == 0)
			change_ranges(current_aspace);
		else if (what == 1)
			vma_zap(current_aspace, some_page(), (1 + rnd() % 8) * (uint64_t)PAGE_SIZE);
		else if (what == 2)
			make_writable(current_aspace, some_page());
		else if (what == 3)
			put_trace("drop %llu of %llu\n", (unsigned long long)file_drop(&file), (unsigned long long)file.reads);
		else
			access_page(current_aspace, some_page(), what < 9 ? ACCESS_WRITE : ACCESS_READ);
		if (what < 3)
			put_journal();
	}
	aspace_load(&kernel_aspace);
	for (unsigned i = 0; i < SPACES; i++)
		if (space[i])
			aspace_destroy(space[i]);
	end_objects();
}

/* The same life twice, from the same state on: with the fast path in a process of its own. */
static void both_paths_with(unsigned around)
{
	char *shared = mmap(NULL, 2 * TRACE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t *hits;
	int status;
	pid_t child;

	assert_ptr_not_equal(shared, MAP_FAILED);
	hits = (uint64_t *)(void *)(shared + 2 * TRACE - sizeof(*hits));
	child = fork();
	cpu_is_fast = child == 0;
	trace = child ? shared : shared + TRACE;
	length = 0;
	fault_around = around;
	cpu_fast_faults = 0;
	live();
	if (child == 0) {
		*hits = cpu_fast_faults;
		_exit(0);
	}
	cpu_is_fast = true;
	fault_around = 1;
	assert_true(waitpid(child, &status, 0) == child && status == 0);
	assert_string_equal(shared, shared + TRACE);
	assert_true(*hits > STEPS / 20);
	munmap(shared, 2 * TRACE);
}

static void both_paths_do_the_same(void)
{
	both_paths_with(1);
}

static void both_paths_with_fault_around(void)
{
	both_paths_with(4);
}

/* Two VMAs of each object: the second one finds its pages in memory. */
static void pages_of_objects_are_fast(void)
{
	const bool may_be_fast = world->format->caps & PT_FRAME_IN_PLACE;
	struct aspace *as = first_space();
	uint64_t va = FIRST + PAGES * PAGE_SIZE, before;

	make_objects();
	map_objects(as);
	for (unsigned i = 0; i < 4 * OBJECT_PAGES; i++) {
		unsigned map = i / OBJECT_PAGES, page = i % OBJECT_PAGES;

		before = cpu_fast_faults;
		assert_int_equal(get(va + i * PAGE_SIZE), map < 2 ? 0x01010101 * (0x50 + page) : 0);
		assert_int_equal(cpu_fast_faults - before, may_be_fast && map % 2);
		assert_int_equal(fault_recent(0)->action, map == 2 ? ACT_DEMAND_ZERO : ACT_FILE_PAGE);
	}
	assert_int_equal(file.reads, OBJECT_PAGES);
	/* The prototype entry of a dropped page names no frame. */
	vma_zap(as, va, 2 * OBJECT_PAGES * PAGE_SIZE);
	assert_int_equal(file_drop(&file), OBJECT_PAGES);
	before = cpu_fast_faults;
	assert_int_equal(get(va), 0x50505050);
	assert_int_equal(cpu_fast_faults, before);
	world_check();
	end_space(as);
	end_objects();
}

/* A format can have attributes above the frame number: those of a PTE that fork() made read-only are none of the frame's. */
static void a_copy_after_fork_is_fast(void)
{
	const bool may_be_fast = world->format->caps & PT_FRAME_IN_PLACE;
	const uint64_t first = AT - 4 * PAGE_SIZE;      /* in one table */
	struct aspace *as = first_space(), *child;
	uint64_t before;

	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(put(first + i * PAGE_SIZE, 1 + i), FAULT_FIXED);
	assert_int_equal(aspace_create("child", &child), OK);
	assert_int_equal(aspace_fork(as, child), OK);
	before = cpu_fast_faults;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(put(first + i * PAGE_SIZE, 5 + i), FAULT_FIXED);
	assert_int_equal(cpu_fast_faults - before, may_be_fast ? 4 : 0);
	aspace_load(child);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(get(first + i * PAGE_SIZE), 1 + i);
	aspace_load(as);
	world_check();
	aspace_destroy(child);
	end_space(as);
}

/* The table of the last fault was freed, its frame has another use, and another table is in its place. */
static void a_table_that_was_freed_is_not_used(void)
{
	struct aspace *as = first_space();
	paddr_t entry;
	pfn_t taken[8];

	assert_int_equal(put(AT, 1), FAULT_FIXED);
	assert_int_equal(put(AT + PAGE_SIZE, 1), FAULT_FIXED);
	assert_true(as->leaf.bytes);
	assert_int_equal(vma_unmap(as, FIRST, PAGES * (uint64_t)PAGE_SIZE), OK);
	assert_int_equal(as->tables[0], 0);
	for (unsigned i = 0; i < ARRAY_LEN(taken); i++)
		assert_int_equal(frame_alloc(FRAME_LOW | FRAME_ZERO, FRAME_KERNEL, &taken[i]), OK);
	add(as, AT, LEN, RW, 0);
	assert_int_equal(pt_ensure(&as->space, AT, 0, NULL, &entry), OK);
	assert_int_equal(put(AT, 2), FAULT_FIXED);
	assert_int_equal(get(AT), 2);
	for (unsigned i = 0; i < ARRAY_LEN(taken); i++)
		frame_put(taken[i]);
	world_check();
	end_space(as);
}

/* What is unmapped is all that the directory translates, so the entry above the table has no place any more. */
static void a_directory_that_was_freed_is_not_read(void)
{
	const uint64_t at = 0x80000000, gib = 1u << 30;
	struct aspace *as = new_space();
	uint32_t directories;

	if (at + gib > USER_END) {
		end_space(as);
		return;
	}
	add(as, at, gib, RW, 0);
	assert_int_equal(put(at, 1), FAULT_FIXED);
	assert_int_equal(put(at + PAGE_SIZE, 1), FAULT_FIXED);
	directories = as->tables[1];
	assert_true(as->leaf.bytes);
	assert_int_equal(vma_unmap(as, at, gib), OK);
	assert_true(as->tables[1] == directories || !as->leaf.bytes);
	end_space(as);
}

/* More names come than there are places for; that of the record stays. */
static void a_record_keeps_the_name_of_its_vma(void)
{
	struct aspace *as = new_space();
	char name[VMA_NAME_SIZE];

	/* A name as any other, though its text is that of a place without one. */
	assert_int_equal(vma_add(as, AT + LEN, LEN, RW, 0, &backing_anon, NULL, 0, "", NULL), OK);
	assert_int_equal(vma_add(as, AT, LEN, RW, 0, &backing_anon, NULL, 0, "the first", NULL), OK);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(put(AT + i % 2 * PAGE_SIZE, 1), FAULT_FIXED);
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(vma_unmap(as, AT, LEN), OK);
		snprintf(name, sizeof(name), "name %u", i);
		assert_int_equal(vma_add(as, AT, LEN, RW, 0, &backing_anon, NULL, 0, name, NULL), OK);
		assert_string_equal(container_of(as->vmas.next, struct vma, link)->name, name);
	}
	assert_string_equal(fault_recent(0)->vma_name, "the first");
	end_space(as);
}

int main(void)
{
	static const struct named_world_test tests[] = {
		{ "both paths do the same", both_paths_do_the_same },
		{ "both paths do the same with fault-around", both_paths_with_fault_around },
		{ "pages of objects are fast", pages_of_objects_are_fast },
		{ "a copy after fork is fast", a_copy_after_fork_is_fast },
		{ "a table that was freed is not used", a_table_that_was_freed_is_not_used },
		{ "a directory that was freed is not read", a_directory_that_was_freed_is_not_read },
		{ "a record keeps the name of its VMA", a_record_keeps_the_name_of_its_vma },
	};

	return world_run("fast path", tests, ARRAY_LEN(tests));
}
