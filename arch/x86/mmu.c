/* arch/x86/mmu.c - roots, flushes and whole pages, in both widths.
 * SPDX-License-Identifier: MIT
 */
#include "arch/x86/x86.h"
#include "hw/x86/io.h"
#include "hw/x86/regs.h"

void arch_mmu_load_root(paddr_t root)
{
	/* Set first: a double fault must not run on tables that will be freed. */
	x86_double_fault_root(root);
	write_cr3((uintptr_t)root.v);
}

paddr_t arch_mmu_root(void)
{
	paddr_t root = PADDR(0);

	(void)!pt_root_of(arch_pt_mode(), read_cr3(), &root);     /* the CPU walks it */
	return root;
}

void arch_tlb_flush_all(void)
{
	uintptr_t cr4;

	if (!arch_pt_mode()->pge) {
		write_cr3(read_cr3());
		return;
	}
	/* A load of CR3 keeps global entries; a change of CR4.PGE flushes them as well (SDM vol. 3A 4.10.4.1). */
	cr4 = read_cr4();
	write_cr4(cr4 & ~(uintptr_t)CR4_PGE);
	write_cr4(cr4);
}

void arch_flush_icache(const void *page)
{
	(void)page;    /* instruction fetches see every store (SDM vol. 3A 11.6) */
}

err_t arch_translate(uint64_t va, bool write, bool user, paddr_t *pa, uint64_t *why)
{
	(void)va;
	(void)write;
	(void)user;
	(void)pa;
	(void)why;
	return ERR_UNSUPPORTED;    /* no instruction of the CPU's answers this */
}
