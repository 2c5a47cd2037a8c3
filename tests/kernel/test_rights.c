/* tests/kernel/test_rights.c - what entries forbid the hardware forbids: write, execute, reserved bits; changes
 * take effect. SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "arch/trap.h"
#include "kernel/probe.h"
#include "mm/space/fault.h"
#include "mm/space/tlb.h"
#include "mm/space/vmalloc.h"
#include "tests/kernel/kernel_test.h"

static err_t change(uint64_t va, prot_t prot)
{
	struct tlb_batch b;
	err_t err;

	tlb_begin(&b, &kernel_aspace);
	err = pt_protect(&kernel_aspace.space, va, PAGE_SIZE, prot, &(struct pt_change){ tlb_change, &b, "test" });
	tlb_finish(&b);
	return err;
}

static const char *write_and_execute(void)
{
	const struct pt_mode *mode = arch_pt_mode();
	uint64_t va;
	void *p;

	EXPECT(vmalloc(PAGE_SIZE, PROT_R, "test", &p) == OK);
	va = (uintptr_t)p;
	EXPECT(probe_access(va, ACCESS_READ));
	EXPECT(!probe_access(va, ACCESS_WRITE) == mode->wp);
	EXPECT(!mode->wp || (fault_recent(0)->result == FAULT_DENIED && fault_recent(0)->fault.present));
	EXPECT(change(va, PROT_R | PROT_W) == OK);
	EXPECT(probe_access(va, ACCESS_WRITE));
	EXPECT(change(va, PROT_R) == OK);
	EXPECT(!probe_access(va, ACCESS_WRITE) == mode->wp);
	if (mode->nx) {
		EXPECT(!probe_access(va, ACCESS_EXECUTE));
		EXPECT(fault_recent(0)->fault.access == ACCESS_EXECUTE);
	}
	vfree(p);
	EXPECT(!probe_access(va, ACCESS_READ));
	return NULL;
}
KERNEL_TEST(rights) = { "rights", "write-protect and no-execute, with every change flushed", write_and_execute, false };

/* Kernel text may run and be read; constants may only be read; data may not run. */
static const char constant = 1;
static char data = 1;

static void nothing(void)
{
}

static const char *image(void)
{
	const struct pt_mode *mode = arch_pt_mode();

	EXPECT(probe_access((uintptr_t)&nothing, ACCESS_EXECUTE));
	EXPECT(probe_access((uintptr_t)&constant, ACCESS_READ) && probe_access((uintptr_t)&data, ACCESS_WRITE));
	if (mode->wp) {
		EXPECT(!probe_access((uintptr_t)&nothing, ACCESS_WRITE));
		EXPECT(!probe_access((uintptr_t)&constant, ACCESS_WRITE));
	}
	if (mode->nx) {
		EXPECT(!probe_access((uintptr_t)&constant, ACCESS_EXECUTE));
		EXPECT(!probe_access((uintptr_t)&data, ACCESS_EXECUTE));
	}
	EXPECT(!probe_access(0, ACCESS_READ) && !probe_access(0, ACCESS_WRITE) && !probe_access(0, ACCESS_EXECUTE));
	return NULL;
}
KERNEL_TEST(image) = { "image", "the kernel's own text, constants and data", image, false };

/* The lowest address bit that the CPU does not have; without one, no entry is malformed. */
static bool reserved_entry(pte_t good, pte_t *bad)
{
	const struct pt_mode *mode = arch_pt_mode();

	for (unsigned bit = mode->pa_bits; bit < 52 && mode->format->entry_bytes == 8; bit++) {
		*bad = PTE(good.v | (uint64_t)1 << bit);
		if (mode->format->kind(mode, 0, *bad) == PT_BAD)
			return true;
	}
	return false;
}

static const char *reserved(void)
{
	const struct pt_space *space = &kernel_aspace.space;
	bool found, read, again;
	struct pt_slot slot;
	pte_t good, bad;
	paddr_t at;
	void *p;

	EXPECT(vmalloc(PAGE_SIZE, PROT_R | PROT_W, "test", &p) == OK);
	EXPECT(pt_lookup(space, (uintptr_t)p, 0, &slot) == OK);
	at = slot.entry_pa;
	good = slot.entry;
	found = reserved_entry(good, &bad);
	if (!found) {
		vfree(p);
		return KERNEL_TEST_SKIP "no bit of this CPU's entries is reserved";
	}
	space->env->store(NULL, at, space->half[0].mode->format->entry_bytes, good, bad, "test: reserved bit");
	arch_tlb_flush_page((uintptr_t)p);
	read = probe_access((uintptr_t)p, ACCESS_READ);
	found = fault_recent(0)->result == FAULT_CORRUPT && fault_recent(0)->fault.reserved_bit;
	space->env->store(NULL, at, space->half[0].mode->format->entry_bytes, bad, good, "test: repaired");
	arch_tlb_flush_page((uintptr_t)p);
	again = probe_access((uintptr_t)p, ACCESS_READ);
	vfree(p);
	EXPECT(!read && found && again);
	return NULL;
}
KERNEL_TEST(reserved) = { "reserved", "an entry with a reserved bit faults as such", reserved, false };
