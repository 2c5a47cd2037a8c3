/* tests/host/mm/test_space_model.c - random lives of address spaces against a dictionary of pages.
 * SPDX-License-Identifier: MIT
 */
#include "lib/string.h"
#include "mm/backing/file.h"
#include "mm/phys/direct.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "mm/space/fork.h"
#include "mm/space/remote.h"
#include "mm/space/share.h"
#include "mm/space/zap.h"
#include "tests/host/mm/disk.h"
#include "tests/host/mm/life.h"

static struct life lives[SPACES];
static bool with_shared;          /* VMAs with VMA_SHARED too: fork() shares no table with such a VMA */
static uint32_t section_word[OBJ][WORDS];
static struct file file;
static struct section *section;
static unsigned current;

static uint32_t file_word(unsigned index, unsigned w)
{
	uint32_t v = 0;

	if (index * PAGE_SIZE + offset_of[w] + 4 <= file.size)
		memcpy(&v, (char *)phys_to_virt(file.data) + index * PAGE_SIZE + offset_of[w], 4);
	return v;
}

static uint32_t *word_of(struct page *p, unsigned w)
{
	static uint32_t shown;

	if (p->own)
		return &p->word[w];
	if (p->what == SECTION || p->what == COPIED)
		return &section_word[p->index][w];
	shown = p->what == FILE_ ? file_word(p->index, w) : 0;
	return &shown;
}

static void make_own(struct page *p)
{
	for (unsigned w = 0; w < WORDS && !p->own; w++)
		p->word[w] = *word_of(p, w);
	p->own = true;
}

/* ---- operations ---- */

static void pick_range(unsigned *first, unsigned *n)
{
	*first = below(PAGES);
	*n = 1 + below(below(3) ? 6 : AREA);
	if (*n > AREA - *first % AREA)
		*n = AREA - *first % AREA;
}

static void do_map(struct life *l)
{
	static const struct backing *const backings[] = {
		[ANON] = &backing_anon, [FILE_] = &backing_file, [SECTION] = &backing_section,
		[COPIED] = &backing_section, [GUARD] = &backing_anon,
	};
	static const unsigned limit[] = { [FILE_] = FILE_PAGES, [SECTION] = OBJ, [COPIED] = OBJ };
	unsigned first, n, flags = 0, taken = 0, at = below(4);
	enum what any = (enum what)(ANON + below(5)), what = any == SECTION && !with_shared ? ANON : any;
	void *object = what == FILE_ ? (void *)&file : what == SECTION || what == COPIED ? (void *)section : NULL;
	prot_t prot = pick_prot();
	err_t err;

	pick_range(&first, &n);
	if (object && n > limit[what] - at)
		n = limit[what] - at;
	flags = what == SECTION ? VMA_SHARED : what == GUARD ? VMA_GUARD : 0;
	for (unsigned i = 0; i < n; i++)
		taken += l->page[first + i].what != NOTHING;
	err = vma_add(l->as, va_of(first), n * PAGE_SIZE, prot, flags, backings[what], object, at * PAGE_SIZE, "x",
	              NULL);
	if (err == ERR_NO_MEMORY)
		return;
	assert_int_equal(err, taken ? ERR_EXISTS : OK);
	for (unsigned i = 0; err == OK && i < n; i++)
		l->page[first + i] = (struct page){ .what = what, .prot = prot, .index = at + i };
}

static void do_unmap(struct life *l)
{
	unsigned first, n;
	err_t err;

	pick_range(&first, &n);
	err = vma_unmap(l->as, va_of(first), n * PAGE_SIZE);
	if (err == ERR_NO_MEMORY)
		return;
	assert_int_equal(err, OK);
	memset(&l->page[first], 0, n * sizeof(l->page[0]));
}

static void do_protect(struct life *l)
{
	unsigned first, n, holes = 0;
	prot_t prot = pick_prot();
	err_t err;

	pick_range(&first, &n);
	for (unsigned i = 0; i < n; i++)
		holes += l->page[first + i].what == NOTHING;
	err = vma_protect(l->as, va_of(first), n * PAGE_SIZE, prot);
	if (err == ERR_NO_MEMORY)
		return;
	assert_int_equal(err, holes ? ERR_NOT_FOUND : OK);
	for (unsigned i = 0; err == OK && i < n; i++)
		if (l->page[first + i].what != GUARD)
			l->page[first + i].prot = prot;
}

static void do_zap(struct life *l)
{
	unsigned first, n;

	pick_range(&first, &n);
	if (vma_discard(l->as, va_of(first), n * PAGE_SIZE) != OK) {
		assert_true(world_failures);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		l->page[first + i].own = false;
}

static void do_fork(struct life *l)
{
	struct life *child = &lives[below(SPACES)];
	err_t err;

	if (child->as)
		return;
	if (aspace_create("child", &child->as) != OK) {
		child->as = NULL;
		return;
	}
	err = aspace_fork(l->as, child->as);
	if (err != OK) {
		assert_int_equal(err, ERR_NO_MEMORY);
		aspace_destroy(child->as);
		child->as = NULL;
		return;
	}
	memcpy(child->page, l->page, sizeof(l->page));
}

static void do_destroy(void)
{
	struct life *l = &lives[below(SPACES)];

	if (!l->as || l->as == current_aspace)
		return;
	aspace_destroy(l->as);
	memset(l, 0, sizeof(*l));
}

static void do_switch(void)
{
	unsigned next = below(SPACES);

	if (!lives[next].as)
		return;
	current = next;
	aspace_load(lives[next].as);
}

static enum fault_result expected(const struct page *p, enum access access)
{
	static const prot_t need[] = { [ACCESS_READ] = PROT_R, [ACCESS_WRITE] = PROT_W, [ACCESS_EXECUTE] = PROT_X };

	if (p->what == NOTHING)
		return FAULT_NO_VMA;
	return p->what == GUARD || !(p->prot & need[access]) ? FAULT_DENIED : FAULT_FIXED;
}

static void do_access(struct life *l)
{
	unsigned i = below(PAGES), w = below(WORDS);
	struct page *p = &l->page[i];
	enum access access = (enum access)below(3);
	bool user = access == ACCESS_EXECUTE || below(4) || !(p->prot & PROT_R);
	uint32_t value = rnd(), wrote = value;
	enum fault_result want = expected(p, access), is;

	/* Where the CPU cannot forbid execution, what is mapped may be executed. */
	if (access == ACCESS_EXECUTE && !(world->format->caps & PT_HAS_NX))
		access = ACCESS_READ, want = expected(p, access);
	is = cpu_access(va_of(i) + offset_of[w], access, user, &value);
	if (is == FAULT_NO_MEMORY && world_failures)
		return;
	if (is != want)
		fail_msg("%s: page %u what %d prot %x access %d: %s, not %s", world->name, i, p->what, p->prot, access,
		         fault_result_text(is), fault_result_text(want));
	if (is != FAULT_FIXED)
		return;
	if (access == ACCESS_WRITE) {
		if (p->what != SECTION)
			make_own(p);
		*word_of(p, w) = wrote;
	} else if (value != *word_of(p, w)) {
		fail_msg("%s: page %u what %d own %d holds %x, not %x", world->name, i, p->what, p->own, value,
		         *word_of(p, w));
	}
}

/* exec and debuggers write into spaces that may not be loaded, into pages that may be read-only. */
static void do_remote(void)
{
	struct life *l = &lives[below(SPACES)];
	unsigned i = below(PAGES), w = below(WORDS);
	uint32_t value = rnd();
	struct page *p = &l->page[i];
	err_t err;

	if (!l->as)
		return;
	err = aspace_write(l->as, va_of(i) + offset_of[w], &value, 4);
	if (err == ERR_NO_MEMORY && world_failures)
		return;
	if (p->what == NOTHING || p->what == GUARD) {
		assert_int_equal(err, p->what == NOTHING ? ERR_NOT_FOUND : ERR_INVALID);
		return;
	}
	assert_int_equal(err, OK);
	if (p->what != SECTION)
		make_own(p);
	*word_of(p, w) = value;
}

/* ---- what must hold at any time, read from the tables by the CPU's walk ---- */

static uint32_t maps[4096];
static unsigned shared_pages;

static const struct pt_mode *mode_of(void)
{
	return kernel_aspace.space.half[0].mode;
}

/* Its entry says where it is, with the protection of its VMA. That it still has its contents shows at the next access. */
static bool is_paged_out(const struct aspace *as, unsigned i, prot_t prot)
{
	struct pt_slot slot;
	struct pt_soft soft;

	if (pt_lookup(&as->space, va_of(i), 0, &slot) != OK || slot.kind != PT_SOFT)
		return false;
	pt_soft_decode(as->space.half[0].mode, slot.entry, &soft);
	return (soft.kind == SOFT_PAGEFILE || soft.kind == SOFT_TRANSITION) && soft.protect == pageout_protect(prot);
}

/* True if a space before shows the same entry: they share the table. */
static bool is_shown(const struct life *l, unsigned i, paddr_t entry)
{
	for (const struct life *k = lives; k < l; k++) {
		struct hw_page hw;

		if (!k->as)
			continue;
		hw = cpu_walk(k->as, va_of(i));
		if (hw.end == HW_MAPPED && hw.entry_pa[hw.entries - 1] == entry.v)
			return true;
	}
	return false;
}

static void verify_page(struct life *l, unsigned i)
{
	struct page *p = &l->page[i];
	struct hw_page hw = cpu_walk(l->as, va_of(i));
	const struct frame *f;

	if (hw.end != HW_MAPPED) {
		assert_int_equal(hw.end, HW_NOT_PRESENT);
		assert_true(!p->own || is_paged_out(l->as, i, p->prot));
		return;
	}
	assert_true(p->what != NOTHING && p->what != GUARD);
	f = frame_at(PFN(hw.pa >> PAGE_SHIFT));
	if (is_shown(l, i, PADDR(hw.entry_pa[hw.entries - 1])))
		shared_pages++;
	else
		maps[frame_index(f)]++;
	for (unsigned w = 0; w < WORDS; w++)
		assert_memory_equal((char *)phys_to_virt(PADDR(hw.pa)) + offset_of[w], word_of(p, w), 4);
	if (hw.may[HW_USER][HW_READ])
		assert_true(p->prot & PROT_R);
	if (hw.may[HW_USER][HW_WRITE] || hw.may[HW_KERNEL][HW_WRITE]) {
		assert_true(p->prot & PROT_W);
		assert_true(hw.pa >> PAGE_SHIFT != zero_frame.v);
		assert_true(p->what == SECTION || f->refs == 1u + f->busy);
		assert_true(f->stale || !frame_slot(f));
	}
	if (hw.may[HW_USER][HW_FETCH] && (world->format->caps & PT_HAS_NX))
		assert_true(p->prot & PROT_X);
}

static void verify(void)
{
	memset(maps, 0, sizeof(maps));
	for (unsigned s = 0; s < SPACES; s++)
		for (unsigned i = 0; lives[s].as && i < PAGES; i++)
			verify_page(&lives[s], i);
	for (uint32_t i = 0; i < frame_db.count; i++) {
		const struct frame *f = &frame_db.record[i];

		if (f->maps != maps[i])
			fail_msg("%s: frame %u has %u maps, not %u", world->name, i, f->maps, maps[i]);
		if (f->state == FRAME_ACTIVE)
			assert_int_equal(f->refs, maps[i] + (frame_pfn(f).v == zero_frame.v) + f->transitions + f->busy);
	}
	world_check();
}

/* ---- lives ---- */

static void begin(void)
{
	pfn_t at;

	memset(lives, 0, sizeof(lives));
	memset(section_word, 0, sizeof(section_word));
	current = 0;
	/* The file: 4 frames in a row, then nothing; its end is inside a page. */
	assert_int_equal(frame_alloc_run(2, FRAME_LOW, FRAME_KERNEL, &at), OK);
	file = (struct file){ .data = paddr_add(pfn_base(at), 24), .size = 3 * PAGE_SIZE + 1500 };
	for (unsigned i = 0; i < 4 * PAGE_SIZE; i++)
		machine_page(at)[i] = (unsigned char)(i * 7 + i / 256);
	assert_int_equal(section_open("s", OBJ * PAGE_SIZE, &section), OK);
	assert_int_equal(aspace_create("first", &lives[0].as), OK);
	/* Every right may come with every other. */
	lives[0].as->may_write_code = true;
	aspace_load(lives[0].as);
}

static void end(void)
{
	pfn_t at = pfn_of(file.data);
	uint32_t cached;

	aspace_load(&kernel_aspace);
	for (unsigned s = 0; s < SPACES; s++)
		if (lives[s].as)
			aspace_destroy(lives[s].as);
	section_put(section);
	assert_true(list_empty(&sections));
	(void)pages_release(standby_pages.count);
	cached = file.object.frames;
	assert_int_equal(file_drop(&file), cached);
	object_free(&file.object);
	frame_free_run(at, 4);
}

/* Page-out at any moment, one step at a time; the disk completes what it likes. */
static void page_out_step(void)
{
	struct life *l = &lives[below(SPACES)];

	for (unsigned i = 0; l->as && i < 8; i++)
		(void)!evict_page(l->as, va_of(below(PAGES)));
	switch (below(12)) {
	case 0: (void)pages_release(below(4)); break;
	case 1: (void)write_modified(); break;
	case 2: (void)(l->as && trim_space(l->as, below(20))); break;
	case 3: (void)page_io_finish(); break;
	case 4: disk_run(below(3)); break;
	case 5: (void)sweep_objects(below(4)); break;
	}
	for (unsigned i = 0; i < 4; i++)
		do_access(&lives[current]);
}

static void step(void)
{
	unsigned op = below(100);
	struct life *l = &lives[current];

	if (op < 5)
		do_map(l);
	else if (op < 8)
		do_unmap(l);
	else if (op < 12)
		do_protect(l);
	else if (op < 13)
		do_zap(l);
	else if (op < 15)
		do_fork(l);
	else if (op < 16)
		do_destroy();
	else if (op < 18)
		do_switch();
	else if (op < 22)
		do_remote();
	else
		do_access(l);
}

static void live_once(bool failing, bool paging)
{
	begin();
	for (unsigned i = 0; i < STEPS; i++) {
		world_failures = 0;
		if (failing && below(3) == 0)
			world_fail_after = below(4);
		step();
		if (!with_shared && i % 8 == 0) {
			do_destroy();
			do_fork(&lives[current]);
		}
		if (paging)
			page_out_step();
		world_fail_after = -1;
		if (i % 5 == 0)
			frame_zero_some(below(3));
		if (i % 8 == 0)
			verify();
	}
	end();
}

static void live(bool failing, bool paging)
{
	unsigned before = share_least;

	with_shared = true;
	live_once(failing, paging);
	with_shared = false;
	share_least = 1 + below(3);
	shared_pages = 0;
	live_once(failing, paging);
	share_least = before;
	if (share_is_possible(mode_of()))
		assert_true(shared_pages > 0);
	else
		assert_int_equal(shared_pages, 0);
}

static void a_random_life(void)
{
	live(false, false);
}

static void a_life_short_of_memory(void)
{
	live(true, false);
}

static void a_life_with_a_page_file(void)
{
	disk_start();
	live(false, true);
	disk_stop();
	assert_true(disk_reads > 100 && disk_writes > 100 && reclaim_counts.soft > 50 && reclaim_counts.released > 50);
	disk_reads = disk_writes = 0;
	reclaim_counts = (struct reclaim_counts){ .soft = 0 };
}

static void a_life_short_of_memory_with_a_page_file(void)
{
	disk_start();
	live(true, true);
	disk_stop();
}

int main(void)
{
	static const struct named_world_test tests[] = {
		{ "a random life", a_random_life }, { "a life short of memory", a_life_short_of_memory },
		{ "a life with a page file", a_life_with_a_page_file },
		{ "a life short of memory with a page file", a_life_short_of_memory_with_a_page_file },
	};

	return world_run("address spaces", tests, ARRAY_LEN(tests));
}
