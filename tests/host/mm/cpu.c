/* tests/host/mm/cpu.c - a CPU that believes its TLB, and what must never happen behind its back.
 * SPDX-License-Identifier: MIT
 *
 * The worst behaviour that a CPU may have: it keeps every translation until a flush, and a fault does not refresh it.
 */
#include "mm/phys/direct.h"
#include "mm/space/fault.h"
#include "tests/host/mm/world.h"

#define TLB_MAX 4096

struct translation {
	uint64_t page;              /* VA >> 12 */
	struct hw_page hw;          /* as it was read */
	bool written;               /* D was set on the way */
};

static struct translation tlb[TLB_MAX];
static unsigned tlb_count;
static paddr_t root;
static uint64_t pdpte[4];       /* PAE keeps the top entries in registers */
static unsigned faults;

/* ---- what the kernel tells the CPU ---- */

void arch_mmu_load_root(paddr_t pa)
{
	unsigned kept = 0;

	root = pa;
	if (world->format == &pt_pae)
		memcpy(pdpte, phys_to_virt(pa), sizeof(pdpte));
	for (unsigned i = 0; i < tlb_count; i++)
		if (tlb[i].hw.global)
			tlb[kept++] = tlb[i];
	tlb_count = kept;
}

paddr_t arch_mmu_root(void)
{
	return root;
}

void cpu_flush_page(uint64_t va)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < tlb_count; i++)
		if (tlb[i].page != va >> PAGE_SHIFT)
			tlb[kept++] = tlb[i];
	tlb_count = kept;
}

void arch_tlb_flush_all(void)
{
	tlb_count = 0;
}

/* old must be what is there, but for A and D that the CPU has set meanwhile. */
void cpu_entry_store(void *at, unsigned bytes, uint64_t old, uint64_t new)
{
	uint64_t is = 0, ad = world->cpu.tables <= HW_IA32E ? 0x60 : 0;

	memcpy(&is, at, bytes);
	assert_int_equal(is | ad, old | ad);
	memcpy(at, &new, bytes);
}

void arch_entries_store(void *at, unsigned bytes, const void *new, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		memcpy((char *)at + i * bytes, new ? (const char *)new + i * bytes : (const char *)&(uint64_t){ 0 }, bytes);
}

/* ---- the walk ---- */

static bool read_memory(void *ctx, uint64_t pa, unsigned bytes, uint64_t *value)
{
	(void)ctx;
	*value = 0;
	if (!frame_at(PFN(pa >> PAGE_SHIFT)))
		return false;
	memcpy(value, phys_to_virt(PADDR(pa)), bytes);
	return true;
}

struct hw_page cpu_walk(const struct aspace *as, uint64_t va)
{
	return hw_walk(&world->cpu, read_memory, NULL, as->space.half[0].root.v, va);
}

/* SDM 4.8: A in every entry used, D in the leaf that was written through. */
static void set_flags(const struct hw_page *hw, bool write)
{
	for (unsigned i = 0; i < hw->entries && world->cpu.tables <= HW_IA32E; i++) {
		uint8_t *low = phys_to_virt(PADDR(hw->entry_pa[i]));

		if (world->format == &pt_pae && i == 0)
			continue;
		*low |= 0x20 | (write && i + 1 == hw->entries ? 0x40 : 0);
	}
}

static struct translation *lookup(uint64_t va)
{
	for (unsigned i = 0; i < tlb_count; i++)
		if (tlb[i].page == va >> PAGE_SHIFT)
			return &tlb[i];
	return NULL;
}

static struct translation *translate(uint64_t va, struct hw_page *hw)
{
	struct translation *t = lookup(va);

	if (t)
		return t;
	if (world->format == &pt_pae)
		assert_memory_equal(pdpte, phys_to_virt(root), sizeof(pdpte));
	*hw = hw_walk(&world->cpu, read_memory, NULL, root.v, va);
	if (hw->end != HW_MAPPED || !hw->accessed) {
		if (hw->end != HW_MAPPED || world->cpu.tables > HW_IA32E)
			return NULL;
	}
	assert_true(tlb_count < TLB_MAX);
	t = &tlb[tlb_count++];
	*t = (struct translation){ .page = va >> PAGE_SHIFT, .hw = *hw };
	t->hw.pa &= ~(uint64_t)PAGE_MASK;
	return t;
}

static bool use(struct translation *t, uint64_t va, enum access access, bool user, uint32_t *value)
{
	static const int what[] = { [ACCESS_READ] = HW_READ, [ACCESS_WRITE] = HW_WRITE, [ACCESS_EXECUTE] = HW_FETCH };
	void *at;

	if (!t->hw.may[user ? HW_USER : HW_KERNEL][what[access]])
		return false;
	if (access != ACCESS_WRITE || !t->written)
		set_flags(&t->hw, access == ACCESS_WRITE);
	t->written |= access == ACCESS_WRITE;
	if (!frame_at(PFN(t->hw.pa >> PAGE_SHIFT)))
		return true;        /* a device */
	at = phys_to_virt(PADDR(t->hw.pa | (va & PAGE_MASK)));
	if (access == ACCESS_WRITE)
		memcpy(at, value, sizeof(*value));
	else
		memcpy(value, at, sizeof(*value));
	return true;
}

bool cpu_is_fast = true;
uint64_t cpu_fast_faults;

/* Not while an allocation is to fail: mm_fault() would then repeat it with success. */
static bool take_fast_path(const struct fault *fault)
{
	struct fault *place = fault_place();

	if (!cpu_is_fast || !fault->from_user || world_fail_after >= 0)
		return false;
	*place = *fault;
	if (!fault_fast(current_aspace, place))
		return false;
	cpu_fast_faults++;
	return true;
}

enum fault_result cpu_access(uint64_t va, enum access access, bool user, uint32_t *value)
{
	for (faults = 0; faults < 6; faults++) {
		struct hw_page hw = { .end = HW_MAPPED };
		struct translation *t = translate(va, &hw);
		struct vm_fault f;
		enum fault_result result;

		if (t && use(t, va, access, user, value))
			return FAULT_FIXED;
		f.fault = (struct fault){
			.va = va, .pc = 0x1000, .access = access, .from_user = user,
			.present = hw.end == HW_MAPPED, .reserved_bit = hw.end == HW_RESERVED,
		};
		if (take_fast_path(&f.fault))
			continue;
		f.may_sleep = user;
		result = mm_fault(current_aspace, &f);
		if (result != FAULT_FIXED)
			return result;
	}
	fail_msg("%s: va %llx faults endlessly", world->name, (unsigned long long)va);
	return FAULT_CORRUPT;
}

unsigned cpu_faults(void)
{
	return faults;
}

/* ---- what must not happen behind its back ---- */

bool tlb_holds_frame(uint64_t pfn)
{
	for (unsigned i = 0; i < tlb_count; i++) {
		if (tlb[i].hw.pa >> PAGE_SHIFT == pfn)
			return true;
		for (unsigned e = 0; e < tlb[i].hw.entries; e++)
			if (tlb[i].hw.entry_pa[e] >> PAGE_SHIFT == pfn)
				return true;
	}
	return false;
}

static void check_freed(uint64_t pfn)
{
	if (frame_at(PFN(pfn)) && frame_at(PFN(pfn))->refs == 1 && tlb_holds_frame(pfn))
		fail_msg("%s: frame %llx is freed before the TLB has forgotten it", world->name,
		         (unsigned long long)pfn);
}

/* The TLB allows nothing that the tables do not. */
static void check_tlb(void)
{
	for (unsigned i = 0; i < tlb_count; i++) {
		const struct translation *t = &tlb[i];
		uint64_t va = t->page << PAGE_SHIFT;
		struct hw_page now = hw_walk(&world->cpu, read_memory, NULL, root.v, va);
		bool same = now.end == HW_MAPPED && (now.pa & ~(uint64_t)PAGE_MASK) == t->hw.pa;

		for (unsigned n = 0; same && n < 6; n++)
			same = now.may[n / 3][n % 3] || !t->hw.may[n / 3][n % 3];
		if (!same)
			fail_msg("%s: stale translation of %llx", world->name, (unsigned long long)va);
	}
}

void world_check(void)
{
	const char *wrong = mm_check();

	if (wrong)
		fail_msg("%s: %s", world->name, wrong);
	check_tlb();
}

/* ---- the allocator that fails, and the eye on frees (the linker's --wrap) ---- */

long world_fail_after = -1;
unsigned world_failures;
bool __real_frame_put(pfn_t pfn);
bool __wrap_frame_put(pfn_t pfn);
void __real_frame_free_run(pfn_t first, unsigned count);
void __wrap_frame_free_run(pfn_t first, unsigned count);
err_t __real_frame_alloc(unsigned flags, enum frame_state state, pfn_t *out);
err_t __wrap_frame_alloc(unsigned flags, enum frame_state state, pfn_t *out);
err_t __real_frame_alloc_run(unsigned order, unsigned flags, enum frame_state state, pfn_t *out);
err_t __wrap_frame_alloc_run(unsigned order, unsigned flags, enum frame_state state, pfn_t *out);

static bool refuses(void)
{
	bool now = world_fail_after == 0;

	if (world_fail_after >= 0)
		world_fail_after--;
	world_failures += now;
	return now;
}

bool __wrap_frame_put(pfn_t pfn)
{
	check_freed(pfn.v);
	return __real_frame_put(pfn);
}

void __wrap_frame_free_run(pfn_t first, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		check_freed(first.v + i);
	__real_frame_free_run(first, count);
}

err_t __wrap_frame_alloc(unsigned flags, enum frame_state state, pfn_t *out)
{
	return refuses() ? ERR_NO_MEMORY : __real_frame_alloc(flags, state, out);
}

err_t __wrap_frame_alloc_run(unsigned order, unsigned flags, enum frame_state state, pfn_t *out)
{
	return refuses() ? ERR_NO_MEMORY : __real_frame_alloc_run(order, flags, state, out);
}
