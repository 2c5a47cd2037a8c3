/* tests/host/mm/world.c - the machine for address spaces: its kinds, its kernel root, its end.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/mm/world.h"
#include "mm/phys/direct.h"
#include "mm/phys/env.h"
#include "mm/phys/heap.h"
#include "mm/phys/kmap.h"
#include "mm/space/rmap.h"

#define FIRST_FRAME 0x100
#define FRAMES      2048

static const struct world_layout layout32 = {
	0xC0000000, 0xC0000000, 0xF8000000, 0xFE000000, 0xFE000000, 0xFE200000, 0xFF000000, 0xFF800000,
};
static const struct world_layout layout_arm = {
	0xC0000000, 0xC0000000, 0xF0000000, 0xF8000000, 0xF8000000, 0xF8200000, 0xF9000000, 0xF9800000,
};
static const struct world_layout layout64 = {
	0x0000800000000000, 0xFFFF880000000000, 0xFFFFC90000000000, 0xFFFFE90000000000,
	0xFFFFF80000000000, 0xFFFFF80000200000, 0xFFFFF80040000000, 0xFFFFF80044000000,
};
const struct world_layout *world_layout = &layout32;

#define X86_MODE(lv, bits) .pa_bits = (bits), .levels = (lv), .pse = true, .pge = true, .wp = true, \
	.hw_accessed = true, .hw_dirty = true
#define ARM_MAIR 0xBB4404FF
const struct world_kind world_kinds[] = {
	{ "legacy", &pt_legacy, &layout32, 0xFFC00000, { X86_MODE(2, 32) },
	  { .tables = HW_32BIT, .levels = 2, .maxphyaddr = 32, .pse = true } },
	{ "pae", &pt_pae, &layout32, 0xFF800000, { X86_MODE(3, 36), .nx = true },
	  { .tables = HW_PAE, .levels = 3, .maxphyaddr = 36, .pse = true, .nxe = true } },
	{ "x64", &pt_x64, &layout64, 0xFFFFF68000000000, { X86_MODE(4, 40), .nx = true, .gib_pages = true },
	  { .tables = HW_IA32E, .levels = 4, .maxphyaddr = 40, .pse = true, .nxe = true, .page1gb = true } },
	{ "la57", &pt_la57, &layout64, 0xFFED000000000000, { X86_MODE(5, 46), .nx = true },
	  { .tables = HW_IA32E, .levels = 5, .maxphyaddr = 46, .pse = true, .nxe = true } },
	{ "short", &pt_short, &layout_arm, 0,
	  { .pa_bits = 40, .levels = 2, .nx = true, .wp = true, .afe = true, .pxn = true, .dacr = 5,
	    .user_end = 0xC0000000 },
	  { .tables = HW_ARM_SHORT, .levels = 2, .maxphyaddr = 40, .afe = true, .pxn = true, .dacr = 5 } },
	{ "lpae", &pt_lpae, &layout_arm, 0, { .pa_bits = 40, .levels = 3, .nx = true, .wp = true, .mair = ARM_MAIR },
	  { .tables = HW_ARM_LONG, .levels = 3, .maxphyaddr = 40, .mair = ARM_MAIR } },
};
const unsigned world_kind_count = ARRAY_LEN(world_kinds);
const struct world_kind *world;

static struct pt_mode mode;
static uint32_t free_before;

struct pt_mode *arch_pt_mode(void)
{
	return &mode;
}

uint64_t arch_selfmap_base(void)
{
	return world->selfmap;
}

void arch_page_zero(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

void arch_page_copy(void *to, const void *from)
{
	memcpy(to, from, PAGE_SIZE);
}

void arch_flush_icache(const void *page)
{
	(void)page;
}

/* ---- the kernel's part, as mm_init() makes it ---- */

static void ensure(uint64_t va, unsigned level)
{
	paddr_t at;

	assert_int_equal(pt_ensure(&kernel_aspace.space, va, level, NULL, &at), OK);
}

static void make_kernel(void)
{
	const struct pt_format *f = mode.format;
	uint64_t step = pt_level_size(f, f->shared_level);
	paddr_t root;

	assert_int_equal(mm_env.table_alloc(NULL, pt_table_bytes(f, mode.levels - 1u), &root), OK);
	list_init(&aspaces);
	current_aspace = &kernel_aspace;
	aspace_init(root);
	for (uint64_t i = 0; f == &pt_pae && i < 4; i++)
		ensure(i << 30, 1);
	assert_int_equal(pt_map(&kernel_aspace.space, DIRECT_MAP_BASE, PADDR(0), 8u << 20,
	                        PROT_R | PROT_W | PROT_GLOBAL | PROT_ACCESSED | PROT_DIRTY, 4, NULL), OK);
	if (world->selfmap)
		assert_int_equal(pt_selfmap_install(&kernel_aspace.space, world->selfmap, NULL), OK);
	for (uint64_t va = KMAP_START; va >= KMAP_START && va < KSTACK_END; va += step)
		ensure(va, f->shared_level - 1u);
	assert_int_equal(kmap_init(&kernel_aspace.space), OK);
	arch_mmu_load_root(root);
}

/* Takes down every table, each by its one name. */
static void free_tables(paddr_t table, unsigned level, uint64_t va)
{
	const struct pt_format *f = mode.format;

	for (unsigned i = 0; level > 0 && i < pt_level_entries(f, level); i++) {
		uint64_t at = va + ((uint64_t)i << f->level[level].shift);
		paddr_t pa = paddr_add(table, (uint64_t)i * f->entry_bytes);
		pte_t e = PTE(0);

		memcpy(&e.v, phys_to_virt(pa), f->entry_bytes);
		if (f->kind(&mode, level, e) != PT_TABLE || pt_output(&mode, level, e, at).pa.v == table.v)
			continue;
		/* PAE's self-map names four tables that have another name as well. */
		if (f == &pt_pae && level == 1 && at >= world->selfmap)
			continue;
		free_tables(pt_output(&mode, level, e, at).pa, level - 1, at);
	}
	mm_env.table_free(NULL, table, pt_table_bytes(f, level));
}

static void shrink(void)
{
	aspace_shrink();
	for (struct slab_cache *c = slab_first(); c; c = c->next)
		slab_shrink(c);
	heap_shrink();
}

static void power_on(void)
{
	static bool on;
	const struct boot_range ram = { .base = FIRST_FRAME << PAGE_SHIFT, .len = FRAMES << PAGE_SHIFT,
	                                .type = BOOT_RANGE_RAM };
	/* A hole with records, as below 1 MiB, where there is device memory. */
	const struct boot_range beyond = { .base = (FIRST_FRAME + FRAMES + 64) << PAGE_SHIFT, .len = 16 << PAGE_SHIFT,
	                                   .type = BOOT_RANGE_RAM };
	const struct boot_range all[] = { ram, beyond };

	if (on)
		return;
	on = true;
	machine_ranges(&machine.ram, all, 2);
	machine.spare = mm_ram = machine.ram;
	machine_start(1u << 18, 32, true);
	heap_init();
}

void world_start(const struct world_kind *kind)
{
	power_on();
	world = kind;
	world_layout = kind->layout;
	mode = kind->mode;
	mode.format = kind->format;
	world_fail_after = -1;
	arch_tlb_flush_all();     /* whatever a test that failed has left */
	mm_bad_hooks = (struct mm_bad_hooks){ .bad_page = NULL };
	shrink();
	free_before = frame_available();
	/* Half of the runs read entries the slow way. */
	mm_env.linear_size = 0;
	if (rnd() & 1)
		env_open_linear(0);
	make_kernel();
	assert_int_equal(zero_frame_init(), OK);
}

void world_stop(void)
{
	world_fail_after = -1;
	if (current_aspace != &kernel_aspace)
		aspace_load(&kernel_aspace);
	world_check();
	assert_true(list_empty(&kernel_aspace.vmas));
	assert_true(kernel_aspace.link.next == &aspaces);
	assert_int_equal(frame_at(zero_frame)->refs, 1);
	assert_int_equal(frame_at(zero_frame)->maps, 0);
	frame_put(zero_frame);
	arch_tlb_flush_all();
	free_tables(kernel_aspace.space.half[0].root, mode.levels - 1u, 0);
	shrink();
	assert_int_equal(frame_available(), free_before);
	check_frames();
}

/* ---- all tests for all kinds ---- */

struct job { world_test run; const struct world_kind *kind; };

static void run_job(void **state)
{
	const struct job *job = *state;

	rnd_seed(0x1234567u + (uint32_t)(job->kind - world_kinds));
	world_start(job->kind);
	job->run();
	world_stop();
}

int world_run(const char *group, const struct named_world_test *tests, unsigned n)
{
	static struct CMUnitTest list[256];
	static struct job jobs[256];
	static char names[256][80];
	unsigned k = 0;

	for (unsigned t = 0; t < n; t++)
		for (unsigned i = 0; i < world_kind_count && k < ARRAY_LEN(list); i++, k++) {
			jobs[k] = (struct job){ tests[t].run, &world_kinds[i] };
			snprintf(names[k], sizeof(names[k]), "%s: %s", tests[t].name, world_kinds[i].name);
			list[k] = (struct CMUnitTest){ names[k], run_job, NULL, NULL, &jobs[k] };
		}
	return _cmocka_run_group_tests(group, list, k, NULL, NULL);
}
